from __future__ import annotations

from dataclasses import replace

from report.build_result import declining
from wane.diagnose.reliability import Reliability, ReliabilityBin
from wane.report import html
from wane.report.reliability import finding, reliability_card

FAIR = ReliabilityBin(score=0.5, positive=0.52, low=0.45, high=0.58, n=200)
PROUD = ReliabilityBin(score=0.9, positive=0.6, low=0.55, high=0.65, n=300)
SHY = ReliabilityBin(score=0.1, positive=0.3, low=0.25, high=0.35, n=100)
FEW = ReliabilityBin(score=0.9, positive=0.0, low=0.0, high=0.3, n=9)


def test_the_finding_is_where_most_rows_are_furthest_off() -> None:
    assert finding(Reliability((FAIR,), ())) == "Scores mean what they say"
    assert finding(Reliability((FAIR, FEW), ())) == "Scores mean what they say"
    told = finding(Reliability((SHY, FAIR, PROUD), ()))
    assert told == "Scores are too high: where they say 90\xa0%, 60\xa0% turn out positive"
    told = finding(Reliability((SHY, FAIR), ()))
    assert told == "Scores are too low: where they say 10\xa0%, 30\xa0% turn out positive"


def test_the_card_shows_every_bin_and_the_reference_beside_it() -> None:
    result = replace(declining(), reliability=Reliability((SHY, FAIR, PROUD), (FAIR,)))
    card = reliability_card(result)
    assert card is not None
    assert [row.positive for row in card.rows] == ["30\xa0%", "52\xa0%", "60\xa0%"]
    assert [row.reference for row in card.rows] == ["", "52\xa0%", ""]
    assert card.drawing.count("<circle") == 3
    assert "refcurve" in card.drawing
    text = html.render(result)
    assert "Scores are too high" in text
    assert html.render(replace(result, reliability=None)).count("reliability") < text.count(
        "reliability"
    )


def test_without_scores_there_is_no_card() -> None:
    assert reliability_card(declining()) is None
