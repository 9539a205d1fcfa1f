from report.build_result import bars
from report.drawing import parse
from wane.diagnose.change import Bar
from wane.report import histogram


def parts(drawn: str) -> dict[str, str]:
    return {found.get("class", ""): found.get("d", "") for found in parse(drawn)}


def test_current_is_filled_and_reference_is_an_outline() -> None:
    drawn = histogram.draw(bars(0.5), "distribution of income")
    assert drawn is not None
    found = parts(drawn)
    assert found["cur"].count("z") == 16
    assert "z" not in found["ref"]
    assert 'aria-label="distribution of income"' in drawn


def test_without_reference_there_is_no_outline() -> None:
    drawn = histogram.draw(bars(0.5, with_reference=False))
    assert drawn is not None
    assert set(parts(drawn)) == {"cur"}
    assert 'aria-hidden="true"' in drawn


def test_nothing_to_draw_is_none() -> None:
    assert histogram.draw(()) is None
    assert histogram.draw((Bar("a", 1.0, 0.0, 0.0),)) is None


def test_heights_are_shares_per_width_and_stay_inside() -> None:
    drawn = histogram.draw((Bar("a", 0.9, 0.5, 0.5), Bar("b", 0.1, 0.5, 0.5)))
    assert drawn is not None
    heights = [float(part.split("h")[0]) for part in parts(drawn)["cur"].split("v-")[1:]]
    assert heights[1] > heights[0]
    assert max(heights) <= histogram.HEIGHT


def test_what_is_there_at_all_can_be_seen() -> None:
    drawn = histogram.draw((Bar("a", 0.5, 1.0, 0.99999), Bar("b", 0.5, 0.0, 0.00001)))
    assert drawn is not None
    assert parts(drawn)["cur"].count("z") == 2
