"""Which series are watched, in which unit, at what part of the budget."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detect.build_runs import ROWS, START, recorder, shares, steady_volume
from report.build_result import Recorder, days
from wane.detect.importance import Importance
from wane.detect.watched import Choice, watched
from wane.metrics.measurement import Measurements, SeriesKey
from wane.window import DAY, Window

if TYPE_CHECKING:
    from wane.detect.streams import Streams

MAIN = Choice(main="accuracy")
WIDTH = 1.959963984540054


def flat(*names: str, windows: int = 4, level: float = 0.5) -> Recorder:
    measured = recorder(windows)
    for name in names:
        measured.add(name, [level] * windows)
    return measured


def streams_by_name(
    measured: Recorder, choice: Choice = MAIN, before: Measurements | None = None
) -> dict[str, tuple[Streams, int]]:
    lots = watched(measured.measurements(), before, choice).lots
    return {key.metric: (lot, at) for lot in lots for at, key in enumerate(lot.keys)}


def told(
    measured: Recorder,
    metric: str,
    field: str,
    choice: Choice = MAIN,
    before: Measurements | None = None,
) -> np.ndarray:
    """One field of one stream."""
    lot, at = streams_by_name(measured, choice, before)[metric]
    return np.asarray(getattr(lot, field)[at])


def test_performance_traffic_and_quality_are_watched() -> None:
    yes = ("accuracy", "brier", "volume", "error_rate", "latency_p95", "missing_share")
    no = ("base_rate", "mean_confidence", "latency_mean", "psi", "psi_recent", "label_coverage")
    found = streams_by_name(flat(*yes, *no))
    assert set(found) == set(yes)


def test_a_metric_nobody_knows_is_watched_and_so_is_what_a_user_says_does_harm() -> None:
    measured = flat("churn", "mean_confidence")
    choice = Choice(harm={"mean_confidence": -1})
    assert set(streams_by_name(measured, choice)) == {"churn", "mean_confidence"}
    assert told(measured, "mean_confidence", "harm", choice) == -1
    assert told(measured, "churn", "harm", choice) == 0


def test_a_series_without_a_value_is_not_watched() -> None:
    measured = flat("accuracy")
    measured.add("f1", [math.nan] * 4)
    assert set(streams_by_name(measured)) == {"accuracy"}


def test_segments_and_columns_are_streams_of_their_own() -> None:
    measured = flat("accuracy")
    measured.add("accuracy", [0.5] * 4, segment="channel=web")
    measured.add("missing_share", [0.5] * 4, column="age")
    (lot,) = watched(measured.measurements()).lots
    assert set(lot.keys) == {
        SeriesKey("accuracy"),
        SeriesKey("accuracy", None, "channel=web"),
        SeriesKey("missing_share", "age"),
    }
    assert watched(measured.measurements()).streams == 3


def weights(measured: Recorder, choice: Choice = MAIN) -> dict[str, float]:
    return {
        key: float(lot.weight[at]) for key, (lot, at) in streams_by_name(measured, choice).items()
    }


def test_the_budget_is_shared_out_with_the_main_metric_first() -> None:
    found = weights(flat("accuracy", "f1", "brier", "volume", "error_rate", "missing_share"))
    assert sum(found.values()) == pytest.approx(1)
    assert found["accuracy"] == pytest.approx(0.3)
    assert found["f1"] == found["brier"] == pytest.approx(0.1)
    assert found["volume"] == found["error_rate"] == pytest.approx(0.125)
    assert found["missing_share"] == pytest.approx(0.25)


def test_columns_share_by_their_importance() -> None:
    measured = flat("accuracy", "volume")
    for column in ("income", "age"):
        measured.add("missing_share", [0.5] * 4, column=column)
    choice = replace(MAIN, importance=Importance({"income": 0.6, "age": 0.2}))
    parts = {
        key.column: float(lot.weight[at])
        for lot in watched(measured.measurements(), None, choice).lots
        for at, key in enumerate(lot.keys)
    }
    assert parts["income"] == pytest.approx(3 * parts["age"])
    assert parts["income"] + parts["age"] == pytest.approx(0.25 / 0.8)


def test_families_that_are_absent_leave_their_part_to_the_others() -> None:
    assert weights(flat("accuracy")) == {"accuracy": 1}
    assert weights(flat("volume", "missing_share")) == {"volume": 0.5, "missing_share": 0.5}
    found = weights(flat("accuracy", "volume"))
    assert found["accuracy"] == pytest.approx(0.3 / 0.55)
    assert sum(found.values()) == pytest.approx(1)


def test_a_segment_of_the_main_metric_is_other_performance() -> None:
    measured = flat("accuracy")
    measured.add("accuracy", [0.5] * 4, segment="channel=web")
    (lot,) = watched(measured.measurements(), None, MAIN).lots
    np.testing.assert_allclose(lot.weight, [0.6, 0.4])


@pytest.mark.parametrize(
    ("metric", "harm"),
    [("accuracy", -1), ("brier", 1), ("volume", 0), ("error_rate", 1), ("missing_share", 1)],
)
def test_which_way_is_harm(metric: str, harm: int) -> None:
    assert told(flat(metric), metric, "harm") == harm


@pytest.mark.parametrize(
    ("metric", "given", "tolerance"),
    [
        ("accuracy", None, 0.01),
        ("accuracy", 0.03, 0.03),
        ("accuracy", 0.0, 0.0),
        ("missing_share", None, 0.01),
        ("error_rate", None, 0.005),
        ("brier", None, 0.05 * 0.5),
        ("mae", 2.0, 2.0),
        ("churn", None, 0.01 * 0.5),
        ("volume", None, math.log(1.2)),
        ("latency_p95", None, math.log(1.2)),
        ("volume", 0.5, math.log(1.5)),
    ],
)
def test_what_is_tolerated(metric: str, given: float | None, tolerance: float) -> None:
    choice = Choice(tolerance={} if given is None else {metric: given})
    assert told(flat(metric), metric, "tolerance", choice) == pytest.approx(tolerance)


def test_an_error_is_tolerated_by_its_reference_where_there_is_one() -> None:
    measured = recorder(4)
    measured.add("mae", [3.0] * 4, reference=2.0)
    assert told(measured, "mae", "tolerance") == pytest.approx(0.1)


def test_levels_are_adopted_in_traffic_and_data_but_not_in_performance() -> None:
    measured = flat("accuracy", "volume", "error_rate", "missing_share", "churn", "uptime")
    choice = Choice(harm={"uptime": -1})
    adopts = {
        name: bool(lot.adopts[at]) for name, (lot, at) in streams_by_name(measured, choice).items()
    }
    assert adopts == {
        "accuracy": False,
        "uptime": False,
        "volume": True,
        "error_rate": True,
        "missing_share": True,
        "churn": True,
    }


@pytest.mark.parametrize(
    ("metric", "reference"),
    [
        ("accuracy", 0.9),
        ("missing_share", 0.9),
        ("calibration_error", math.nan),
        ("unseen_share", math.nan),
        ("out_of_range_share", math.nan),
        ("volume", math.nan),
        ("latency_p95", math.nan),
    ],
)
def test_some_metrics_are_not_held_against_the_reference(metric: str, reference: float) -> None:
    measured = recorder(4)
    measured.add(metric, [0.5] * 4, reference=0.9)
    np.testing.assert_equal(float(told(measured, metric, "reference")), reference)


def test_volume_and_latency_are_judged_by_factors() -> None:
    measured = recorder(3)
    measured.add("volume", [100.0, 200.0, 400.0])
    measured.add("latency_p95", [10.0, 20.0, 40.0], margin=WIDTH)
    for metric in ("volume", "latency_p95"):
        values = told(measured, metric, "values")
        np.testing.assert_allclose(np.diff(values), math.log(2))
        assert told(measured, metric, "logarithmic")
    np.testing.assert_allclose(told(measured, "volume", "noise"), [1 / 100, 1 / 200, 1 / 400])
    np.testing.assert_allclose(
        told(measured, "latency_p95", "noise"), [1 / 10**2, 1 / 20**2, 1 / 40**2]
    )


def test_volumes_alone_may_grow() -> None:
    found = streams_by_name(
        flat("accuracy", "volume", "calls"), Choice(volumes=frozenset({"calls"}))
    )
    assert {name: lot.growing for name, (lot, _) in found.items()} == {
        "accuracy": False,
        "volume": False,
        "calls": True,
    }


def test_noise_is_what_the_interval_says() -> None:
    measured = recorder(3)
    measured.add("f1", [0.5] * 3, margin=np.array([WIDTH * 0.1, math.nan, math.inf]))
    np.testing.assert_allclose(told(measured, "f1", "noise"), [0.01, 0, 0])


def test_shares_are_counted_where_rows_are_known() -> None:
    measured = recorder(3)
    measured.add("accuracy", [0.5] * 3, n=10)
    measured.add("error_rate", [0.5] * 3, n=0)
    measured.add("f1", [0.5] * 3, n=10)
    found = {name: bool(lot.counted[at]) for name, (lot, at) in streams_by_name(measured).items()}
    assert found == {"accuracy": True, "error_rate": False, "f1": False}
    np.testing.assert_array_equal(told(measured, "accuracy", "rows"), [10, 10, 10])


def test_infinities_are_missing() -> None:
    measured = recorder(4)
    measured.add("mae", [1.0, math.inf, -math.inf, math.nan])
    np.testing.assert_array_equal(told(measured, "mae", "values"), [1, np.nan, np.nan, np.nan])


def test_windows_seen_in_part_and_holidays_are_silent_where_they_mislead() -> None:
    measured = flat("accuracy", "volume", "error_rate", level=0.5)
    choice = Choice(partial=frozenset({0}), days_off=frozenset({2}))
    silent = {
        name: np.flatnonzero(np.isnan(lot.values[at])).tolist()
        for name, (lot, at) in streams_by_name(measured, choice).items()
    }
    assert silent == {"accuracy": [], "volume": [0, 2], "error_rate": [2]}


def test_windows_of_rows_have_no_volume() -> None:
    measured = Recorder(tuple(Window(at * 100, (at + 1) * 100, by_rows=True) for at in range(4)))
    measured.add("volume", [100.0] * 4)
    measured.add("accuracy", [0.5] * 4)
    assert set(streams_by_name(measured)) == {"accuracy"}


def test_windows_that_are_absent_are_gaps() -> None:
    measured = recorder(6)
    measured.windows = (*measured.windows[:2], *measured.windows[4:])
    measured.add("accuracy", [0.1, 0.2, 0.5, 0.6])
    np.testing.assert_array_equal(
        told(measured, "accuracy", "values"), [0.1, 0.2, np.nan, np.nan, 0.5, 0.6]
    )


def test_no_windows_and_nothing_measured() -> None:
    assert watched(Measurements((), {})).lots == ()
    assert watched(recorder(3).measurements()).streams == 0


# history


def history(count: int, ends: int) -> Measurements:
    """Accuracy of as many days, the last of them that many days before the run begins."""
    measured = Recorder(days(count, START - (count + ends - 1) * DAY))
    measured.add("accuracy", np.arange(count) / 1000)
    return measured.measurements()


def run_of(windows: int = 3) -> Recorder:
    measured = recorder(windows)
    measured.add("accuracy", [0.9] * windows)
    return measured


def test_windows_of_the_reference_lie_before_the_first() -> None:
    found = watched(run_of().measurements(), history(5, ends=1), MAIN)
    assert found.begin == 5
    assert found.lots[0].begin == 5
    np.testing.assert_allclose(
        found.lots[0].values[0], [0, 0.001, 0.002, 0.003, 0.004, 0.9, 0.9, 0.9]
    )


def test_the_last_windows_of_a_reference_that_goes_on_into_the_run_are_left_out() -> None:
    found = watched(run_of().measurements(), history(5, ends=-1), MAIN)
    assert found.begin == 3
    np.testing.assert_allclose(found.lots[0].values[0], [0, 0.001, 0.002, 0.9, 0.9, 0.9])


@pytest.mark.parametrize("gap", [1, 3, 7, 10, 400])
def test_weekdays_keep_their_slot_across_a_gap(gap: int) -> None:
    """Whole weeks of the gap are left out, and no more."""
    found = watched(run_of().measurements(), history(5, ends=gap), MAIN)
    assert found.begin == 5 + (gap - 1) % 7
    first_day = START // DAY - (5 + gap - 1)
    assert (START // DAY - found.begin - first_day) % 7 == 0
    np.testing.assert_allclose(found.lots[0].values[0, :5], np.arange(5) / 1000)


@pytest.mark.parametrize("before", [history(1, ends=1), history(5, ends=-10), Measurements((), {})])
def test_a_reference_that_is_no_history(before: Measurements) -> None:
    """One window, windows of the run's own time or later, none."""
    assert watched(run_of().measurements(), before, MAIN).begin == 0


def test_a_reference_of_another_window_size_is_no_history() -> None:
    weekly = tuple(
        Window(START - (9 - at) * 7 * DAY, START - (8 - at) * 7 * DAY) for at in range(5)
    )
    measured = replace(history(5, ends=1), windows=weekly)
    assert watched(run_of().measurements(), measured, MAIN).begin == 0


def test_what_the_reference_has_not_measured_has_no_history() -> None:
    measured = run_of()
    measured.add("f1", [0.5] * 3)
    values = told(measured, "f1", "values", before=history(5, ends=1))
    assert np.isnan(values[:5]).all()
    np.testing.assert_array_equal(values[5:], [0.5] * 3)


def test_a_history_makes_limits_known_from_the_first_window() -> None:
    measured = Recorder(days(20, START - 20 * DAY))
    measured.add("accuracy", shares(0.9, 20), n=ROWS)
    measured.add("volume", steady_volume(20))
    lots = watched(run_of(2).measurements(), measured.measurements(), MAIN).lots
    assert [lot.begin for lot in lots] == [20]
