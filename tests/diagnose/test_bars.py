from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.compared import changes

if TYPE_CHECKING:
    from wane.diagnose.change import Bar

RNG = np.random.default_rng(11)
NORMAL = RNG.normal(0, 1, 2000)
CHANNELS = RNG.choice(["web", "mobile", "branch"], 2000, p=[0.5, 0.3, 0.2])


def bars_of(reference: object, current: object) -> tuple[Bar, ...]:
    return changes({"x": reference}, {"x": current})["x"].bars


def assert_shares(bars: tuple[Bar, ...]) -> None:
    assert sum(bar.width for bar in bars) == pytest.approx(1)
    assert sum(bar.current for bar in bars) == pytest.approx(1)
    before = [bar.reference for bar in bars if bar.reference is not None]
    assert len(before) in (0, len(bars))
    assert not before or sum(before) == pytest.approx(1)
    assert all(0 <= bar.current <= 1 for bar in bars)


def _sides(bars: tuple[Bar, ...]) -> list[tuple[float | None, float]]:
    return [(bar.reference, bar.current) for bar in bars]


def test_numbers_are_bars_of_equal_width() -> None:
    bars = bars_of(NORMAL, NORMAL + 1)
    assert_shares(bars)
    assert len(bars) == 20
    before, now = (np.array([s or 0.0 for s in side]) for side in zip(*_sides(bars), strict=True))
    assert np.argmax(now) > np.argmax(before)


def test_categories_are_bars_by_name() -> None:
    bars = bars_of(CHANNELS, np.where(NORMAL > 0, "web", "fax"))
    assert_shares(bars)
    shown = {bar.label: bar for bar in bars}
    assert shown["mobile"].reference == pytest.approx(np.mean(CHANNELS == "mobile"))
    assert shown["mobile"].current == shown["(other)"].reference == 0
    assert shown["(other)"].current == pytest.approx(np.mean(NORMAL <= 0))


def test_many_categories_are_pooled() -> None:
    many = RNG.choice([f"shop {i}" for i in range(60)], 2000)
    bars = bars_of(many, many)
    assert_shares(bars)
    assert len(bars) == 9
    assert bars[-1].label == "(other)"


def test_missing_values_are_the_last_bar() -> None:
    gappy = [None if i % 4 == 0 else float(v) for i, v in enumerate(NORMAL)]
    for reference, current in ((NORMAL, gappy), (gappy, NORMAL)):
        bars = bars_of(reference, current)
        assert_shares(bars)
        assert bars[-1].label == "(missing)"
    assert (bars[-1].reference, bars[-1].current) == (0.25, 0.0)


def test_a_constant_is_one_bar() -> None:
    bars = bars_of(np.full(2000, 7.0), np.full(2000, 7.0))
    assert_shares(bars)
    assert [bar.label for bar in bars] == ["7"]


def test_nothing_but_missing_values() -> None:
    nothing = [None] * 2000
    bars = bars_of(NORMAL, np.full(2000, math.nan))
    assert_shares(bars)
    assert bars[-1].current == 1
    texts = changes({"x": CHANNELS}, {"x": [*nothing[:-1], "web"]})["x"].bars
    assert_shares(texts)


def test_infinite_values_are_counted_too() -> None:
    values = NORMAL.copy()
    values[:500] = np.inf
    assert_shares(bars_of(NORMAL, values))


def test_a_column_that_the_reference_lacks_has_a_current_side_only() -> None:
    bars = changes({"y": NORMAL}, {"y": NORMAL, "x": NORMAL})["x"].bars
    assert_shares(bars)
    assert all(bar.reference is None for bar in bars)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=40, max_size=60),
    st.lists(st.floats(-1e6, 1e6) | st.none(), min_size=40, max_size=60),
)
def test_shares_add_up(reference: list[float | None], current: list[float | None]) -> None:
    if any(v is not None for v in reference) and any(v is not None for v in current):
        assert_shares(bars_of(reference, current))
