"""Learned limits on awkward tables: strong seasons, zeros, huge values, stray dates."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import wane


def daily(days: int) -> list[str]:
    return [str(dt.date(2025, 1, 1) + dt.timedelta(days=at)) for at in range(days)]


SUNDAY = np.array([dt.date.fromisoformat(day).weekday() == 6 for day in daily(120)])


@pytest.mark.parametrize(
    ("metric", "level", "sunday"),
    [("accuracy", 0.95, -0.15), ("error_rate", 0.01, 0.05), ("latency_p95", 100.0, 200.0)],
)
def test_a_strong_weekly_pattern_is_learned(metric: str, level: float, sunday: float) -> None:
    noise = np.random.default_rng(0).normal(size=120) * level * 0.005
    result = wane.series({"date": daily(120), metric: level + noise + sunday * SUNDAY})
    assert result.alerts == ()


@pytest.mark.parametrize("metric", ["timeouts", "mae"])
def test_what_was_always_zero_is_not_blind(metric: str) -> None:
    result = wane.series({"date": daily(60), metric: [0.0] * 40 + [30.0] * 20})
    assert result.found.findings


def test_a_constant_without_tolerance_is_not_blind() -> None:
    table = {"date": daily(60), "accuracy": [0.9] * 40 + [0.5] * 20}
    assert wane.series(table, tolerance={"accuracy": 0}).found.findings


@pytest.mark.parametrize("days", [slice(50, 53), slice(50, None)])
def test_a_volume_of_zero_is_an_outage(days: slice) -> None:
    volume = np.round(1000 + 30 * np.random.default_rng(0).normal(size=60))
    volume[days] = 0
    result = wane.series({"date": daily(60), "volume": volume})
    assert [str(finding.severity) for finding in result.found.findings] == ["critical"]


@pytest.mark.filterwarnings("error")
def test_a_value_too_large_to_reckon_with_is_overlooked() -> None:
    values = 0.9 + 0.01 * np.random.default_rng(0).normal(size=60)
    values[30] = 1e200
    assert wane.series({"date": daily(60), "mae": values}).to_json()


def test_a_stray_date_does_not_keep_traffic_learning() -> None:
    hours = [f"2025-01-{day:02}T{hour:02}:00:00" for day in range(1, 7) for hour in range(24)]
    table = {"date": ["1970-01-01T00:00:00", *hours], "volume": [100.0] * 145}
    assert wane.series(table).found.learning == 0
