"""Steady harm: what ten points can say, and a history that itself declines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import wane
from detect.build_runs import ROWS, found_in, only, recorder, steady_volume
from pipeline.test_series import A, B
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.metrics.measurement import SeriesKey

if TYPE_CHECKING:
    from wane.detect.finding import Finding


def line(windows: int, slope: float, level: float = 0.95, seed: int = 0) -> np.ndarray:
    noise = 0.002 * np.random.default_rng(seed).normal(size=windows)
    return level + slope * np.arange(windows) + noise


def of_table(metric: str, values: np.ndarray, **given: object) -> tuple[Finding, ...]:
    measured = recorder(len(values))
    measured.add(metric, values, n=ROWS, margin=0.01, **given)  # type: ignore[arg-type]
    return found_in(measured).findings


@pytest.mark.parametrize(
    ("table", "metrics", "since"),
    [
        (A, {"accuracy", "avg_confidence"}, "4 Jan"),
        (B, {"accuracy", "precision", "recall", "f1_score", "avg_confidence"}, "3 Jan"),
    ],
)
def test_the_tables_of_the_tutorials_decline_gradually(
    table: dict[str, list[object]], metrics: set[str], since: str
) -> None:
    result = wane.series(table)
    found = result.found.findings
    assert {key.metric for one in found for key in (one.key, *one.also)} == metrics
    assert {one.shape for one in found} == {Shape.RAMP}
    assert {one.severity for one in found} == {Severity.INFO}
    assert {one.detector for one in found} == {"trend"}
    (leading,) = [one for one in found if one.key == SeriesKey("accuracy")]
    assert f"since {since}" in leading.reason
    assert "a gradual change" in leading.reason
    assert "gradually" in result.verdict.sentence
    assert result.alerts == ()


def test_volume_that_grows_is_no_fault() -> None:
    found = wane.series({"date": A["date"], "prediction_volume": A["prediction_volume"]})
    assert found.found.findings == ()
    assert of_table("volume", steady_volume(10) * 1.03 ** np.arange(10)) == ()


def test_two_windows_say_nothing() -> None:
    assert wane.series({"date": A["date"][:2], "accuracy": [0.9, 0.5]}).found.findings == ()


def test_an_improvement_is_not_told() -> None:
    decline = line(10, -0.004)
    assert len(of_table("accuracy", decline)) == 1
    assert of_table("accuracy", 1.8 - decline) == ()


def test_what_comes_to_less_than_the_tolerance_is_not_told() -> None:
    flat = 0.9 - 0.0005 * np.arange(10) + np.tile([0.0, 1e-5], 5)
    assert of_table("accuracy", flat) == ()
    assert len(of_table("accuracy", 0.9 + 10 * (flat - 0.9))) == 1


def test_an_error_that_grows_is_harm() -> None:
    (found,) = of_table("mae", line(10, 0.1, level=2.0), reference=2.0)
    assert (found.side, found.shape) == (1, Shape.RAMP)
    assert found.tolerated == pytest.approx(found.before + 0.1)
    assert np.isnan(found.usual_low)


def test_only_the_whole_model_is_told() -> None:
    assert of_table("accuracy", line(10, -0.004), segment="channel=web") == ()


def test_a_history_that_declines_is_a_warning_once_limits_are_known() -> None:
    """Limits learned from it do not see it: it is normal to them."""
    measured = recorder(40)
    measured.add("accuracy", line(40, -0.002), n=ROWS, margin=0.013)
    found = found_in(measured)
    assert found.learning == 0
    finding = only(found)
    assert finding.key == SeriesKey("accuracy")
    assert finding.severity.rank >= Severity.WARNING.rank
    assert finding.shape is Shape.RAMP
