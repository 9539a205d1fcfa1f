"""What switching a rule or a budget on would have meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detect.build_findings import FELL, finding
from report.build_result import days
from wane.alert.alert import Alert
from wane.detect.budget import Budget
from wane.detect.detector import Detector
from wane.detect.found import Found, nothing_found
from wane.detect.severity import Severity
from wane.diagnose.replay import Backtest, Replayed, replay
from wane.metrics.measurement import SeriesKey
from wane.window import Window

if TYPE_CHECKING:
    from wane.detect.finding import Finding

WINDOWS = days(60)
KEY = SeriesKey("accuracy")
RULE, SILENT = "accuracy < 0.9", "psi > 0.2"


def alert(at: int, key: SeriesKey = KEY, rule: str = RULE, told: Finding | None = None) -> Alert:
    return Alert(rule, key, Severity.WARNING, WINDOWS[at], 0.8, 0.9, "too low", finding=told)


def watching(*findings: Finding, budget: str = "1 per 90 days") -> Found:
    return replace(nothing_found(), findings=findings, streams=1, budget=Budget.parse(budget))


def by_name(found: Backtest) -> dict[str, Replayed]:
    return {one.name: one for one in found.replayed}


def test_windows_that_follow_each_other_are_one_event() -> None:
    alerts = [alert(at) for at in (5, 6, 8, 20)]
    (found,) = replay([RULE], alerts, nothing_found(), WINDOWS).replayed
    assert (found.name, found.learned) == (RULE, False)
    assert (found.events, found.windows) == (2, 4)
    assert found.starts == (WINDOWS[5], WINDOWS[20])
    assert found.per_month == pytest.approx(1)


def test_series_of_one_rule_are_events_of_their_own() -> None:
    alerts = [alert(5), alert(5, SeriesKey("accuracy", None, "channel=web"))]
    (found,) = replay([RULE], alerts, nothing_found(), WINDOWS).replayed
    assert (found.events, found.windows) == (2, 2)


def test_rules_that_never_fired_are_listed_in_the_order_given() -> None:
    rules = [SILENT, RULE, SILENT]
    found = replay(rules, [alert(5)], nothing_found(), WINDOWS).replayed
    assert [(one.name, one.events, one.windows) for one in found] == [(SILENT, 0, 0), (RULE, 1, 1)]
    assert found[0].starts == ()


def test_detectors_are_counted_by_what_they_found() -> None:
    spike = finding("volume", detector=Detector.SPIKE, raised=10, last=10)
    found = replay([], [], watching(FELL, spike), WINDOWS)
    assert [one.name for one in found.replayed if one.learned][:3] == ["spike", "shift", "loss"]
    shift = by_name(found)["shift"]
    assert (shift.events, shift.windows, shift.starts) == (1, 10, (WINDOWS[31],))
    assert (by_name(found)["spike"].events, by_name(found)["spike"].windows) == (1, 1)
    assert by_name(found)["loss"].events == by_name(found)["drift"].events == 0


def test_information_and_alerts_of_learned_limits_are_no_events_of_rules() -> None:
    good = finding(severity=Severity.INFO)
    alerts = [alert(at, rule="learned limits", told=FELL) for at in (31, 32)]
    found = replay([RULE], alerts, watching(good), WINDOWS)
    assert {one.name: one.events for one in found.replayed if one.events} == {}


def test_nothing_is_said_of_detectors_where_nothing_is_watched() -> None:
    assert replay([], [], nothing_found(), WINDOWS).replayed == ()


@pytest.mark.parametrize(
    ("budget", "allowed"), [("1 per 90 days", 60 / 90), ("2 per month", 4.0), ("1 per day", 60.0)]
)
def test_what_the_budget_allows_in_that_time(budget: str, allowed: float) -> None:
    found = replay([], [], watching(budget=budget), WINDOWS)
    assert found.days == 60
    assert found.allowed == pytest.approx(allowed)


def test_missing_windows_are_days_all_the_same() -> None:
    assert replay([], [], nothing_found(), (*WINDOWS[:5], WINDOWS[29])).days == 30


def test_hours_are_parts_of_a_day_and_windows_of_rows_count_as_one() -> None:
    hour = 3_600_000_000
    hourly = [Window(at * hour, (at + 1) * hour) for at in range(48)]
    assert replay([], [], nothing_found(), hourly).days == pytest.approx(2)
    by_rows = [Window(at * 10, (at + 1) * 10, by_rows=True) for at in range(7)]
    assert replay([], [], nothing_found(), by_rows).days == 7


def test_no_windows_at_all() -> None:
    found = replay([RULE], [], watching(), ())
    assert (found.days, found.allowed) == (0, 0)
    assert {one.per_month for one in found.replayed} == {0}
