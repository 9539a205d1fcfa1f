"""How late labels are, against the delays that were drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from metrics.build_late import HOUR, SCHEMA, Late, late, ruled
from streams import DAILY, SCHEMAS, START, log, measured
from wane.metrics.maturity import TOO_EARLY, TOO_FEW, UNSETTLED, UNTIMED
from wane.schema import Task
from wane.window import DAY, Every

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements

DAYS = 60
SLOW = late(DAYS, 1_000, (3, 3))
FOUND = SLOW.measured(DAYS * DAY)


def values(found: Measurements, metric: str, column: str | None = None) -> NDArray[np.float64]:
    series = found.get(metric, column)
    assert series is not None
    return series.values


def share_in(log_: Late, now: int, day: int, *, flagged: bool | None = None) -> float:
    """Share of the labels of a day that are in."""
    of = log_.at // DAY == day
    of &= True if flagged is None else log_.flagged == flagged
    return float((log_.at + log_.delay <= now)[of].mean())


def test_the_share_of_labels_that_are_in() -> None:
    found = values(FOUND, "label_maturity")
    truth = [share_in(SLOW, DAYS * DAY, day) for day in range(DAYS)]
    np.testing.assert_allclose(found, truth, atol=0.05)
    np.testing.assert_allclose(found[-40:-15], 1, atol=1e-3)
    assert found[-1] < 0.1


def test_the_interval_holds_what_is_in() -> None:
    """Of the curve, not of the labels that happen to be in: those of 1,000 rows vary besides."""
    series = FOUND.get("label_maturity")
    assert series is not None
    wide = late(DAYS, 20_000, (3, 3), seed=1)
    truth = np.array([share_in(wide, DAYS * DAY, day) for day in range(DAYS - 10, DAYS)])
    held = (series.low[-10:] - 0.005 <= truth) & (truth <= series.high[-10:] + 0.005)
    assert held.sum() >= 9


def test_flagged_predictions_apart() -> None:
    fast = late(DAYS, 1_000, (5, 2))
    found = fast.measured(DAYS * DAY)
    for name, flagged in (("0", False), ("1", True)):
        truth = [share_in(fast, DAYS * DAY, day, flagged=flagged) for day in range(40, 60)]
        np.testing.assert_allclose(values(found, "label_maturity", name)[40:], truth, atol=0.12)
    assert values(found, "label_maturity", "1")[-3] > values(found, "label_maturity", "0")[-3] + 0.2


def test_delays_are_those_that_will_have_been() -> None:
    half, most = (values(FOUND, f"label_delay_{part}") for part in ("p50", "p90"))
    days = SLOW.delay / DAY
    assert half[-1] == pytest.approx(np.median(days), rel=0.02)
    assert most[-1] == pytest.approx(np.quantile(days, 0.9), rel=0.03)
    seen = days[(SLOW.at + SLOW.delay <= DAYS * DAY) & (SLOW.at // DAY >= DAYS - 5)]
    assert np.median(seen) < 0.6 * half[-1]
    series = FOUND.get("label_delay_p50")
    assert series is not None
    assert series.low[-1] < half[-1] < series.high[-1]


def test_labels_to_expect_in_the_end() -> None:
    """Three in ten rows never get a label."""
    random = np.random.default_rng(4)
    never = random.random(len(SLOW.at)) < 0.3
    some = replace(SLOW, delay=np.where(never, 10_000 * DAY, SLOW.delay))
    found = some.measured(DAYS * DAY)
    expected, coverage = values(found, "expected_label_coverage"), values(found, "label_coverage")
    np.testing.assert_allclose(expected[:-2], 0.7, atol=0.08)
    assert coverage[-3] < 0.4
    series = found.get("expected_label_coverage")
    assert series is not None
    assert series.reasons[-1] == TOO_EARLY
    held = (series.low[-12:-1] <= 0.7) & (series.high[-12:-1] >= 0.7)
    assert held.sum() >= 10


@pytest.mark.parametrize("hours", [0, 24, 168, 720])
def test_a_rule_of_so_many_hours_is_known_to_the_hour(hours: int) -> None:
    """All labels of a day are in once its last row is so old, and not before."""
    days = 3 * hours // 24 + 10
    found = ruled(days, 100, hours).measured(days * DAY)
    shares = values(found, "label_maturity")
    old = days - hours // 24
    np.testing.assert_array_equal(shares[:old], 1)
    assert (shares[old:] < 1).all()
    half = values(found, "label_delay_p50")[-1]
    assert hours / 24 - 7 <= half <= hours / 24


def test_a_log_knows_nothing_of_the_time_after_it_was_taken() -> None:
    """Read a year later, the newest days of a log are as young as they were."""
    table = SLOW.table(DAYS * DAY)
    later = measured(table, SCHEMA, every=DAILY, at=START + 400 * DAY)
    np.testing.assert_allclose(
        values(later, "label_maturity"), values(FOUND, "label_maturity"), atol=0.01
    )


def test_windows_of_rows_have_ages_too() -> None:
    table = SLOW.table(DAYS * DAY)
    rows = Every.parse("1000 rows")
    found = measured(table, SCHEMA, every=rows, at=START + DAYS * DAY)
    assert found.windows[-1].by_rows
    np.testing.assert_allclose(
        values(found, "label_maturity"), values(FOUND, "label_maturity"), atol=0.03
    )


def test_a_history_that_is_too_short_is_no_history() -> None:
    found = SLOW.table(6 * DAY).slice(0, 6_000)
    short = measured(found, SCHEMA, every=DAILY, at=START + 6 * DAY)
    for metric in ("label_maturity", "label_delay_p50", "expected_label_coverage"):
        series = short.get(metric)
        assert series is not None
        assert set(series.reasons) == {UNSETTLED}


def test_too_few_labels_and_labels_without_times() -> None:
    few = measured(SLOW.table(DAYS * DAY).slice(0, 29), SCHEMA, every=DAILY, at=START + 40 * DAY)
    series = few.get("label_maturity")
    assert series is not None
    assert series.reasons == (TOO_FEW,)
    table = log(Task.BINARY, 300)
    none = table.set_column(
        table.column_names.index("known_at"), "known_at", pa.nulls(300, pa.timestamp("us", "UTC"))
    )
    found = measured(none, SCHEMAS[Task.BINARY], every=DAILY, at=START + 40 * DAY)
    series = found.get("label_maturity")
    assert series is not None
    assert set(series.reasons) == {UNTIMED}


def test_without_the_role_there_is_no_such_metric() -> None:
    schema = replace(SCHEMA, label_time=None)
    found = measured(SLOW.table(DAYS * DAY), schema, every=DAILY, at=START + DAYS * DAY)
    assert found.get("label_maturity") is None
    assert found.get("accuracy_adjusted") is None


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.REGRESSION])
def test_other_tasks_have_one_curve(task: Task) -> None:
    table = log(task, 3_000)
    known = pc.add(table["at"], pa.scalar(3 * HOUR, pa.duration("us")))
    quick = table.set_column(table.column_names.index("known_at"), "known_at", known)
    found = measured(quick, SCHEMAS[task], every=DAILY, at=START + 40 * DAY)
    series = found.get("label_maturity")
    assert series is not None
    assert series.last_defined is not None
    assert {one.key.column for one in found.of_metric("label_maturity")} == {None}


def test_an_hour_is_an_hour() -> None:
    """Labels after 5 hours: in the last window of a day only rows of its last hours wait."""
    found = ruled(20, 400, 5).measured(20 * DAY)
    assert values(found, "label_maturity")[-1] == pytest.approx(19 / 24, abs=0.05)
    assert values(found, "label_delay_p90")[-1] <= 6 * HOUR / DAY
