from __future__ import annotations

import pytest

from wane.diagnose.concentration import concentrated
from wane.diagnose.segment import SegmentChange


def segment(
    name: str,
    reference: float | None,
    value: float | None,
    *,
    rows: int = 1_000,
    margin: float | None = 0.02,
    metric: str = "accuracy",
) -> SegmentChange:
    ends = (None, None) if value is None or margin is None else (value - margin, value + margin)
    return SegmentChange(name, rows, metric, reference, value, *ends)


EAST = segment("site=east", 0.93, 0.78)
WEST = segment("site=west", 0.93, 0.93, rows=2_000)
NORTH = segment("site=north", 0.94, 0.91, rows=1_000)


def test_the_segment_with_most_of_the_loss_is_named() -> None:
    found = concentrated([EAST, WEST, NORTH])
    assert found is not None
    assert (found.segment, found.metric) == ("site=east", "accuracy")
    assert (found.value, found.reference) == (0.78, 0.93)
    assert found.elsewhere == pytest.approx((2_000 * 0.93 + 1_000 * 0.91) / 3_000)
    # the others lost 0.03 in a third of their rows
    assert found.excess == pytest.approx(0.15 - 0.01)


def test_errors_rise() -> None:
    east = segment("site=east", 2.0, 3.0, margin=0.1, metric="mae")
    found = concentrated([segment("site=west", 2.0, 2.0, metric="mae"), east])
    assert found is not None
    assert found.segment == "site=east"
    assert concentrated([segment("site=west", 2.0, 2.0), segment("site=east", 2.0, 3.0)]) is None


@pytest.mark.parametrize(
    "segments",
    [
        (),
        (EAST,),
        (segment("site=east", 0.93, 0.90), NORTH, segment("site=south", 0.93, 0.90)),
        (segment("site=east", 0.93, 0.98), segment("site=west", 0.93, 0.97)),
        (segment("site=east", None, 0.78), WEST),
        (segment("site=east", 0.93, None), WEST),
        (segment("site=east", 0.93, 0.78, margin=0.16), WEST),
        (segment("site=east", 0.93, 0.2, rows=19), WEST),
        (segment("site=east", 0.93, 0.78), segment("site=west", None, None)),
    ],
    ids=[
        "no segments",
        "nothing to compare with",
        "spread out",
        "no loss",
        "no reference",
        "no value",
        "within the noise",
        "too few rows",
        "the others unknown",
    ],
)
def test_nothing_is_named(segments: tuple[SegmentChange, ...]) -> None:
    assert concentrated(segments) is None


def test_a_segment_that_was_always_worse_has_not_lost_more() -> None:
    """It holds most of the loss only because it holds most of the rows."""
    large = segment("site=east", 0.75, 0.70, rows=9_000, margin=0.01)
    small = segment("site=west", 0.95, 0.90, margin=0.02)
    assert concentrated([large, small]) is None


def test_of_two_columns_the_one_that_parts_the_loss_best() -> None:
    web = segment("channel=web", 0.93, 0.88, rows=3_000, margin=0.01)
    branch = segment("channel=branch", 0.93, 0.93, margin=0.02)
    for order in ([web, branch, EAST, WEST], [EAST, WEST, web, branch]):
        found = concentrated(order)
        assert found is not None
        assert found.segment == "site=east"


def test_without_an_interval_the_value_counts() -> None:
    found = concentrated([segment("site=east", 0.93, 0.78, margin=None), WEST])
    assert found is not None
    assert found.segment == "site=east"
