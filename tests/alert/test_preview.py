from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from report.build_result import ALL, by_rows, days
from wane.alert.alert import Alert
from wane.alert.message import News
from wane.alert.preview import Previewed, preview
from wane.alert.route import Route
from wane.detect.severity import Severity
from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.window import to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = SeriesKey("accuracy")
WINDOWS = days(10)
PAGER = Route("pager", {"severity": "critical"})
TEAM = Route("team")
MINUTE = dt.timedelta(minutes=1)
Told = tuple[int, str, str, bool]


def measured(*values: float) -> Measurements:
    known = np.array(values)
    none = np.full(len(values), np.nan)
    reasons = tuple("no labels in this window" if np.isnan(value) else None for value in values)
    series = Series(KEY, known, none, none, np.ones(len(values), np.int64), reasons)
    return Measurements(WINDOWS[: len(values)], {KEY: series})


def alerts(measurements: Measurements) -> list[Alert]:
    """Of a rule that warns below .9 and is critical below .8."""
    return [
        Alert(
            rule="accuracy < 0.9",
            key=KEY,
            severity=Severity.CRITICAL if value < 0.8 else Severity.WARNING,
            window=window,
            value=value,
            threshold=0.9,
            reason=f"accuracy {value} is below 0.9",
        )
        for window, value in zip(
            measurements.windows, measurements.series[KEY].values.tolist(), strict=True
        )
        if value < 0.9
    ]


def previewed(*values: float, routes: tuple[Route, ...] = (TEAM,)) -> list[Told]:
    """Window after whose end, to whom, what, and whether it is a reminder."""
    measurements = measured(*values)
    ends = [to_datetime(window.end) for window in measurements.windows]
    return [
        (sum(end < one.at for end in ends) - 1, one.sending.receiver, item.news.value, one.reminder)
        for one in preview(alerts(measurements), measurements, routes, model="m")
        for item in one.sending.items
    ]


def test_beginning_reminders_and_end_are_told_as_they_would_have_been() -> None:
    assert previewed(0.95, 0.85, 0.85, 0.95, 0.95, 0.95) == [
        (1, "team", "firing", False),
        (1, "team", "firing", True),
        (2, "team", "firing", True),
        (2, "team", "firing", True),
        (4, "team", "resolved", False),
    ]


def test_getting_worse_is_no_reminder_and_goes_to_whom_it_matters() -> None:
    quiet = replace(TEAM, repeat_interval=dt.timedelta(days=99))
    assert previewed(0.85, 0.75, routes=(quiet,)) == [
        (0, "team", "firing", False),
        (1, "team", "firing", False),
    ]
    assert previewed(0.85, 0.75, routes=(PAGER,)) == [(1, "pager", "firing", False)]


def test_a_message_leaves_a_minute_after_the_window_has_ended() -> None:
    measurements = measured(0.95, 0.85)
    (one,) = preview(alerts(measurements), measurements, [TEAM], model="m")
    assert one.at == to_datetime(WINDOWS[1].end) + MINUTE
    assert one.sending.items[0].watched.model == "m"
    assert one.sending.items[0].news is News.FIRING


def test_nothing_is_known_before_its_time() -> None:
    values = (0.95, 0.85, float("nan"), 0.85, 0.95, 0.95, 0.85)
    whole = measured(*values)
    every = preview(alerts(whole), whole, [TEAM], model="m")
    for count in range(1, len(values)):
        part = measured(*values[:count])
        until = to_datetime(part.windows[-1].end) + 2 * MINUTE
        known = preview(alerts(part), part, [TEAM], model="m")
        assert _said(known) == _said(one for one in every if one.at < until)


def _said(found: Iterable[Previewed]) -> list[tuple[dt.datetime, str]]:
    return [(one.at, one.sending.items[0].news.value) for one in found]


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_result_has_its_preview(name: str) -> None:
    result = ALL[name]()
    found = preview(result.alerts, result.measurements, [TEAM], model=result.model)
    assert list(found) == sorted(found, key=lambda one: one.at)
    begun: set[str] = set()
    for one in found:
        for item in one.sending.items:
            name = item.watched.incident.fingerprint
            assert (name in begun) or item.news is News.FIRING
            begun = begun - {name} if item.news is News.RESOLVED else begun | {name}


def test_nobody_and_windows_of_rows_have_none() -> None:
    measurements = measured(0.85)
    assert preview(alerts(measurements), measurements, [], model="m") == ()
    rows = by_rows()
    assert preview(rows.alerts, rows.measurements, [TEAM], model="m") == ()
    assert preview([], Measurements((), {}), [TEAM], model="m") == ()


def test_an_owner_can_be_matched() -> None:
    measurements = measured(0.85)
    routes = [Route("team", {"owner": "ann"})]
    found: tuple[Previewed, ...] = preview(alerts(measurements), measurements, routes, model="m")
    assert found == ()
    assert preview(alerts(measurements), measurements, routes, model="m", owner="ann")
