from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from detect.build_runs import ROWS, shares
from pipeline.logs import LOG, TRAIN, check, put
from report.build_result import Recorder, days
from streams import DAILY, SCHEMAS, START, count, grid_of, log
from wane.detect.find import Ask, find
from wane.detect.found import Found, nothing_found
from wane.detect.grammar import parse_rule
from wane.detect.rule import Holds
from wane.detect.severity import Severity
from wane.detect.watched import Choice
from wane.errors import ConfigError
from wane.metrics.measurement import Measurements, SeriesKey
from wane.pipeline.covered import Covered, incomplete_windows
from wane.pipeline.judge import judge, parse_rules, rules_for
from wane.schema import Task
from wane.window import DAY, Window

RECORDER = Recorder(days(4))
RECORDER.add("accuracy", [0.95, 0.95, 0.85, 0.95], reference=0.95)
RECORDER.add("f1", [0.9, 0.9, 0.9, math.nan])
RECORDER.add("psi", [0.1, 0.1, 0.1, 0.5], column="age")
RECORDER.add("accuracy", [0.9, 0.9, 0.9, 0.7], segment="channel=web")
FOUND = RECORDER.measurements()


def judged(*texts: str) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    found = judge(parse_rules(texts), FOUND, nothing_found())
    starts = [window.start for window in FOUND.windows]
    places = [(alert.key.metric, starts.index(alert.window.start)) for alert in found.alerts]
    return places, found.notes


def test_rules_become_alerts() -> None:
    places, notes = judged("accuracy < 0.9", "psi(age) > 0.2", "accuracy < 0.8 per channel")
    assert places == [("accuracy", 2), ("psi", 3), ("accuracy", 3)]
    assert notes == ()


def test_a_rule_that_is_not_broken_for_long_enough_is_pending() -> None:
    rules = parse_rules(["psi(age) > 0.2 for 2", "accuracy < 0.9 for 2", "f1 < 0.95 for 9"])
    found = judge(rules, FOUND, nothing_found())
    waits = [(one.key.metric, one.window.start // DAY - START // DAY) for one in found.pending]
    assert [metric for metric, _ in waits] == ["f1", "f1", "f1", "psi"]
    assert {one.asked for one in found.pending if one.key.metric == "psi"} == {2}
    assert not [one for one in found.alerts if one.key.metric == "psi"]


def test_a_volume_seen_in_part_breaks_no_rule() -> None:
    recorder = Recorder(days(2))
    recorder.add("volume", [100.0, 40.0])
    rules, found = parse_rules(["volume < 50"]), recorder.measurements()
    assert len(judge(rules, found, nothing_found()).alerts) == 1
    assert judge(rules, found, nothing_found(), Covered(partial=frozenset({1}))).alerts == ()


def test_default_rules_hold_until_limits_are_learned() -> None:
    rules = [replace(rule, given=False) for rule in parse_rules(["accuracy < 0.9"])]
    learned_from = {SeriesKey("accuracy"): 2, SeriesKey("accuracy", None, "channel=web"): 2}
    known = replace(nothing_found(), judged_from=learned_from)
    assert len(judge(rules, FOUND, nothing_found()).alerts) == 1
    after = judge(rules, FOUND, known)
    assert after.alerts == ()
    assert after.rules == ()
    assert len(judge(parse_rules(["accuracy < 0.9"]), FOUND, known).alerts) == 1


def falling() -> tuple[Found, Measurements]:
    """Thirty healthy days and ten bad ones, and what learned limits find in them."""
    recorder = Recorder(days(40))
    recorder.add("accuracy", shares(np.where(np.arange(40) < 30, 0.95, 0.85), 40), n=ROWS)
    measurements = recorder.measurements()
    choice = Choice(main="accuracy")
    return find(measurements, None, replace(Ask(), choice=choice)), measurements


def test_learned_limits_raise_alerts_of_their_own() -> None:
    found, measurements = falling()
    alerts = judge((), measurements, found).alerts
    assert [measurements.windows.index(alert.window) for alert in alerts] == [*range(30, 40)]
    assert {alert.severity for alert in alerts} == {Severity.CRITICAL}
    assert all(alert.finding is not None for alert in alerts)


def test_on_a_series_with_a_rule_learned_limits_only_warn() -> None:
    found, measurements = falling()
    ruled = judge(parse_rules(["accuracy < 0.5"]), measurements, found).alerts
    assert {alert.severity for alert in ruled} == {Severity.WARNING}
    elsewhere = judge(parse_rules(["accuracy < 0.5 on channel=web"]), measurements, found).alerts
    assert {alert.severity for alert in elsewhere} == {Severity.CRITICAL}


def test_a_default_that_lasts_speaks_only_where_no_finding_does() -> None:
    found, measurements = falling()
    (rule,) = parse_rules(["accuracy < 0.96"])
    lasting = replace(rule, given=False, holds=Holds.AFTER)
    judged = judge([lasting], measurements, found)
    ruled = [alert for alert in judged.alerts if alert.finding is None]
    windows = [measurements.windows.index(alert.window) for alert in ruled]
    assert windows
    assert max(windows) < 30
    assert judged.rules == (lasting,)


def test_a_rule_of_a_user_is_never_overruled() -> None:
    found, measurements = falling()
    alerts = judge(parse_rules(["accuracy < 0.96"]), measurements, found).alerts
    ruled = [alert for alert in alerts if alert.finding is None]
    assert len(ruled) >= 30
    assert {alert.severity for alert in ruled} == {Severity.CRITICAL}


def test_alerts_are_in_order_of_time_and_then_the_worst_first() -> None:
    found, measurements = falling()
    alerts = judge(parse_rules(["accuracy < 0.96"]), measurements, found).alerts
    keys = [(alert.window.start, -alert.severity.rank) for alert in alerts]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ("mae > 1", "rule `mae > 1` matches nothing: mae is not measured here; it needs label"),
        ("psi(agee) > 0.2", "rule `psi(agee) > 0.2` matches no column: psi is not measured"),
        ("psi(agee) > 0.2", "for column 'agee'. Did you mean 'age'?"),
        ("accuracy < 0.9 on channel=wb", "those of channel are web. Did you mean 'web'?"),
        ("accuracy < 0.9 on chanel=web", "matches no segment. Did you mean 'channel'?"),
        ("psi(age) rises 0.1", "has no value in the reference"),
        ("accuracy < 0.9 with 9000 rows", "need about 7,000 more"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_told(rule: str, note: str) -> None:
    places, notes = judged(rule)
    assert places == []
    assert note in notes[0]


def test_a_rule_on_labels_that_never_came_is_told_that() -> None:
    recorder = Recorder(days(2))
    recorder.add("accuracy", [math.nan, math.nan], reason="no labels in this window")
    (note,) = judge(parse_rules(["accuracy < 0.9"]), recorder.measurements(), nothing_found()).notes
    assert note == (
        "rule `accuracy < 0.9` cannot be judged: "
        "accuracy has no value in any window (no labels in this window)"
    )


def defaults_in(n: int, rows: int) -> tuple[int, tuple[str, ...]]:
    """Alerts and notes of the default rules for a collapse in two windows."""
    recorder = Recorder(days(2))
    recorder.add("accuracy", [0.0, 0.0], n=n, reference=0.95, margin=0.01)
    recorder.add("volume", [rows, rows], n=rows, reference=4)
    recorder.add("missing_share", [0.0, 0.0], column="age", n=rows, reference=0.0, margin=0.0)
    found = recorder.measurements()
    judged = judge(rules_for(None, found, Task.BINARY, "accuracy"), found, nothing_found())
    return len(judged.alerts), judged.notes


def test_default_rules_tell_in_few_words_what_a_tiny_window_leaves_open() -> None:
    alerts, (note,) = defaults_in(2, 4)
    assert alerts == 0
    assert note == (
        "too few rows in the newest window to tell about accuracy, missing_share: "
        "need about 18 more"
    )
    alerts, notes = defaults_in(2, 1)
    assert alerts == 0
    assert notes[1].startswith("too few rows in the newest window to tell about volume: need about")
    assert defaults_in(200, 4)[0] == 2


def test_default_rules_are_silent_about_what_a_large_window_leaves_open() -> None:
    recorder = Recorder(days(2))
    recorder.add("accuracy", [0.89, 0.89], n=1000, reference=0.95, margin=0.05)
    found = recorder.measurements()
    assert (
        judge(rules_for(None, found, Task.BINARY, "accuracy"), found, nothing_found()).notes == ()
    )


@pytest.mark.parametrize("every", ["1d", "4 rows"])
@pytest.mark.parametrize("rows", [3, 200])
def test_a_tiny_log_raises_no_alerts_on_performance(every: str, rows: int) -> None:
    """Every answer is wrong: three rows cannot show it, fifty windows of four together do."""
    answers = pa.array(TRAIN["prediction"].to_numpy()[:rows])
    wrong = put(LOG.slice(0, rows), prediction=answers, label=1 - answers.to_numpy())
    found = check(wrong, reference=TRAIN, every=every)
    loud = {alert.key.metric for alert in found.alerts} & {"accuracy", "roc_auc", "volume"}
    assert bool(loud) is (rows == 200)
    told = any("too few rows in the newest window" in note for note in found.notes)
    assert told is not (rows == 200 and every == "1d")


def test_rules_that_a_user_wrote_fire_in_tiny_windows_as_written() -> None:
    rules = ["accuracy < 0.9", "volume drops 50%"]
    times = LOG["timestamp"].to_pylist()
    few = put(LOG.slice(0, 9), timestamp=[times[0]] * 4 + [times[200]] * 4 + [times[400]])
    wrong = put(few, label=1 - few["prediction"].to_numpy())
    found = check(wrong, reference=TRAIN, every="1d", rules=rules)
    assert [alert.key.metric for alert in found.alerts] == ["accuracy"] * 3 + ["volume"]


def test_rules_of_a_user_are_read_or_refused() -> None:
    rule = parse_rule("accuracy < 0.9")
    assert parse_rules(["accuracy < 0.9", rule, {"rule": "accuracy < 0.9"}]) == (rule,) * 3
    assert rules_for((rule,), FOUND, Task.BINARY, "accuracy") == (rule,)
    with pytest.raises(ConfigError, match="'acuracy'"):
        rules_for(parse_rules(["acuracy < 1"]), FOUND, Task.BINARY, "accuracy")
    assert all(not each.given for each in rules_for(None, FOUND, Task.BINARY, "accuracy"))
    assert rules_for((), FOUND, Task.BINARY, "accuracy") == ()


def windows_of(hours: np.ndarray[tuple[int], np.dtype[np.int64]]) -> frozenset[int]:
    table = log(Task.NONE, len(hours))
    times = pa.array((START + hours * DAY // 24).astype("datetime64[us]"))
    table = table.set_column(0, "at", times)
    ledger = count(table, SCHEMAS[Task.NONE], grid_of(table, SCHEMAS[Task.NONE])).whole
    windows = tuple(DAILY.window(key) for key in sorted({key.window for key in ledger.keys}))
    return incomplete_windows(ledger, Measurements(windows, {}))


@pytest.mark.parametrize(
    ("first", "last", "incomplete"),
    [(0, 72, set()), (0, 60, {2}), (9, 72, {0}), (9, 60, {0, 2}), (9, 20, {0})],
)
def test_windows_that_were_seen_in_part(first: int, last: int, incomplete: set[int]) -> None:
    assert windows_of(np.arange(first, last)) == incomplete


def test_of_windows_of_rows_the_last_may_be_in_part() -> None:
    table = log(Task.NONE, 50)
    ledger = count(table, SCHEMAS[Task.NONE], grid_of(table, SCHEMAS[Task.NONE])).whole
    rows = Measurements((Window(0, 500, by_rows=True),), {})
    assert incomplete_windows(ledger, rows) == {0}
    assert incomplete_windows(ledger, Measurements((), {})) == frozenset()
