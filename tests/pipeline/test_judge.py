from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from report.build_result import Recorder, days
from streams import DAILY, SCHEMAS, START, count, grid_of, log
from wane.detect.grammar import parse_rule
from wane.errors import ConfigError
from wane.metrics.measurement import Measurements
from wane.pipeline.judge import incomplete_windows, judge, parse_rules, rules_for
from wane.schema import Task
from wane.window import DAY, Window

RECORDER = Recorder(days(4))
RECORDER.add("accuracy", [0.95, 0.95, 0.85, 0.95], reference=0.95)
RECORDER.add("f1", [0.9, 0.9, 0.9, math.nan])
RECORDER.add("psi", [0.1, 0.1, 0.1, 0.5], column="age")
RECORDER.add("accuracy", [0.9, 0.9, 0.9, 0.7], segment="channel=web")
FOUND = RECORDER.measurements()


def judged(*texts: str) -> tuple[list[tuple[str, int]], tuple[str, ...]]:
    found = judge(parse_rules(texts), FOUND)
    starts = [window.start for window in FOUND.windows]
    places = [(alert.key.metric, starts.index(alert.window.start)) for alert in found.alerts]
    return places, found.notes


def test_rules_become_alerts() -> None:
    places, notes = judged("accuracy < 0.9", "psi(age) > 0.2", "accuracy < 0.8 per channel")
    assert places == [("accuracy", 2), ("psi", 3), ("accuracy", 3)]
    assert notes == ()


def test_detections_may_be_skipped() -> None:
    rules = parse_rules(["accuracy < 0.9"])
    assert judge(rules, FOUND, lambda detection: detection.index == 2).alerts == ()


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ("mae > 1", "mae is not measured here"),
        ("psi(agee) > 0.2", "psi is not measured for column 'agee'. Did you mean 'age'?"),
        ("accuracy < 0.9 on channel=wb", "Did you mean 'channel=web'?"),
        ("psi(age) rises 0.1", "has no value in the reference"),
        ("accuracy < 0.9 with 9000 rows", "need about 7,000 more"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_told(rule: str, note: str) -> None:
    places, notes = judged(rule)
    assert places == []
    assert note in notes[0]


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


def test_windows_of_rows_are_never_in_part() -> None:
    table = log(Task.NONE, 50)
    ledger = count(table, SCHEMAS[Task.NONE], grid_of(table, SCHEMAS[Task.NONE])).whole
    rows = Measurements((Window(0, 500, by_rows=True),), {})
    assert incomplete_windows(ledger, rows) == frozenset()
    assert incomplete_windows(ledger, Measurements((), {})) == frozenset()
