"""Estimated performance against what labels say, and what it must not say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.isotonic import IsotonicRegression

from metrics.build_scored import QUIET, SCHEMA, Day, log_of, measured_days, series_of
from streams import NOW, measured
from wane.metrics.binary import UNSCORED
from wane.metrics.calibrator import NO_REFERENCE, UNLABELLED_REFERENCE
from wane.metrics.estimable import BLENDED, ESTIMABLE, ESTIMATED
from wane.metrics.estimate import ONE_SIDED, STRANGE, UNSCORED_ROWS
from wane.schema import Task

COSTS = {"tn": 0.0, "fp": -1.0, "fn": -5.0, "tp": 2.0}
KEYS = [of.key for of in ESTIMABLE[Task.BINARY]]
SHIFTING = [Day(tilt=0.08 * (at % 12)) for at in range(36)]


def test_estimates_are_what_labels_say() -> None:
    """On days of another mix: much nearer than the reference, without bias, and well covered."""
    held: dict[str, list[bool]] = {key: [] for key in KEYS}
    reach: dict[str, list[float]] = {key: [] for key in KEYS}
    for seed in range(4):
        found = measured_days(SHIFTING, rows=1_500, seed=seed, costs=COSTS)
        for key in KEYS:
            truth, guess = series_of(found, key), series_of(found, key + ESTIMATED)
            off = guess.values - truth.values
            constant = truth.reference - truth.values
            assert guess.reference == truth.reference
            assert np.abs(off).mean() < max(0.8 * np.abs(constant).mean(), 1.2 * np.std(off)), key
            assert abs(off.mean()) < 3 * np.std(off) / np.sqrt(len(off)) + 0.02 * abs(
                truth.reference
            )
            held[key] += ((guess.low <= truth.values) & (truth.values <= guess.high)).tolist()
            reach[key].append(float(np.mean(guess.high - guess.low) / 2 / np.std(off)))
    for key, told in held.items():
        # before it is learned how much days vary, they are taken to vary by more than chance
        assert np.mean(told) >= 0.93, (key, np.mean(told))
        assert np.mean(reach[key]) < 2.8, key


def test_of_calibrated_rows_it_is_the_mean_of_isotonic_scores() -> None:
    """Accuracy by an independent isotonic regression on the rows themselves."""
    schema = replace(SCHEMA, features=(), segments=())
    found = measured_days([Day(tilt=1.0)], rows=5_000, schema=schema)
    before = log_of([QUIET], 20_000, 1_001)
    now = log_of([Day(tilt=1.0)], 5_000, 1)
    expected = 0.0
    for predicted in (0, 1):
        mine = before.filter(pa.compute.equal(before["prediction"], predicted))
        fitted = IsotonicRegression(out_of_bounds="clip").fit(
            mine["score"].to_numpy(), mine["label"].to_numpy()
        )
        scores = now.filter(pa.compute.equal(now["prediction"], predicted))["score"].to_numpy()
        chance = fitted.predict(scores)
        expected += (chance if predicted else 1 - chance).sum()
    guess = series_of(found, "accuracy" + ESTIMATED).values[0]
    assert guess == pytest.approx(expected / 5_000, abs=2e-3)


def test_features_that_tell_more_than_scores_are_heeded() -> None:
    """More rows by mobile: more positives than scores promise, which recall and F1 feel."""
    days = [Day(mobile=0.9)] * 8
    plain = replace(SCHEMA, features=())
    for key in ("f1", "precision"):
        errors = []
        for schema in (SCHEMA, plain):
            found = measured_days(days, rows=4_000, schema=schema)
            off = series_of(found, key + ESTIMATED).values - series_of(found, key).values
            errors.append(np.abs(off[:1]).mean())  # later ones know the labels of days before
        assert errors[0] < 0.7 * errors[1], key


def test_without_labels_it_says_the_same_as_with_them_on_the_first_day() -> None:
    known, unknown = (
        measured_days([Day(tilt=0.5, labelled=share)] * 2, seed=4) for share in (1.0, 0.0)
    )
    for key in KEYS[:-1]:
        told, blind = (series_of(found, key + ESTIMATED) for found in (known, unknown))
        assert told.values[0] == pytest.approx(blind.values[0])
        assert told.low[0] == pytest.approx(blind.low[0])
    assert np.isnan(series_of(unknown, "accuracy").values).all()


def test_when_scores_lose_their_meaning_it_is_withheld() -> None:
    """Three days with labels are enough to see that it misleads, and it comes back later."""
    days = [QUIET] * 8 + [Day(drift=-3.0)] * 3 + [Day(drift=-3.0)] * 20
    found = measured_days(days, rows=2_000)
    guess, trust = series_of(found, "accuracy" + ESTIMATED), series_of(found, "estimate_trust")
    assert guess.reasons[:9] == (None,) * 9
    assert trust.values[8] == 1
    assert guess.reasons[11] == "withheld: 3 of the last 6 windows with labels were as estimated"
    assert trust.values[11] == 0.5
    # the labels of late tell by how much scores are off, and the estimate follows
    assert guess.reasons[-1] is None
    assert guess.values[-1] == pytest.approx(series_of(found, "accuracy").values[-1], abs=0.04)


def test_labels_and_estimates_together() -> None:
    """By labels where there are any, and as wide as the doubt about the rest."""
    days = [QUIET, Day(labelled=0.5), Day(labelled=0.0)]
    found = measured_days(days, rows=4_000)
    blend, guess, truth = (
        series_of(found, f"accuracy{suffix}") for suffix in (BLENDED, ESTIMATED, "")
    )
    assert blend.values[0] == pytest.approx(truth.values[0])
    assert blend.values[2] == pytest.approx(guess.values[2])
    assert blend.values[1] == pytest.approx((truth.values[1] + guess.values[1]) / 2, abs=5e-3)
    assert guess.low[2] == pytest.approx(blend.low[2])
    assert blend.reasons == (None,) * 3
    assert blend.n.tolist() == [4_000] * 3


def test_without_rows_that_lack_labels_there_is_no_blend() -> None:
    found = measured_days([QUIET] * 2)
    assert found.get(f"accuracy{BLENDED}") is None


def test_segments_are_estimated_too() -> None:
    found = measured_days(SHIFTING, rows=3_000)
    for site in ("north", "south"):
        guess = series_of(found, "accuracy" + ESTIMATED, f"site={site}")
        truth = series_of(found, "accuracy", f"site={site}")
        held = (guess.low <= truth.values) & (truth.values <= guess.high)
        assert np.mean(held) > 0.85
    assert found.get(f"brier{ESTIMATED}", None, "site=north") is None


def test_weights_of_rows_do_not_change_what_is_the_same_for_all() -> None:
    weighted = replace(SCHEMA, weight="weight")
    plain = measured_days([QUIET] * 2)
    grid_kept = measured_days(
        [QUIET] * 2,
        schema=weighted,
        change=lambda t: t.append_column("weight", pa.array(np.full(t.num_rows, 3.0))),
    )
    for key in ("accuracy", "roc_auc"):
        one, other = (series_of(found, key + ESTIMATED) for found in (plain, grid_kept))
        np.testing.assert_allclose(one.values, other.values, rtol=1e-2)


def test_scores_such_as_the_reference_never_saw() -> None:
    def extreme(table: pa.Table) -> pa.Table:
        score = np.where(np.arange(table.num_rows) % 10 == 0, 1 - 1e-9, table["score"].to_numpy())
        return table.set_column(table.column_names.index("score"), "score", pa.array(score))

    found = measured_days([QUIET] * 2, change=extreme)
    assert set(series_of(found, "accuracy" + ESTIMATED).reasons) == {STRANGE}


def test_scores_that_are_missing() -> None:
    def blank(table: pa.Table) -> pa.Table:
        at = table.column_names.index("score")
        return table.set_column(at, "score", pa.nulls(table.num_rows, pa.float64()))

    found = measured_days([QUIET] * 2, change=blank)
    for key in KEYS[:-1]:
        assert set(series_of(found, key + ESTIMATED).reasons) == {UNSCORED}, key


def test_scores_that_are_no_probabilities() -> None:
    """Log-odds: most lie outside of [0, 1], and the few inside mean nothing."""

    def logit(table: pa.Table) -> pa.Table:
        score = table["score"].to_numpy()
        odds = np.log(score / (1 - score))
        return table.set_column(table.column_names.index("score"), "score", pa.array(odds))

    found = measured_days([QUIET] * 2, change=logit)
    assert set(series_of(found, "accuracy" + ESTIMATED).reasons) == {UNSCORED_ROWS}


def test_scores_that_are_all_the_same_tell_no_ranks() -> None:
    def constant(table: pa.Table) -> pa.Table:
        score = np.full(table.num_rows, 0.3)
        return table.set_column(table.column_names.index("score"), "score", pa.array(score))

    found = measured_days([QUIET] * 2, change=constant)
    area = series_of(found, "roc_auc" + ESTIMATED)
    assert np.isnan(area.values).all() or area.values == pytest.approx([0.5, 0.5])


def test_a_reference_without_labels() -> None:
    found = measured_days([QUIET] * 2, reference_labelled=0.001)
    for key in ("accuracy", "roc_auc"):
        assert set(series_of(found, key + ESTIMATED).reasons) == {UNLABELLED_REFERENCE}
    assert set(series_of(found, "estimate_trust").reasons) == {UNLABELLED_REFERENCE}


def test_no_reference() -> None:
    found = measured(log_of([QUIET], 500, 1), SCHEMA, at=NOW)
    assert set(series_of(found, "accuracy" + ESTIMATED).reasons) == {NO_REFERENCE}


def test_too_few_of_one_kind_are_expected() -> None:
    found = measured_days([Day(tilt=-2)], rows=30)
    assert series_of(found, "roc_auc" + ESTIMATED).reasons == (ONE_SIDED,)
    assert series_of(found, "accuracy" + ESTIMATED).reasons == (None,)
