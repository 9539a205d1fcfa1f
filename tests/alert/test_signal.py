from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.build_result import ALL, days
from wane.alert.alert import Alert
from wane.alert.signal import Waiting, conditions_of, fingerprint, signals_of
from wane.detect.severity import Severity
from wane.metrics.measurement import Measurements, Series, SeriesKey

KEY = SeriesKey("accuracy")
WINDOWS = days(8)
NAN = float("nan")


def measured(*values: float, reason: str = "no labels in this window") -> Measurements:
    known = np.array(values)
    none = np.full(len(values), np.nan)
    reasons = tuple(reason if np.isnan(value) else None for value in values)
    series = Series(KEY, known, none, none, np.ones(len(values), np.int64), reasons)
    return Measurements(WINDOWS[: len(values)], {KEY: series})


def test_a_fingerprint_is_of_the_condition_alone() -> None:
    one = fingerprint("t", "m", "accuracy < 0.9", KEY)
    assert len(one) == 32
    assert one == fingerprint("t", "m", "accuracy < 0.9", ("accuracy", None, None))
    others = {
        fingerprint("u", "m", "accuracy < 0.9", KEY),
        fingerprint("t", "n", "accuracy < 0.9", KEY),
        fingerprint("t", "m", "accuracy < 0.8", KEY),
        fingerprint("t", "m", "accuracy < 0.9", SeriesKey("accuracy", None, "a=b")),
        fingerprint("t", "m", "accuracy < 0.9", SeriesKey("accuracy", "a=b", None)),
        fingerprint("t\x1fm", "", "accuracy < 0.9", KEY),
    }
    assert len(others | {one}) == 7
    assert fingerprint("t", "m", "\ud800", KEY)


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_result_has_its_signals(name: str) -> None:
    result = ALL[name]()
    found = signals_of(result.alerts, result.measurements, tenant="t", model=result.model)
    conditions = {(alert.rule, alert.key) for alert in result.alerts}
    assert {(s.rule, (s.metric, s.column, s.segment)) for s in found} <= {
        (rule, tuple(key)) for rule, key in conditions
    }
    starts = [window.start for window in result.measurements.windows]
    for signal in found:
        assert list(signal.windows) == sorted(set(signal.windows))
        assert set(signal.windows) <= set(starts)
        assert signal.since in signal.windows
        assert signal.quiet >= 0


def test_the_newest_run_goes_over_windows_that_cannot_be_judged() -> None:
    measurements = measured(0.95, 0.8, 0.95, 0.95, 0.7, NAN, 0.6, NAN)
    alerts = [
        replace(ALL["declining"]().alerts[0], key=KEY, window=WINDOWS[at], value=value)
        for at, value in ((1, 0.8), (4, 0.7), (6, 0.6))
    ]
    (signal,) = signals_of(alerts, measurements, tenant="t", model="m")
    assert signal.windows == tuple(WINDOWS[at].start for at in (1, 4, 6))
    assert signal.since == WINDOWS[4].start
    assert (signal.gap, signal.quiet, signal.value) == (2, 0, 0.6)
    assert signal.waiting is Waiting.LABELS


def test_quiet_windows_are_counted_where_they_were_judged() -> None:
    measurements = measured(0.8, 0.95, NAN, 0.95, reason="no rows in this window")
    alert = replace(ALL["declining"]().alerts[0], key=KEY, window=WINDOWS[0])
    (signal,) = signals_of([alert], measurements, tenant="t", model="m")
    assert (signal.quiet, signal.gap, signal.waiting) == (2, 0, Waiting.NOTHING)


def test_of_two_alerts_in_a_window_the_more_severe_counts() -> None:
    base = replace(ALL["declining"]().alerts[0], key=KEY, window=WINDOWS[0])
    both = [replace(base, severity=one) for one in (Severity.CRITICAL, Severity.WARNING)]
    for alerts in (both, both[::-1]):
        (signal,) = signals_of(alerts, measured(0.8), tenant="t", model="m")
        assert signal.severity is Severity.CRITICAL


@given(
    values=st.lists(st.sampled_from([0.95, 0.8, 0.6, NAN]), min_size=1, max_size=8),
    severities=st.lists(st.sampled_from(Severity), min_size=8, max_size=8),
)
def test_after_each_window_a_condition_says_what_an_evaluation_said_then(
    values: list[float], severities: list[Severity]
) -> None:
    base = replace(ALL["declining"]().alerts[0], key=KEY)
    alerts = [
        replace(base, window=WINDOWS[at], value=value, severity=severities[at])
        for at, value in enumerate(values)
        if value < 0.9
    ]
    conditions = conditions_of(alerts, measured(*values), tenant="t", model="m")
    for place in range(len(values)):
        known = [alert for alert in alerts if alert.window.start <= WINDOWS[place].start]
        then = signals_of(known, measured(*values[: place + 1]), tenant="t", model="m")
        assert tuple(filter(None, (one.at(place) for one in conditions))) == then


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.80, 0.86, "95 % interval 0.8 to 0.86, wholly beyond the limit"),
        (0.80, 0.92, "which holds the limit too: it may be chance"),
        (NAN, NAN, ""),
    ],
)
def test_how_sure_a_broken_rule_is(low: float, high: float, told: str) -> None:
    found = measured(0.95, 0.84)
    series = replace(found.series[KEY], low=np.array([NAN, low]), high=np.array([NAN, high]))
    measurements = replace(found, series={KEY: series})
    alert = Alert("accuracy < 0.9", KEY, Severity.WARNING, WINDOWS[1], 0.84, 0.9, "why")
    (signal,) = signals_of([alert], measurements, tenant="t", model="m")
    assert signal.sure.endswith(told)
    assert bool(signal.sure) == bool(told)
