"""From measurements to what happened: events, what is still being learned, and how often wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detect.build_runs import (
    CHOICE,
    ROWS,
    START,
    found_in,
    only,
    recorder,
    shares,
    steady_volume,
)
from report.build_result import Recorder, days
from wane.detect.budget import Budget
from wane.detect.find import Ask, find
from wane.detect.found import nothing_found
from wane.metrics.measurement import Measurements, SeriesKey
from wane.window import DAY, Window

STEP = np.where(np.arange(60) >= 40, 0.85, 0.9)


def model(step: np.ndarray = STEP) -> Recorder:
    """Several metrics of one event, and traffic that does not notice it."""
    measured = recorder(60)
    right = shares(step)
    wander = 0.003 * np.random.default_rng(5).normal(size=(2, 60))
    measured.add("accuracy", right, n=ROWS, reference=0.9, margin=0.013)
    measured.add("f1", right - 0.01 + wander[0], n=ROWS, reference=0.89, margin=0.015)
    measured.add("brier", 1 - right + wander[1], n=ROWS, reference=0.1, margin=0.01)
    measured.add("volume", steady_volume(), n=ROWS)
    return measured


def test_several_metrics_of_one_event_are_one_finding() -> None:
    finding = only(found_in(model()))
    assert finding.key == SeriesKey("accuracy")
    assert {key.metric for key in finding.also} == {"f1", "brier"}
    assert finding.reason.startswith("accuracy fell from 0.9")
    assert " since 11 Oct" in finding.reason
    assert "also " in finding.reason


def test_what_is_watched_and_what_is_still_being_learned_is_counted() -> None:
    short = recorder(24)
    late = np.where(np.arange(24) < 10, np.nan, steady_volume(24))
    short.add("accuracy", shares(0.9, 24), n=ROWS)
    short.add("volume", late, n=ROWS)
    found = found_in(short)
    assert (found.streams, found.learning) == (2, 1)
    assert found.judged_from == {SeriesKey("accuracy"): 21}
    assert (found.windows, found.needed) == (21, 21)


@pytest.mark.parametrize("windows", [1, 2, 9])
def test_too_few_windows_are_told_as_learning(windows: int) -> None:
    short = recorder(windows)
    short.add("accuracy", shares(0.9, windows), n=ROWS)
    found = found_in(short)
    assert (found.findings, found.judged_from, found.learning) == ((), {}, 1)
    assert (found.windows, found.needed) == (windows, 21)


def test_no_windows() -> None:
    found = find(Measurements((), {}))
    assert (found.findings, found.streams, found.windows) == ((), 0, 0)
    assert found.budget == nothing_found().budget


def test_the_budget_is_told_with_what_it_means_for_today() -> None:
    ask = replace(Ask(), choice=CHOICE, budget=Budget.parse("2 per month"))
    found = find(model().measurements(), None, ask)
    assert found.budget == Budget(2, 30)
    assert found.expected_today == pytest.approx(2 / 30)


def test_a_history_gives_limits_from_the_first_window() -> None:
    before = Recorder(days(28, START - 28 * DAY))
    before.add("accuracy", shares(0.9, 28, seed=4), n=ROWS)
    measured = recorder(4)
    values = shares(0.9, 4)
    values[2] = 0.6
    measured.add("accuracy", values, n=ROWS, reference=0.9)
    assert found_in(measured).findings == ()
    found = found_in(measured, before=before.measurements())
    assert found.judged_from == {SeriesKey("accuracy"): 0}
    assert (only(found).first, only(found).raised) == (2, 2)


def test_the_order_of_series_does_not_matter() -> None:
    measured = model()
    turned = Recorder(measured.windows, dict(reversed(measured.series.items())))
    one, other = found_in(measured), found_in(turned)
    assert other.judged_from == one.judged_from
    assert [(f.key, f.first, f.raised, set(f.also)) for f in other.findings] == [
        (f.key, f.first, f.raised, set(f.also)) for f in one.findings
    ]


def test_windows_of_rows_are_watched_too() -> None:
    windows = tuple(Window(at * ROWS, (at + 1) * ROWS, by_rows=True) for at in range(60))
    measured = Recorder(windows)
    measured.add("accuracy", shares(STEP), n=ROWS, reference=0.9, margin=0.013)
    finding = only(found_in(measured))
    assert finding.first == 40
    assert " since row 80,001" in finding.reason


def test_dates_are_told_in_the_zone_of_the_windows() -> None:
    measured = recorder(60, START - 8 * DAY // 24)  # midnight in Manila
    measured.add("accuracy", shares(STEP), n=ROWS, reference=0.9, margin=0.013)
    for zone, told in (("Asia/Manila", "since 11 Oct"), ("UTC", "since 10 Oct")):
        finding = only(find(measured.measurements(), None, Ask(choice=CHOICE, timezone=zone)))
        assert told in finding.reason


def test_the_usual_range_is_told_where_it_is_known() -> None:
    found = found_in(model())
    usual = found.usual[SeriesKey("accuracy")]
    assert usual.low.shape == usual.high.shape == (60,)
    assert (usual.low < 0.9).all()
    assert (usual.high > 0.9).all()
    values = shares(STEP)
    assert (values[40:] < usual.low[40:]).all()
    assert np.mean((values[:40] > usual.low[:40]) & (values[:40] < usual.high[:40])) > 0.85
    volume = found.usual[SeriesKey("volume")]
    assert 900 < np.nanmin(volume.low) < 1200 < np.nanmax(volume.high) < 1500
    assert nothing_found().usual == {}


def test_a_loss_from_the_first_window_on_is_one_finding_that_stands() -> None:
    measured = recorder(60)
    measured.add("accuracy", shares(0.8), n=ROWS, reference=0.9, margin=0.013)
    finding = only(found_in(measured))
    assert finding.stands
    assert finding.first == 0
    assert finding.now <= finding.before == pytest.approx(0.9, abs=1e-9)
