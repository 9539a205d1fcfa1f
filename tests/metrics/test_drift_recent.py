"""PSI against the recent past, beside the same said slowly, and on streams of known shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from streams import NOW, measured
from wane.metrics import drift_recent
from wane.metrics.calendar import Calendar, calendar
from wane.metrics.drift import NO_REFERENCE_VALUES, NO_VALUES, Compared
from wane.metrics.drift_recent import NO_PAST, measure_recent_drift
from wane.schema import Column, Kind, Schema, Task
from wane.stats import distance, noise
from wane.window import DAY, UNITS, Every, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements, Series

NUMBER = Schema(task=Task.NONE, timestamp="at", features=(Column("x", Kind.NUMERIC),))
LABELLED = Schema(
    task=Task.BINARY, timestamp="at", prediction="p", label="y", classes=("0", "1"), features=()
)
ROWS = 1_000
HOUR = UNITS["h"]


def days(kept: NDArray[np.intp], size: int = DAY) -> Calendar:
    return calendar([Window(int(at) * size, (int(at) + 1) * size) for at in kept])


def slowly(
    current: NDArray[np.float64],
    reference: NDArray[np.float64],
    place: list[int],
    period: int,
) -> list[tuple[float, float] | None]:
    """(PSI, what noise stays below) of each window of one column, or None without a past."""
    at = {p: current[i] for i, p in enumerate(place) if current[i].sum() > 0}
    found: list[tuple[float, float] | None] = []
    for p, now in zip(place, current, strict=True):
        looked = range(1, 7) if period > 1 else range(1, 13)
        slot = [at[p - k * period] for k in looked if p - k * period in at]
        pool = [at[q] for q in range(p - 6 * period, p) if q in at]
        if len(slot) < 2 or not now.sum():
            found.append(None)
            continue
        usual = np.sum(pool, axis=0) if period > 1 else reference
        worth = np.mean([window.sum() for window in slot])
        past = np.sum(slot, axis=0) + 0.25 * worth * usual / usual.sum()
        least = min(past.sum(), now.sum())
        before, after = past * least / past.sum() + 0.5, now * least / now.sum() + 0.5
        p_, q_ = before / before.sum(), after / after.sum()
        cut = noise.psi_quantile(0.95, past.sum(), now.sum(), ((past + now) > 0).sum())
        found.append((float(((q_ - p_) * np.log(q_ / p_)).sum()), float(cut)))
    return found


@pytest.mark.parametrize("spread", [0.0, 0.7], ids=["whole counts", "weighted"])
@pytest.mark.parametrize(
    ("size", "windows", "block"), [(DAY, 80, 1_000_000), (HOUR, 300, 1), (7 * DAY, 40, 2_000)]
)
def test_it_is_the_slow_one(
    size: int, windows: int, block: int, spread: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns of several sizes, with gaps, and windows in which a column has no rows."""
    monkeypatch.setattr(drift_recent, "BLOCK", block)
    rng = np.random.default_rng(4)
    kept = np.flatnonzero(rng.random(windows) < 0.7)
    when = days(kept, size)
    sizes = np.array([5, 1, 20, 2])
    starts = np.cumsum(sizes) - sizes
    usual = rng.gamma(1, 20, sizes.sum())
    current = rng.poisson(usual, (len(kept), sizes.sum())).astype(float)
    current[rng.random(len(kept)) < 0.4, :5] = 0
    current[:, 8] = 0
    current *= rng.lognormal(0, spread, (len(kept), 1))
    reference = rng.poisson(3 * usual).astype(float)
    groups = Compared(tuple("abcd"), reference, current, starts, sizes)
    found = measure_recent_drift(groups, when)
    assert list(found) == [("psi_recent", name) for name in "abcd"]
    undefined = 0
    for name, start, end in zip("abcd", starts, starts + sizes, strict=True):
        cells = slice(start, end)
        got = found["psi_recent", name]
        place = when.place.tolist()
        expected = slowly(current[:, cells], reference[cells], place, when.period)
        for i, told in enumerate(expected):
            if told is None:
                undefined += 1
                assert got.reasons[i] == (NO_PAST if current[i, cells].sum() else NO_VALUES)
                continue
            psi, cut = told
            assert got.values[i] == pytest.approx(psi, rel=1e-6, abs=1e-12)
            assert got.low[i] == pytest.approx(max(psi - cut, 0), rel=1e-6, abs=1e-9)
        assert np.isnan(got.high).all()
        np.testing.assert_array_equal(got.n, np.rint(current[:, cells].sum(axis=1)))
    assert undefined


def stream(shift: NDArray[np.float64], *, kept: NDArray[np.bool_] | None = None) -> pa.Table:
    """A thousand rows a day up to now, x moved by so much on each day."""
    rng = np.random.default_rng(9)
    day = np.repeat(np.arange(len(shift)), ROWS)
    x = rng.normal(size=len(day)) + shift[day]
    at = NOW - (len(shift) + 1) * DAY + day * DAY
    rows = pa.table({"at": pa.array(at, pa.timestamp("us", "UTC")), "x": x})
    return rows if kept is None else rows.filter(pa.array(kept[day]))


def recent(found: Measurements, column: str = "x") -> Series:
    series = found.get("psi_recent", column)
    assert series is not None
    return series


def daily(table: pa.Table, reference: pa.Table) -> Measurements:
    return measured(table, NUMBER, reference, every=Every.parse("1d"))


WEEKEND = np.where(np.arange(70) % 7 >= 5, 0.5, 0.0)


def test_a_season_is_no_drift_once_it_was_seen_three_times() -> None:
    """What is left of it is the share of the pool: a hundredth of what `psi` shows."""
    table = stream(WEEKEND)
    found = daily(table, table)
    psi, now = found.get("psi", "x"), recent(found)
    assert psi is not None
    weekend = (WEEKEND > 0) & (np.arange(70) >= 28)
    assert psi.low[weekend].min() > 0.05
    assert now.values[weekend].mean() < noise.psi_quantile(0.95, 7 * ROWS, ROWS, 21)
    assert now.low[weekend].max() < 0.02
    assert now.reasons[13] == NO_PAST, "a second weekend has only one before it"
    assert now.reasons[19] is None


@pytest.mark.parametrize("period", [DAY, 7 * DAY])
def test_noise_exceeds_its_bound_in_about_one_window_of_twenty(period: int) -> None:
    rng = np.random.default_rng(2)
    columns, windows, cells = 200, 60, 20
    current = rng.poisson(50, (windows, columns * cells)).astype(float)
    starts, sizes = np.arange(columns) * cells, np.full(columns, cells)
    reference = np.full(columns * cells, 1_000.0)
    names = tuple(str(i) for i in range(columns))
    groups = Compared(names, reference, current, starts, sizes)
    found = measure_recent_drift(groups, days(np.arange(windows), period)).values()
    exceeded = np.mean([one.low > 0 for one in found], axis=0)
    assert np.all(exceeded[: 14 if period == DAY else 2] == 0)
    assert 0.03 < exceeded[14:].mean() < 0.06
    assert exceeded.max() < 0.12


@pytest.mark.parametrize("season", [0.0, 1.0])
def test_a_shift_shows_on_its_first_day(season: float) -> None:
    shift = season * WEEKEND + np.where(np.arange(70) >= 50, 0.6, 0.0)
    now = recent(daily(stream(shift), stream(WEEKEND)))
    assert now.low[50] > 0.1
    assert now.low[42:50].max() < 0.02
    assert now.values[-1] < now.values[50], "and becomes the usual"


def test_gaps_do_not_move_the_weekdays() -> None:
    kept = np.ones(70, dtype=bool)
    kept[[16, 30, 31, 44]] = False
    table = stream(WEEKEND, kept=kept)
    found = daily(table, table)
    assert len(found.windows) == 66
    later = np.flatnonzero(kept) >= 28
    assert recent(found).low[later].max() < 0.02
    whole = recent(daily(stream(WEEKEND), table)).values[kept]
    until = np.flatnonzero(kept) < 16
    np.testing.assert_array_equal(recent(found).values[until], whole[until])


def test_a_long_gap_leaves_no_past() -> None:
    kept = np.ones(70, dtype=bool)
    kept[17:60] = False
    now = recent(daily(stream(np.zeros(70), kept=kept), stream(np.zeros(9))))
    assert list(now.reasons) == [NO_PAST] * 14 + [None] * 3 + [NO_PAST] * 10


def test_the_first_windows_have_no_past() -> None:
    now = recent(daily(stream(np.zeros(20)), stream(np.zeros(9))))
    assert list(now.reasons) == [NO_PAST] * 14 + [None] * 6
    assert np.isnan(now.reference)


def test_windows_of_rows_look_back_on_the_twelve_before() -> None:
    rng = np.random.default_rng(1)
    reference = rng.normal(size=4_000)
    x = rng.normal(size=30 * ROWS)
    x[20 * ROWS :] += 1
    schema = Schema(task=Task.NONE, features=(Column("x", Kind.NUMERIC),))
    found = measured(
        pa.table({"x": x}), schema, pa.table({"x": reference}), every=Every.parse("1000 rows")
    )
    now = recent(found)
    assert list(now.reasons) == [NO_PAST] * 2 + [None] * 28
    assert now.low[2:20].max() < 0.02
    assert now.low[20] > 0.3
    assert now.low[29] < now.low[20]


def test_too_few_windows_are_not_measured_and_segments_never() -> None:
    table = stream(np.zeros(4))
    assert daily(table, table).get("psi_recent", "x") is not None
    three = stream(np.zeros(3))
    assert daily(three, three).get("psi_recent", "x") is None
    assert measured(table, NUMBER, table).get("psi_recent", "x") is None
    assert measured(table, NUMBER, every=Every.parse("1d")).get("psi_recent", "x") is None
    s = pa.array(np.arange(len(table)) % 2 == 0)
    halved = table.append_column("s", s)
    schema = Schema(
        task=Task.NONE, timestamp="at", features=(Column("x", Kind.NUMERIC),), segments=("s",)
    )
    found = measured(halved, schema, halved, every=Every.parse("1d"))
    assert {key.segment for key in found.series if key.metric == "psi_recent"} == {None}
    assert {key.segment for key in found.series if key.metric == "psi"} != {None}


def test_labels_count_from_the_windows_in_which_they_came() -> None:
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(20), 200)
    at = pa.array(NOW - 20 * DAY + day * DAY, pa.timestamp("us", "UTC"))
    y = rng.integers(0, 2, len(day))
    known = (day != 0) & (day != 19)
    table = pa.table({"at": at, "p": y, "y": pa.array(y, mask=~known)})
    every = Every.parse("1d")
    now = recent(measured(table, LABELLED, table, every=every), "y")
    assert list(now.reasons) == [NO_VALUES, *[NO_PAST] * 14, *[None] * 4, NO_VALUES]
    unlabelled = table.set_column(2, "y", pa.nulls(len(table), pa.int64()))
    without = recent(measured(table, LABELLED, unlabelled, every=every), "y")
    assert set(without.reasons) == {NO_REFERENCE_VALUES}


def test_equal_windows_have_not_drifted() -> None:
    cells = np.tile([40.0, 0.0, 7.0], (30, 1))
    starts, sizes = np.array([0]), np.array([3])
    found = measure_recent_drift(
        Compared(("x",), cells[0], cells, starts, sizes), days(np.arange(30))
    )
    assert np.nanmax(found["psi_recent", "x"].values) == pytest.approx(0, abs=1e-12)
    assert distance.population_stability_index(cells[0], cells[0], starts)[0] == 0
