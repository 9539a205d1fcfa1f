"""Errors of a regression estimated without labels, against what labels say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from metrics.build_regressed import FAR, NEAR, QUIET, SCHEMA, Day, log_of, measured_days
from metrics.build_scored import series_of
from streams import NOW, measured
from wane.metrics.calibrator import NO_REFERENCE
from wane.metrics.estimable import BLENDED, ERRORS, ESTIMATED
from wane.metrics.estimate_errors import STRANGE, UNLABELLED_REFERENCE

SHIFTING = [Day(old=0.1 + 0.06 * (at % 12), diesel=0.2 + 0.05 * (at % 7)) for at in range(36)]
UNLABELLED = [replace(day, labelled=0.0) for day in SHIFTING]


def normal_mae(day: Day) -> float:
    """The mean |e| that the rows of a day were made with."""
    both = day.old * day.diesel
    return float(np.sqrt(2 / np.pi) * day.scale * (FAR * both + NEAR * (1 - both)))


def test_estimates_are_what_labels_say() -> None:
    """On days of another mix: near the truth, without bias, and well covered."""
    covered: dict[str, list[bool]] = {key: [] for key in ERRORS}
    for seed in range(3):
        found = measured_days(SHIFTING, seed=seed)
        for key in ERRORS:
            truth, guess = series_of(found, key), series_of(found, key + ESTIMATED)
            off = guess.values - truth.values
            assert guess.reference == truth.reference
            assert np.abs(off).mean() < 0.35 * np.abs(truth.reference - truth.values).mean(), key
            covered[key] += ((guess.low <= truth.values) & (truth.values <= guess.high)).tolist()
    for key, told in covered.items():
        assert np.mean(told) >= 0.92, (key, np.mean(told))


def test_without_any_label_as_well() -> None:
    found = measured_days(UNLABELLED)
    guess = series_of(found, "mae" + ESTIMATED)
    truth = np.array([normal_mae(day) for day in SHIFTING])
    assert series_of(found, "mae").last_defined is None
    assert np.abs(guess.values - truth).mean() < 0.08
    assert np.corrcoef(guess.values, truth)[0, 1] > 0.98
    assert found.get("mae" + BLENDED) is None


def test_cells_of_the_prediction_serve_where_nothing_was_learned() -> None:
    """They see nothing of this shift, and say the reference's value, without learning from it."""
    found = measured_days(UNLABELLED, learned=False)
    guess = series_of(found, "mae" + ESTIMATED)
    assert np.ptp(guess.values) < 0.1
    assert guess.values.mean() == pytest.approx(guess.reference, rel=0.05)


def test_when_the_same_rows_are_answered_worse_labels_tell() -> None:
    """Errors double without other rows: the estimate is withheld, then follows the labels."""
    days = [QUIET] * 8 + [Day(scale=2.0)] * 16
    found = measured_days(days)
    guess, truth = series_of(found, "mae" + ESTIMATED), series_of(found, "mae")
    assert guess.values[8] < 0.65 * truth.values[8]
    told = np.abs(guess.values - truth.values) / truth.values
    assert np.nanmax(told[12:]) < 0.35
    assert told[18:] == pytest.approx(0, abs=0.15)
    trust = series_of(found, "estimate_trust")
    assert trust.values[8] == 1
    assert trust.values[13] < 1


def test_blends_are_of_labels_and_estimates() -> None:
    days = [Day(labelled=1.0)] * 6 + [Day(old=0.6, labelled=0.5), Day(labelled=0.0)]
    found = measured_days(days)
    truth, best, guess = (series_of(found, "mae" + s) for s in ("", BLENDED, ESTIMATED))
    assert best.values[:6] == pytest.approx(truth.values[:6])
    assert best.values[6] == pytest.approx(normal_mae(days[6]), rel=0.08)
    assert best.values[6] == pytest.approx((truth.values[6] + guess.values[6]) / 2, rel=0.08)
    assert best.values[7] == pytest.approx(guess.values[7])
    width = best.high - best.low
    assert width[5] == pytest.approx(0, abs=1e-9)
    assert 0 < width[6] < width[7]


def test_segments_have_their_own_errors() -> None:
    found = measured_days(UNLABELLED[:6])
    for name in ("site=north", "site=south"):
        guess = series_of(found, "mae" + ESTIMATED, name)
        assert guess.values == pytest.approx(series_of(found, "mae" + ESTIMATED).values, rel=0.2)
        assert found.get("mae" + BLENDED, None, name) is None


def test_values_that_the_reference_does_not_have() -> None:
    before = log_of([QUIET], 5_000, 1)
    now = log_of([QUIET], 1_000, 2)
    old = np.where(np.arange(1_000) < 100, 40.0, now["age"].to_numpy())
    now = now.set_column(now.column_names.index("age"), "age", pa.array(old))
    schema = replace(SCHEMA, segments=())
    found = measured(now, schema, before, at=NOW)
    assert series_of(found, "mae" + ESTIMATED).last_defined is not None  # cells of the prediction
    far = np.where(np.arange(1_000) < 100, 900.0, now["prediction"].to_numpy())
    now = now.set_column(now.column_names.index("prediction"), "prediction", pa.array(far))
    found = measured(now, schema, before, at=NOW)
    assert series_of(found, "mae" + ESTIMATED).reasons == (STRANGE,)


def test_reasons_where_nothing_can_be_learned() -> None:
    now, schema = log_of([QUIET], 1_000, 2), replace(SCHEMA, segments=())
    few = log_of([Day(labelled=0.01)], 2_000, 3)
    assert series_of(measured(now, schema, few, at=NOW), "mae" + ESTIMATED).reasons == (
        UNLABELLED_REFERENCE,
    )
    assert series_of(measured(now, schema, at=NOW), "rmse" + ESTIMATED).reasons == (NO_REFERENCE,)


def test_no_predictions_no_estimate() -> None:
    now = log_of([QUIET], 500, 2)
    nothing = pa.nulls(500, pa.float64())
    now = now.set_column(now.column_names.index("prediction"), "prediction", nothing)
    found = measured(now, replace(SCHEMA, segments=()), log_of([QUIET], 2_000, 3), at=NOW)
    (why,) = series_of(found, "mae" + ESTIMATED).reasons
    assert why == "no predictions in this window"
