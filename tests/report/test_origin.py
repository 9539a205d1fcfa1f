from __future__ import annotations

from dataclasses import replace

import pytest

from report import build_result as build
from report.drawing import parse
from wane.diagnose.decomposition import Decomposition, Estimate
from wane.report import text
from wane.report.numbers import DASH
from wane.report.origin import MOST, origin
from wane.report.scale import Linear
from wane.report.two_bars import EDGE, WIDTH, draw

APART = build.taken_apart().decomposition


def test_how_much_came_from_where() -> None:
    found = origin(build.taken_apart())
    assert found is not None
    assert found.title == (
        "Accuracy changed by \u22120.051: \u22120.045 as the same scores are answered otherwise, "
        "\u22120.006 as other scores come"
    )
    assert len(found.rows) == 1 + MOST
    assert (found.rows[0].name, found.rows[0].role) == ("score", "by score")
    assert (found.rows[1].mix, found.rows[1].rates) == (
        "\u22120.012 ±0.004",
        "\u22120.039 ±0.004",
    )
    assert found.notes == (
        (
            "That the same scores are answered otherwise is no chance (z \u221222.05): "
            "inputs alone do not explain it."
        ),
        "No single column explains the change by what comes in.",
        "By the labelled rows of both sides, before and now: 20,000 and 14,120.",
    )
    assert found.map_title == "How rows are answered by channel"
    assert [(row.label, row.now) for row in found.map][2] == ("(other)", DASH)


def test_a_column_that_explains_it_is_named() -> None:
    assert APART is not None
    first, *others = APART.columns
    mixed = replace(first, mix=Estimate(-0.04, -0.045, -0.035))
    result = build.taken_apart()
    changed = replace(APART, columns=(mixed, *others))
    found = origin(replace(result, decomposition=changed))
    assert found is not None
    assert "What comes by channel alone would make up most of the change." in found.notes


@pytest.mark.parametrize(
    "decomposition", [None, Decomposition("accuracy", reason="no labels"), Decomposition("mae")]
)
def test_nothing_to_show(decomposition: Decomposition | None) -> None:
    assert origin(replace(build.declining(), decomposition=decomposition)) is None


def test_a_change_that_is_chance_is_not_shown() -> None:
    assert APART is not None
    assert APART.score is not None
    nothing = Estimate(0.001, -0.004, 0.006)
    quiet = replace(APART.score, mix=nothing, rates=nothing)
    still = replace(APART, score=quiet, columns=(quiet,))
    assert origin(replace(build.declining(), decomposition=still)) is None


def test_it_is_told_in_text() -> None:
    told = " ".join(text.render(build.taken_apart()).split())
    assert "Accuracy changed by -0.051" in told or "Accuracy changed by \u22120.051" in told


def test_bars_begin_at_zero_and_stay_inside() -> None:
    scale = Linear(-0.1, 0.1, EDGE, WIDTH - EDGE)
    root = parse(draw(Estimate(-0.05, -0.2, 0.1), Estimate(0.02, 0.01, 0.03), scale, "a change"))
    left, right = (part for part in root.iter("rect"))
    middle = WIDTH / 2
    assert float(left.get("x", "")) + float(left.get("width", "")) == pytest.approx(middle)
    assert float(right.get("x", "")) == pytest.approx(middle)
    assert float(left.get("x", "")) > EDGE
