"""Alarms as findings: their shape, date, size and severity, on runs of sixty days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detect.build_runs import CHOICE, ROWS, found_in, only, recorder, shares, steady_volume
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.detect.watched import Choice
from wane.metrics.measurement import SeriesKey

if TYPE_CHECKING:
    from wane.detect.finding import Finding
    from wane.detect.found import Found

DAYS = np.arange(60)
HEALTHY = 0.9


def run(
    metric: str,
    values: np.ndarray,
    choice: Choice = CHOICE,
    **given: Any,  # noqa: ANN401
) -> Found:
    measured = recorder(len(values))
    measured.add(metric, values, **{"n": ROWS, **given})
    return found_in(measured, choice)


def accuracy(share: object, *, reference: float = HEALTHY, seed: int = 0) -> Found:
    values = shares(np.asarray(share), seed=seed)
    return run("accuracy", values, reference=reference, margin=0.013)


def span(finding: Finding) -> tuple[int, int, int, int | None]:
    return finding.first, finding.raised, finding.last, finding.recovered


def test_a_healthy_run_has_no_findings() -> None:
    for seed in range(3):
        found = accuracy(HEALTHY, seed=seed)
        assert found.findings == ()
        assert found.learning == 0


def test_a_step_in_accuracy_is_one_critical_finding_with_the_right_date() -> None:
    finding = only(accuracy(np.where(DAYS >= 40, 0.85, HEALTHY)))
    assert finding.key == SeriesKey("accuracy")
    assert finding.severity is Severity.CRITICAL
    assert (finding.shape, finding.side, finding.detector) == (Shape.STEP, -1, "loss")
    assert span(finding) == (40, 40, 59, None)
    assert finding.earliest <= 40 <= finding.latest <= 41
    assert finding.before == pytest.approx(0.9, abs=0.005)
    assert finding.now == pytest.approx(0.85, abs=0.005)
    assert finding.tolerated == pytest.approx(finding.before - 0.01, abs=0.002)
    assert finding.stands


def test_a_step_without_a_reference_is_measured_against_the_first_level() -> None:
    finding = only(accuracy(np.where(DAYS >= 40, 0.85, HEALTHY), reference=np.nan))
    assert finding.severity is Severity.CRITICAL
    assert span(finding)[:2] == (40, 40)


def test_a_ramp_is_called_gradual() -> None:
    finding = only(accuracy(np.where(DAYS >= 35, HEALTHY - 0.004 * (DAYS - 34), HEALTHY)))
    assert finding.shape is Shape.RAMP
    assert finding.severity is Severity.CRITICAL
    assert finding.earliest <= 35 <= finding.latest
    assert finding.now == pytest.approx(0.8, abs=0.02)


def test_a_recovery_is_dated() -> None:
    finding = only(accuracy(np.where((DAYS >= 40) & (DAYS < 45), 0.85, HEALTHY)))
    assert finding.shape is Shape.STEP
    assert span(finding) == (40, 40, 44, 45)
    assert not finding.stands


def test_one_bad_window_is_a_spike() -> None:
    finding = only(accuracy(np.where(DAYS == 40, 0.7, HEALTHY)))
    assert finding.shape is Shape.SPIKE
    assert span(finding) == (40, 40, 40, 41)


def test_a_newest_window_that_is_bad_is_a_spike_so_far() -> None:
    finding = only(accuracy(np.where(DAYS == 59, 0.7, HEALTHY)))
    assert finding.shape is Shape.SPIKE
    assert span(finding) == (59, 59, 59, None)


def test_a_weekly_pattern_that_is_gone_is_told_as_that() -> None:
    windows = np.arange(119)
    weekend = np.where((windows % 7 >= 5) & (windows < 84), 0.0, 0.05)
    measured = recorder(119)
    measured.add("accuracy", shares(0.85 + weekend, windows=119), n=ROWS, margin=0.013)
    finding = only(found_in(measured))
    assert finding.shape is Shape.SEASON
    assert finding.earliest <= 84 <= finding.latest + 7
    assert finding.severity is Severity.INFO  # weekends got better


@pytest.mark.parametrize(
    ("metric", "tolerance", "severity"),
    [
        ("accuracy", {}, Severity.CRITICAL),
        ("specificity", {}, Severity.WARNING),
        ("specificity", {"specificity": 0.01}, Severity.CRITICAL),
    ],
)
def test_a_loss_is_critical_in_the_main_metric_and_where_a_tolerance_was_given(
    metric: str, tolerance: dict[str, float], severity: Severity
) -> None:
    values = shares(np.where(DAYS >= 40, 0.8, HEALTHY))
    choice = Choice(main="accuracy", tolerance=tolerance)
    finding = only(run(metric, values, choice, reference=HEALTHY, margin=0.013))
    assert finding.severity is severity


def test_an_improvement_is_information() -> None:
    finding = only(accuracy(np.where(DAYS >= 40, 0.95, HEALTHY)))
    assert (finding.severity, finding.side) == (Severity.INFO, 1)


def volume(at: slice, factor: float) -> Finding:
    values = steady_volume()
    values[at] = np.round(values[at] * factor)
    return only(run("volume", values))


@pytest.mark.parametrize("factor", [3.0, 0.4])
def test_a_volume_that_jumps_is_a_warning(factor: float) -> None:
    finding = volume(slice(45, 46), factor)
    assert finding.severity is Severity.WARNING
    assert finding.shape is Shape.SPIKE
    assert span(finding) == (45, 45, 45, 46)
    assert finding.before == pytest.approx(1200, rel=0.05)
    assert finding.now == pytest.approx(1200 * factor, rel=0.1)


def test_a_loss_of_nearly_all_traffic_is_an_outage() -> None:
    finding = volume(slice(45, 48), 0.005)
    assert finding.severity is Severity.CRITICAL
    assert span(finding) == (45, 45, 47, 48)


def test_a_volume_that_stays_elsewhere_becomes_the_usual_one() -> None:
    finding = volume(slice(40, None), 0.5)
    assert finding.adopted
    assert not finding.stands
    assert finding.recovered is None
    assert finding.last == 53


def test_failed_calls_are_critical() -> None:
    values = shares(np.where(DAYS >= 50, 0.05, 0.001))
    finding = only(run("error_rate", values, reference=0.001, margin=0.001))
    assert (finding.severity, finding.side, finding.first) == (Severity.CRITICAL, 1, 50)


def test_missing_values_are_a_warning() -> None:
    values = shares(np.where(DAYS >= 50, 0.2, 0.001))
    finding = only(run("missing_share", values, column="age", reference=0.001, margin=0.001))
    assert finding.key == SeriesKey("missing_share", "age")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(("before", "after"), [(0.995, 0.95), (0.002, 0.05)])
def test_the_usual_range_of_a_share_is_one_of_shares(before: float, after: float) -> None:
    metric = "accuracy" if before > 0.5 else "error_rate"
    values = shares(np.where(DAYS >= 40, after, before))
    found = run(metric, values, margin=0.003)
    finding = only(found)
    assert 0 <= finding.usual_low < finding.usual_high <= 1
    usual = found.usual[SeriesKey(metric)]
    known = ~np.isnan(usual.low)
    assert np.all(usual.low[known] >= 0)
    assert np.all(usual.high[known] <= 1)


def test_how_rare_noise_would_do_so_is_at_least_what_the_budget_asks() -> None:
    weak = only(accuracy(np.where(DAYS >= 40, 0.875, HEALTHY), reference=np.nan))
    assert weak.once_in >= 270
    assert volume(slice(45, 46), 3.0).once_in > 1e6


def test_alarms_that_follow_each_other_closely_are_told_as_one() -> None:
    bad = np.isin(DAYS, (40, 43))
    finding = only(accuracy(np.where(bad, 0.7, HEALTHY)))
    assert (finding.first, finding.raised, finding.last) == (40, 40, 43)


@pytest.mark.parametrize("seed", range(8))
def test_an_alarm_is_not_dated_long_before_what_led_to_it(seed: int) -> None:
    """Where noise is skewed the mean is above the usual level everywhere: no change since then."""
    values = np.random.default_rng(seed).lognormal(0, 0.7, size=300)
    values[280:283] = 9
    found = run("cancelled", values, n=1).findings
    assert found
    assert all(one.raised - one.first <= 25 for one in found)


def test_gaps_do_not_move_dates() -> None:
    measured = recorder(60)
    kept = np.array([at for at in range(60) if at not in (20, 21, 38, 41)])
    measured.windows = tuple(measured.windows[at] for at in kept)
    values = shares(np.where(DAYS >= 40, 0.85, HEALTHY))[kept]
    measured.add("accuracy", values, n=ROWS, reference=HEALTHY, margin=0.013)
    finding = only(found_in(measured))
    assert (kept[finding.first], kept[finding.last]) == (40, 59)
