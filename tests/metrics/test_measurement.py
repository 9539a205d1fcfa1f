from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wane.metrics.measurement import Measurements, Series, SeriesKey, cut, cut_all, last_value
from wane.window import Window

NAN = float("nan")
WINDOWS = (Window(0, 1, by_rows=True), Window(1, 2, by_rows=True), Window(2, 3, by_rows=True))


def series(
    values: list[float],
    reasons: tuple[str | None, ...],
    metric: str = "f1",
    column: str | None = None,
) -> Series:
    many = np.array(values)
    count = np.full(len(values), 9)
    return Series(SeriesKey(metric, column), many, many, many, count, reasons, 0.5)


GOOD = series([NAN, 0.8, NAN], ("no labels", None, "no labels"))


def test_a_value_is_undefined_exactly_where_there_is_a_reason() -> None:
    for values, reasons in (([NAN], (None,)), ([1.0], ("why",))):
        with pytest.raises(ValueError, match="without a reason"):
            series(values, reasons)
    with pytest.raises(ValueError, match="differ in length"):
        series([1.0, 2.0], (None,))


def test_measurements_one_by_one() -> None:
    found = Measurements(WINDOWS, {GOOD.key: GOOD})
    assert len(found) == 3
    first, second, _ = found
    assert (first.value, first.reason, first.low, first.n) == (None, "no labels", None, 9)
    assert (second.value, second.reason, second.reference_value) == (0.8, None, 0.5)
    assert second.window is WINDOWS[1]


def test_finding_series() -> None:
    other = series([1.0] * 3, (None,) * 3, "psi", "x")
    found = Measurements(WINDOWS, {one.key: one for one in (GOOD, other)})
    assert found.get("f1") is GOOD
    assert found.get("psi", "x") is other
    assert found.get("psi") is None
    assert found.of_metric("psi") == (other,)
    assert found.of_metric("mae") == ()
    assert (GOOD.first_defined, GOOD.last_defined, other.last_defined) == (1, 1, 2)
    never = series([NAN], ("why",))
    assert (never.first_defined, never.last_defined) == (None, None)


def test_the_last_value_is_the_newest_that_is_defined() -> None:
    never = series([NAN] * 3, ("why",) * 3, "psi", "x")
    found = Measurements(WINDOWS, {one.key: one for one in (GOOD, never)})
    assert last_value(found, "f1") == 0.8
    assert last_value(found, "psi", "x") is None
    assert last_value(found, "f1", segment="channel=web") is None


def test_a_part_keeps_what_holds_for_every_window() -> None:
    whole = replace(GOOD, reference_low=0.4, reference_high=0.6)
    part = cut(whole, slice(1, None))
    assert part.values.tolist()[0] == 0.8
    assert (part.n.tolist(), part.reasons) == ([9, 9], (None, "no labels"))
    assert (part.key, part.reference) == (whole.key, whole.reference)
    assert (part.reference_low, part.reference_high) == (0.4, 0.6)


def test_all_series_are_cut_with_their_windows() -> None:
    found = Measurements(WINDOWS, {GOOD.key: GOOD})
    assert list(cut_all(found, slice(1, None))) == list(found)[1:]
    nothing = cut_all(Measurements((), {}), slice(-1, None))
    assert (nothing.windows, len(nothing)) == ((), 0)
