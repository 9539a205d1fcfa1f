from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.alert.advance import advance, pending
from wane.detect.detection import Detection
from wane.detect.grammar import parse_rule
from wane.detect.severity import Severity
from wane.metrics.measurement import SeriesKey
from wane.window import DAY, Window


def days(*numbers: int) -> tuple[Window, ...]:
    return tuple(Window(day * DAY, (day + 1) * DAY) for day in numbers)


def broken(
    text: str, *indices: int, key: SeriesKey | None = None, given: bool = True
) -> list[Detection]:
    rule = replace(parse_rule(text), given=given)
    key = key or SeriesKey(rule.metric)
    return [Detection(rule, key, index, 0.5, 0.9, 100, f"{text} broken") for index in indices]


def test_each_broken_window_alerts_by_default() -> None:
    alerts = advance(broken("accuracy < 0.9", 1, 3), days(0, 1, 2, 3))
    assert [alert.window.start for alert in alerts] == [DAY, 3 * DAY]
    assert alerts[0].rule == "accuracy < 0.9"
    assert alerts[0].reason == "accuracy < 0.9 broken"
    assert (alerts[0].value, alerts[0].threshold) == (0.5, 0.9)


def test_nothing_broken() -> None:
    assert advance([], days(0, 1)) == ()


def test_for_two_fires_from_the_second_window_on() -> None:
    alerts = advance(broken("accuracy < 0.9 for 2", 0, 2, 3, 4), days(0, 1, 2, 3, 4))
    assert [alert.window.start // DAY for alert in alerts] == [3, 4]
    assert alerts[0].reason.endswith("for 2 windows or more")


def test_a_missing_window_breaks_the_run() -> None:
    alerts = advance(broken("accuracy < 0.9 for 2", 0, 1, 2), days(0, 5, 6))
    assert [alert.window.start // DAY for alert in alerts] == [6]


def test_series_have_runs_of_their_own() -> None:
    web, phone = SeriesKey("f1", None, "c=web"), SeriesKey("f1", None, "c=phone")
    text = "f1 < 1 per c for 2"
    alerts = advance([*broken(text, 0, key=web), *broken(text, 1, key=phone)], days(0, 1))
    assert alerts == ()


def test_oldest_first_then_most_severe() -> None:
    found = [
        *broken("f1 < 1 as info", 0, 1),
        *broken("accuracy < 1", 1),
        *broken("recall < 1 as warning", 1),
    ]
    alerts = advance(found, days(0, 1))
    assert [alert.key.metric for alert in alerts] == ["f1", "accuracy", "recall", "f1"]


@pytest.mark.parametrize(("given", "count"), [(True, 2), (False, 1)])
def test_of_default_rules_on_a_series_the_most_severe_speaks(*, given: bool, count: int) -> None:
    found = [
        *broken("accuracy drops 0.02 as warning", 0, 1, given=given),
        *broken("accuracy drops 0.05", 1, given=given),
    ]
    alerts = advance(found, days(0, 1))
    assert [alert.severity for alert in alerts[:2]] == [Severity.WARNING, Severity.CRITICAL]
    assert len([alert for alert in alerts if alert.window.start == DAY]) == count


def test_default_rules_in_two_directions_do_not_compete() -> None:
    found = [
        *broken("volume drops 50%", 0, given=False),
        *broken("volume rises 100% as warning", 0, given=False),
    ]
    assert len(advance(found, days(0))) == 2


@given(st.sets(st.integers(0, 30)), st.integers(1, 4))
def test_a_run_fires_as_often_as_it_is_long(indices: set[int], size: int) -> None:
    alerts = advance(broken(f"f1 < 1 for {size}", *indices), days(*range(31)))
    expected = [i for i in sorted(indices) if all(i - back in indices for back in range(size))]
    assert [alert.window.start // DAY for alert in alerts] == expected


ACCURACY = SeriesKey("accuracy")


def test_a_run_that_is_not_long_enough_yet_is_pending() -> None:
    found = broken("accuracy < 0.9 for 3", 1, 2)
    (first, second) = pending(found, days(0, 1, 2), {ACCURACY: 2})
    assert [first.window.start, second.window.start] == [DAY, 2 * DAY]
    assert (second.asked, second.reason) == (3, "accuracy < 0.9 for 3 broken")
    assert advance(found, days(0, 1, 2)) == ()


@pytest.mark.parametrize(
    ("broken_at", "newest", "shown"),
    [
        ([0, 1], 2, []),  # it is not broken any more
        ([1], 1, [1]),  # the last window has no value
        ([0, 1, 2], 2, []),  # it fires
        ([0, 2], 2, [2]),  # what went before was a run of its own
        ([], 2, []),
    ],
)
def test_pending_is_what_goes_on(broken_at: list[int], newest: int, shown: list[int]) -> None:
    found = broken("accuracy < 0.9 for 3", *broken_at)
    alerts = pending(found, days(0, 1, 2), {ACCURACY: newest})
    assert [alert.window.start // DAY for alert in alerts] == shown


def test_a_rule_that_asks_for_one_window_is_never_pending() -> None:
    assert pending(broken("accuracy < 0.9", 0, 1), days(0, 1), {ACCURACY: 1}) == ()


@given(st.sets(st.integers(0, 9)), st.integers(1, 4))
def test_what_is_broken_now_fires_or_is_pending(indices: set[int], asked: int) -> None:
    found = broken(f"accuracy < 0.9 for {asked}", *sorted(indices))
    windows = days(*range(10))
    fires = {alert.window for alert in advance(found, windows)}
    waits = {alert.window for alert in pending(found, windows, {ACCURACY: 9})}
    assert not (fires & waits)
    assert (windows[9] in fires | waits) == (9 in indices)
