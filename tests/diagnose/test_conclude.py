from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from report.build_result import Recorder, days
from wane.alert.alert import Alert
from wane.detect.severity import Severity
from wane.diagnose.change import Because, ColumnChange
from wane.diagnose.conclude import Evidence, conclude
from wane.diagnose.decide import Action, Case
from wane.diagnose.episode import Episode
from wane.diagnose.fault import Fault, FaultKind
from wane.diagnose.localise import Localised, Spot
from wane.diagnose.onset import Loss
from wane.diagnose.segment import SegmentChange
from wane.diagnose.verdict import State, Verdict
from wane.diagnose.versions import VersionChange
from wane.metrics.measurement import Measurements, SeriesKey
from wane.schema import Kind
from wane.window import DAY, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOWS = days(10)
"""1 to 10 September."""
HELD = [0.93] * 10
ACCURACY = SeriesKey("accuracy")


def recorded(
    values: Sequence[float] = HELD, *, metric: str = "accuracy", reference: float = 0.93
) -> Recorder:
    recorder = Recorder(WINDOWS)
    recorder.add(metric, values, reference=reference, reason="no labels in this window")
    return recorder


def event(
    first: int,
    last: int,
    key: SeriesKey = ACCURACY,
    *,
    value: float = 0.8,
    threshold: float = 0.9,
    severity: Severity = Severity.CRITICAL,
) -> Episode:
    alert = Alert("rule", key, severity, WINDOWS[last], value, threshold, "why")
    return Episode(key, severity, first, last, alert)


def change(
    column: str, *, drifted: bool = False, psi: float | None = 0.02, because: Because = Because.SAME
) -> ColumnChange:
    return ColumnChange(
        column, "feature", Kind.NUMERIC, "", psi, 0.05, drifted, None, because, (), None
    )


QUIET = (change("age"), change("income"))


def verdict(
    measurements: Measurements | None = None,
    episodes: Sequence[Episode] = (),
    *,
    main: str | None = "accuracy",
    loss: Loss | None = None,
    changes: Sequence[ColumnChange] = QUIET,
    timezone: str = "UTC",
    rows: int | None = 10_000,
    rejected: int = 0,
    segments: Sequence[SegmentChange] = (),
    localised: Localised | None = None,
) -> Verdict:
    found = recorded().measurements() if measurements is None else measurements
    return conclude(
        Evidence(
            found, episodes, main, loss, changes, timezone, rows, rejected, segments, localised
        )
    )


def test_nothing_happened() -> None:
    told = verdict()
    assert told.state is State.HEALTHY
    assert told.sentence == "Accuracy holds at 0.930 (0.930 in the reference); no feature drifted."
    assert told.advice == "Nothing to do."


@pytest.mark.parametrize(
    ("newest", "margin", "told"),
    [
        (0.925, 0.002, "Accuracy holds at 0.929 (0.930 in the reference)"),
        (0.9, 0.05, "Accuracy holds at 0.926 (0.900 in the newest window; 0.930 in the reference)"),
        (0.87, 0.01, "Accuracy is 0.870 in the newest window (0.921 over the last 7; 0.930 in "),
        (0.99, math.nan, "Accuracy is 0.990 in the newest window (0.939 over the last 7; 0.930"),
    ],
)
def test_nothing_is_said_to_hold_that_the_newest_window_denies(
    newest: float, margin: float, told: str
) -> None:
    recorder = Recorder(WINDOWS)
    recorder.add("accuracy", [0.93] * 9 + [newest], margin=margin, reference=0.93)
    assert verdict(recorder.measurements()).sentence.startswith(told)


def test_windows_without_a_value_are_not_counted_among_the_last() -> None:
    values = [0.93] * 4 + [math.nan, 0.93, math.nan, 0.93, 0.93, 0.87]
    told = verdict(recorded(values).measurements()).sentence
    assert told.startswith("Accuracy is 0.870 in the newest window (0.918 over the last 5;")


def test_a_count_has_no_decimals() -> None:
    recorder = recorded([200.0] * 10, metric="requests", reference=math.nan)
    assert verdict(recorder.measurements(), main="requests").sentence.startswith(
        "Requests holds at 200;"
    )


def test_what_is_back_is_told_with_the_newest_window() -> None:
    values = [0.93, 0.93, 0.8, 0.8, *[0.93] * 5, 0.86]
    told = verdict(recorded(values).measurements(), [event(2, 3)]).sentence
    assert told == (
        "Accuracy was down to 0.800 from 3 Sep to 4 Sep and is back at 0.901 (0.860 in the newest "
        "window); no feature drifted."
    )


def test_a_verdict_names_what_it_rests_on() -> None:
    over, fresh = event(2, 3), event(8, 8)
    assert verdict(episodes=[over, fresh]).concerns == (fresh,)
    assert verdict(episodes=[over], loss=Loss(2, 0.93, 0.9)).concerns == (over,)
    assert verdict().concerns == ()


def test_a_loss_that_lasts() -> None:
    values = [0.93] * 6 + [0.88] * 4
    drifted = (change("radius", drifted=True, psi=0.4), change("age"))
    told = verdict(
        recorded(values).measurements(), [event(6, 9)], loss=Loss(6, 0.93, 0.88), changes=drifted
    )
    assert told.state is State.ATTENTION
    assert told.sentence == (
        "Accuracy fell from 0.930 to 0.880 since 7 Sep; 1 of 2 features drifted, radius most."
    )
    assert told.advice.startswith("Look at what changed, starting with radius; retrain when")


def segment(name: str, reference: float, value: float, rows: int = 1_000) -> SegmentChange:
    return SegmentChange(name, rows, "accuracy", reference, value, value - 0.02, value + 0.02)


EAST = (segment("site=west", 0.93, 0.93), segment("site=east", 0.93, 0.78))


def test_a_loss_in_one_segment_is_looked_at_there_first() -> None:
    drifted = (change("radius", drifted=True, psi=0.4), change("age"))
    loss = Loss(6, 0.93, 0.85)
    told = verdict(episodes=[event(6, 9)], loss=loss, changes=drifted, segments=EAST)
    assert told.advice == (
        "Look at site=east first: accuracy 0.780 there against 0.930 elsewhere. Then look at what "
        "changed, starting with radius; retrain when the data are right and the loss stays."
    )
    spread = (segment("site=west", 0.93, 0.85), segment("site=east", 0.93, 0.85))
    told = verdict(episodes=[event(6, 9)], loss=loss, segments=spread)
    assert told.advice.startswith("Look at what changed; retrain when")


def test_rows_that_hold_most_of_the_loss_are_named_by_all_their_values() -> None:
    values = (("site", "east"), ("plan", "basic"))
    spot = Spot(values, 0.1, 0.93, 0.62, -0.04, 0.8, 12.0)
    loss = Loss(6, 0.93, 0.85)
    found = Localised("accuracy", 6, 0.93, 0.85, spots=(spot,))
    told = verdict(episodes=[event(6, 9)], loss=loss, segments=EAST, localised=found)
    assert told.advice.startswith(
        "Look at site=east & plan=basic first: accuracy 0.620 there against 0.930 in the reference."
    )
    little = replace(found, spots=(replace(spot, explains=0.4),))
    for other in (little, replace(found, metric="mae"), replace(found, spots=())):
        told = verdict(episodes=[event(6, 9)], loss=loss, segments=EAST, localised=other)
        assert told.advice.startswith("Look at site=east first: ")


def test_a_segment_that_lost_most_but_was_far_ahead_is_held_against_its_past() -> None:
    ahead = (segment("site=west", 0.70, 0.70), segment("site=east", 0.99, 0.85))
    told = verdict(episodes=[event(6, 9)], loss=Loss(6, 0.93, 0.8), segments=ahead)
    assert told.advice.startswith(
        "Look at site=east first: accuracy 0.850 there against 0.990 in the reference. Then"
    )


def test_a_fault_in_the_data_of_one_segment() -> None:
    missing = SeriesKey("missing_share", "age")
    broken = event(8, 9, missing, value=0.4, threshold=0.1, severity=Severity.WARNING)
    changes = (change("age", because=Because.MISSING), QUIET[1])
    told = verdict(episodes=[event(6, 9), broken], changes=changes, segments=EAST)
    assert told.advice.startswith("Look at site=east first: ")
    assert "Check what feeds age" in told.advice
    told = verdict(episodes=[broken], changes=changes, segments=EAST)
    assert told.advice.startswith("Check what feeds age")


def small_windows(values: Sequence[float], n: Sequence[int]) -> Measurements:
    recorder = Recorder(WINDOWS)
    recorder.add("accuracy", values, reference=0.93, n=np.array(n))
    return recorder.measurements()


def test_windows_too_small_to_judge_are_not_said_to_hold() -> None:
    told = verdict(small_windows([0.25] * 10, [4] * 10))
    assert told.state is State.NOT_ENOUGH_DATA
    assert told.sentence.startswith(
        "Accuracy is 0.250 (0.930 in the reference), in windows too small to judge it "
        "(at most 4 rows);"
    )
    assert told.advice == "Use larger windows, with 20 labelled rows or more in each."


def test_one_window_of_seven_that_is_large_enough_will_do() -> None:
    late = [*[500] * 6, 300, 90, 12, 3]
    assert verdict(small_windows(HELD, late)).state is State.HEALTHY
    told = verdict(small_windows(HELD, [3] * 10), [event(8, 9)])
    assert told.state is State.ATTENTION
    assert "too small" not in told.sentence


def test_a_loss_that_lasts_needs_attention_though_its_alerts_are_old() -> None:
    told = verdict(episodes=[event(2, 3)], loss=Loss(2, 0.93, 0.9))
    assert told.state is State.ATTENTION
    assert told.sentence.startswith("Accuracy fell from 0.930 to 0.900 since 3 Sep")


def test_errors_rise() -> None:
    found = recorded([2.0] * 6 + [3.0] * 4, metric="mae", reference=2.0).measurements()
    told = verdict(found, [event(6, 9, SeriesKey("mae"), value=3, threshold=2.2)], main="mae")
    assert told.sentence.startswith("MAE rose from 2.000 to 3.000 since 7 Sep")


@pytest.mark.parametrize(
    ("metric", "values", "threshold", "words"),
    [
        ("accuracy", [0.93, 0.93, 0.85, 0.85], 0.9, "Accuracy was down to 0.850 from 3 Sep to 4"),
        ("mae", [2.0, 2.0, 3.0, 3.0], 2.2, "MAE was up at 3.000 from 3 Sep to 4 Sep and is back"),
    ],
)
def test_what_came_back(metric: str, values: list[float], threshold: float, words: str) -> None:
    found = recorded([*values, *values[:1] * 6], metric=metric, reference=values[0])
    past = event(2, 3, SeriesKey(metric), value=values[2], threshold=threshold)
    told = verdict(found.measurements(), [past], main=metric)
    assert told.state is State.HEALTHY
    assert told.sentence.startswith(words)


def test_a_rule_that_was_never_kept() -> None:
    told = verdict(recorded([0.85] * 10, reference=math.nan).measurements(), [event(0, 9)])
    assert told.state is State.ATTENTION
    assert told.sentence.startswith("Accuracy is 0.850 since 1 Sep")


def test_late_labels_do_not_make_an_alert_old() -> None:
    values = [0.93, 0.93, 0.85, 0.85, *[math.nan] * 6]
    told = verdict(recorded(values).measurements(), [event(2, 3)])
    assert told.state is State.ATTENTION
    assert told.sentence.startswith("Accuracy fell from 0.930 to 0.850 since 3 Sep")


def test_an_improvement() -> None:
    told = verdict(recorded([0.96] * 10, reference=0.93).measurements())
    assert told.sentence.startswith("Accuracy improved to 0.960 (0.930 in the reference)")
    assert told.state is State.HEALTHY


def test_only_drift() -> None:
    psi = event(7, 9, SeriesKey("psi", "age"), value=0.4, threshold=0.2, severity=Severity.WARNING)
    told = verdict(episodes=[psi], changes=(change("age", drifted=True, psi=0.4), change("income")))
    assert told.state is State.ATTENTION
    assert told.sentence.endswith("1 of 2 features drifted, age most.")
    assert told.advice.startswith("Nothing to fix while performance holds")


def test_only_quality() -> None:
    missing = SeriesKey("missing_share", "age")
    broken = event(8, 9, missing, value=0.4, threshold=0.1, severity=Severity.WARNING)
    told = verdict(episodes=[broken], changes=(change("age", because=Because.MISSING), QUIET[1]))
    assert told.state is State.ATTENTION
    assert "age" in told.sentence
    assert "40 %" in told.sentence
    assert told.sentence.endswith("since 9 Sep.")
    assert told.advice.startswith("Check what feeds age")


def test_only_another_metric_or_segment() -> None:
    recorder = recorded()
    segment = SeriesKey("accuracy", None, "channel=web")
    recorder.add("accuracy", [0.8] * 10, segment="channel=web")
    told = verdict(recorder.measurements(), [event(7, 8, segment)])
    assert told.state is State.ATTENTION
    assert told.sentence.endswith("accuracy was 0.800 in channel=web from 8 Sep to 9 Sep.")


def test_an_outage() -> None:
    failing = event(9, 9, SeriesKey("error_rate"), value=0.6, threshold=0.1)
    told = verdict(episodes=[failing])
    assert told.state is State.BROKEN
    assert "error rate is 60 % since 10 Sep" in told.sentence
    assert told.advice == "Check the service and its callers."


def test_information_needs_no_attention() -> None:
    assert verdict(episodes=[event(9, 9, severity=Severity.INFO)]).state is State.HEALTHY


def test_no_labels() -> None:
    told = verdict(recorded([math.nan] * 10, reference=math.nan).measurements())
    assert told.sentence.startswith("Accuracy cannot be measured (no labels in this window)")
    assert verdict(main=None).sentence.startswith("Performance cannot be measured without labels")


def test_few_rows_and_none() -> None:
    assert verdict(rows=1).sentence.startswith("1 row is too few")
    assert verdict(rows=29).state is State.NOT_ENOUGH_DATA
    assert verdict(rows=30).state is State.HEALTHY
    assert verdict(rows=0).state is State.NO_DATA
    assert verdict(Measurements((), {})).state is State.NO_DATA


def test_dates_follow_the_zone_and_the_size_of_windows() -> None:
    loss = Loss(1, 0.93, 0.88)
    assert "since 1 Sep;" in verdict(loss=loss, timezone="America/New_York").sentence
    hours = tuple(Window(i * DAY // 24, (i + 1) * DAY // 24) for i in range(3))
    rows = tuple(Window(i * 500, (i + 1) * 500, by_rows=True) for i in range(3))
    for windows, when in ((hours, "since 1 Jan 01:00"), (rows, "since row 501")):
        recorder = Recorder(windows)
        recorder.add("accuracy", np.array([0.93, 0.88, 0.88]))
        assert when in verdict(recorder.measurements(), loss=loss).sentence


def test_rows_that_were_left_out_are_part_of_the_verdict() -> None:
    assert verdict(rejected=100).state is State.HEALTHY
    told = verdict(rejected=4_000)
    assert told.state is State.ATTENTION
    assert told.sentence.endswith("no feature drifted; 29 % of the rows were left out.")
    assert told.advice == "Find out why these rows cannot be used."


def test_when_nothing_comes_any_more_that_is_looked_at_first() -> None:
    recorder = recorded([0.93] * 4 + [0.8] * 4 + [math.nan] * 2)
    recorder.add("volume", [500.0] * 8 + [0.0, 0.0])
    silent = event(8, 9, SeriesKey("volume"), value=0.0, threshold=1.0)
    loss = Loss(4, 0.93, 0.8)
    version = VersionChange("1", "2", 0.93, 0.8, -9.0)
    evidence = Evidence(
        recorder.measurements(),
        [event(4, 7), silent],
        "accuracy",
        loss,
        QUIET,
        case=Case(version=version),
    )
    told = conclude(evidence)
    assert told.state is State.BROKEN
    assert told.sentence.startswith("There have been no predictions since 9 Sep; accuracy fell")
    assert told.advice.startswith("First find out why no predictions come. Roll back to version 1")


def test_a_level_below_the_reference_does_not_hold() -> None:
    recorder = Recorder(WINDOWS)
    recorder.add("accuracy", [0.88] * 10, margin=0.05, reference=0.93)
    assert verdict(recorder.measurements()).sentence.startswith("Accuracy is at 0.880 (0.930 in")


def test_a_fault_that_does_no_harm_yet_needs_attention() -> None:
    fault = Fault(FaultKind.UNIT, ("t",), "t looks 100 times as large", "Bring t back.")
    evidence = Evidence(
        recorded().measurements(), (), "accuracy", changes=QUIET, case=Case(faults=(fault,))
    )
    told = conclude(evidence)
    assert told.state is State.ATTENTION
    assert told.decision.action is Action.FIX
    assert told.advice.startswith("Fix the pipeline first: t looks 100 times as large.")


def test_a_rule_that_the_reference_breaks_as_well_tells_of_no_fall() -> None:
    told = verdict(
        recorded([0.926] * 10).measurements(), [event(0, 9, value=0.926, threshold=0.95)]
    )
    assert told.state is State.ATTENTION
    assert told.sentence.startswith(
        "Accuracy is 0.926 since 1 Sep, below the 0.950 that a rule asks for"
    )
    assert told.advice.startswith("The reference does no better")


def test_drift_without_labels_is_not_said_to_do_no_harm() -> None:
    drift = event(5, 9, SeriesKey("psi", "age"), severity=Severity.WARNING)
    told = verdict(Recorder(WINDOWS).measurements(), [drift], main=None)
    assert told.advice == (
        "Whether it does harm is not known without labels: look at age before it does."
    )
    told = verdict(recorded().measurements(), [drift], changes=(change("age", drifted=True),))
    assert told.advice == (
        "Nothing to fix while performance holds; keep an eye on the drifted features."
    )


def test_the_column_that_breaks_a_rule_of_quality_is_looked_at() -> None:
    broken = event(5, 9, SeriesKey("wrong_type_share", "age"), severity=Severity.WARNING)
    assert verdict(recorded().measurements(), [broken]).advice == "Check what feeds age."


def test_a_model_that_was_never_right_is_read_wrongly() -> None:
    told = verdict(recorded([0.0] * 10, reference=math.nan).measurements())
    assert told.state is State.ATTENTION
    assert told.sentence.startswith("No prediction equals its label")
    assert "different words" in told.advice
    fell = verdict(recorded([0.93] * 5 + [0.0] * 5).measurements())
    assert "different words" not in fell.advice
