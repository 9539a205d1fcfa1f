"""Estimated performance over classes against what labels say, and what it must not say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from metrics import build_scored
from metrics.build_classes import (
    QUIET,
    Day,
    Model,
    log_of,
    measured_days,
    model_of,
    without_features,
)
from metrics.build_scored import series_of
from streams import NOW, measured
from wane.metrics.by_class import BY_CHANCE, RARE_CLASS, UNKNOWN_CLASS, UNKNOWN_PREDICTED
from wane.metrics.calibrator import NO_REFERENCE, UNLABELLED_REFERENCE
from wane.metrics.estimable import BLENDED, CLASSES, ESTIMATED
from wane.metrics.estimate import UNSCORED_ROWS
from wane.metrics.multiclass import NO_CLASS_SCORES
from wane.metrics.problem import TOO_MANY_CLASSES
from wane.profile import counters
from wane.schema import Task

KEYS = [of.key for of in CLASSES]
EXACT = [key for key in KEYS if key != "roc_auc"]
SHIFTING = [Day(tilt=0.06 * (at % 12)) for at in range(24)]
THREE, FIVE = model_of(3), model_of(5)


@pytest.mark.parametrize("model", [THREE, FIVE], ids=["three", "five"])
def test_estimates_are_what_labels_say(model: Model) -> None:
    """On days of another mix, of a model whose scores are a little off: near, and well covered."""
    held: dict[str, list[bool]] = {key: [] for key in KEYS}
    off: dict[str, list[float]] = {key: [] for key in KEYS}
    reach: dict[str, list[float]] = {key: [] for key in KEYS}
    for seed in range(3):
        found = measured_days(model, SHIFTING, seed=seed)
        for key in KEYS:
            truth, guess = series_of(found, key), series_of(found, key + ESTIMATED)
            assert guess.reference == truth.reference
            shown = ~np.isnan(guess.values)
            assert shown.mean() > 0.75, key
            held[key] += ((guess.low <= truth.values) & (truth.values <= guess.high))[
                shown
            ].tolist()
            off[key] += (guess.values - truth.values)[shown].tolist()
            reach[key] += (guess.high - guess.low)[shown].tolist()
    for key in KEYS:
        assert np.mean(held[key]) >= 0.88, key
        assert np.mean(reach[key]) / 2 / np.std(off[key]) < 2.8, key
    assert np.abs(off["macro_f1"]).mean() < 0.025
    assert np.abs(off["roc_auc"]).mean() < 0.02
    assert np.abs(off["log_loss"]).mean() < 0.06


@pytest.mark.parametrize("rarest", [0.1, 0.02])
def test_where_nothing_changes_there_is_no_bias(rarest: float) -> None:
    """Of few rows of a rare class too; and intervals hold what they promise."""
    model = model_of(5, rarest=rarest)
    every = [measured_days(model, [QUIET] * 24, rows=500, seed=seed) for seed in range(3)]
    for key in KEYS:
        off, held = [], []
        for found in every:
            truth, guess = series_of(found, key), series_of(found, key + ESTIMATED)
            shown = ~np.isnan(guess.values)
            off += (guess.values - truth.values)[shown].tolist()
            held += ((guess.low <= truth.values) & (truth.values <= guess.high))[shown].tolist()
        assert abs(np.mean(off)) < 0.4 * np.std(off), key
        assert np.mean(held) >= 0.92, key


def test_each_class_is_estimated() -> None:
    found = measured_days(THREE, SHIFTING)
    for key in ("precision", "recall", "f1"):
        for name in THREE.classes:
            truth, guess = found.get(key, name), found.get(key + ESTIMATED, name)
            assert truth is not None
            assert guess is not None
            assert guess.reference == truth.reference
            off = guess.values - truth.values
            constant = np.abs(truth.reference - truth.values).mean()
            assert np.nanmean(np.abs(off)) < max(0.8 * constant, 0.025)
            held = (guess.low <= truth.values) & (truth.values <= guess.high)
            assert np.mean(held[~np.isnan(off)]) > 0.8


def test_two_classes_are_a_binary_model() -> None:
    """The same log, told as two classes and as one: the same values, about as sure."""
    model = model_of(2)
    found = measured_days(model, SHIFTING[:6], schema=without_features(model))
    schema = replace(
        without_features(model), task=Task.BINARY, scores={}, score="p_b", classes=("a", "b")
    )
    binary = measured_days(model, SHIFTING[:6], schema=schema)
    for key, column in (("mcc", None), ("roc_auc", None), ("f1", "b"), ("recall", "b")):
        many = found.get(key + ESTIMATED, column)
        assert many is not None
        one = series_of(binary, key + ESTIMATED)
        np.testing.assert_allclose(many.values, one.values, atol=4e-3)
        np.testing.assert_allclose(many.high - many.low, one.high - one.low, rtol=0.1)


def test_labels_that_are_in_count_as_they_are() -> None:
    found = measured_days(FIVE, [QUIET, Day(labelled=0.5), Day(labelled=0.0)], rows=4_000)
    for key in KEYS:
        truth, guess, best = (series_of(found, key + end) for end in ("", ESTIMATED, BLENDED))
        assert best.values[0] == pytest.approx(truth.values[0], abs=3e-4)
        assert best.values[2] == pytest.approx(guess.values[2])
        assert best.values[1] == pytest.approx((truth.values[1] + guess.values[1]) / 2, abs=0.01)
    for key in EXACT:
        assert series_of(found, key + BLENDED).values[0] == pytest.approx(
            series_of(found, key).values[0], rel=1e-9
        )
    of_class = [found.get("f1" + end, "e") for end in (BLENDED, "")]
    values = [one.values[0] for one in of_class if one is not None]
    assert values[0] == pytest.approx(values[1], rel=1e-9)


def test_on_the_reference_itself_it_is_what_it_was() -> None:
    """Cells, and the row that is added to each block, cost no more than this."""
    rows = log_of(FIVE, [QUIET], 20_000, 1_001)
    found = measured_days(FIVE, [QUIET], before=lambda _: rows, change=lambda _: rows)
    for key in KEYS:
        truth, guess = series_of(found, key), series_of(found, key + ESTIMATED)
        assert guess.values[0] == pytest.approx(truth.values[0], rel=0.01), key


def test_labels_that_are_swapped_are_seen_once_they_come() -> None:
    days = [QUIET] * 8 + [Day(swapped=0.3)] * 20
    found = measured_days(THREE, days, rows=2_000)
    guess, truth = (series_of(found, "macro_f1" + end) for end in (ESTIMATED, ""))
    assert "withheld: 3 of the last 6 windows with labels were as estimated" in guess.reasons[9:14]
    assert guess.values[-1] == pytest.approx(truth.values[-1], abs=0.04)


def test_segments_have_the_metrics_most_asked_for() -> None:
    found = measured_days(THREE, SHIFTING, rows=2_000)
    for key in ("accuracy", "macro_precision", "macro_recall", "macro_f1", "roc_auc"):
        for site in ("north", "south"):
            guess = series_of(found, key + ESTIMATED, f"site={site}")
            truth = series_of(found, key, f"site={site}")
            held = (guess.low <= truth.values) & (truth.values <= guess.high)
            assert np.mean(held) > 0.85
    assert found.get("log_loss" + ESTIMATED, None, "site=north") is None
    assert found.get("f1" + ESTIMATED, "a", "site=north") is None


def test_without_a_score_for_each_class_only_accuracy_is_told() -> None:
    schema = replace(THREE.schema, scores={}, score="p_a")
    found = measured_days(THREE, [QUIET] * 2, schema=schema)
    assert series_of(found, "accuracy" + ESTIMATED).reasons == (None, None)
    for key in KEYS:
        assert set(series_of(found, key + ESTIMATED).reasons) == {NO_CLASS_SCORES}
    assert found.get("f1" + ESTIMATED, "a") is None


def test_more_classes_than_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MOST_CLASSES_APART", 2)
    found = measured_days(THREE, [QUIET] * 2)
    assert series_of(found, "roc_auc").reasons == (None, None)
    for key in KEYS:
        assert set(series_of(found, key + ESTIMATED).reasons) == {TOO_MANY_CLASSES}


def test_a_class_that_the_reference_never_had() -> None:
    """It has no estimate; averages have none either where it is predicted."""

    def without_e(table: pa.Table) -> pa.Table:
        return table.filter(pa.compute.not_equal(table["label"], "e"))

    found = measured_days(FIVE, [QUIET] * 2, before=without_e)
    for key in KEYS:
        assert set(series_of(found, key + ESTIMATED).reasons) == {UNKNOWN_PREDICTED}
    for name, reason in (("e", UNKNOWN_CLASS), ("a", None)):
        one = found.get("f1" + ESTIMATED, name)
        assert one is not None
        assert set(one.reasons) == {reason}
    assert series_of(found, "accuracy" + ESTIMATED).reasons == (None, None)

    def never_predicted(table: pa.Table) -> pa.Table:
        return without_e(table).filter(pa.compute.not_equal(table["prediction"], "e"))

    found = measured_days(
        FIVE, [QUIET] * 2, before=without_e, change=lambda t: never_predicted(without_e(t))
    )
    guess, truth = (series_of(found, "macro_f1" + end) for end in (ESTIMATED, ""))
    assert guess.reasons == (None, None)
    np.testing.assert_allclose(guess.values, truth.values, atol=0.08)


def test_a_class_of_which_hardly_a_row_is_expected() -> None:
    found = measured_days(model_of(5, rarest=0.02), [QUIET], rows=60)
    one = found.get("recall" + ESTIMATED, "e")
    assert one is not None
    assert one.reasons == (RARE_CLASS,)
    for key, reason in (("macro_f1", BY_CHANCE), ("roc_auc", BY_CHANCE), ("weighted_f1", None)):
        assert series_of(found, key + ESTIMATED).reasons == (reason,)


def test_scores_that_are_no_probabilities() -> None:
    def logit(table: pa.Table) -> pa.Table:
        for name in THREE.classes:
            at = table.column_names.index(f"p_{name}")
            odds = np.log(table[at].to_numpy() / (1 - table[at].to_numpy()))
            table = table.set_column(at, f"p_{name}", pa.array(odds))
        return table

    found = measured_days(THREE, [QUIET] * 2, change=logit)
    for key in KEYS:
        assert set(series_of(found, key + ESTIMATED).reasons) == {UNSCORED_ROWS}, key


def test_scores_that_do_not_add_up_to_one() -> None:
    """Half of each: classes are told apart as before, and log loss is of scores scaled back."""

    def halved(table: pa.Table) -> pa.Table:
        for name in THREE.classes:
            at = table.column_names.index(f"p_{name}")
            table = table.set_column(at, f"p_{name}", pa.array(table[at].to_numpy() / 2))
        return table

    schema = without_features(THREE)
    plain = measured_days(THREE, [QUIET] * 2, schema=schema)
    found = measured_days(THREE, [QUIET] * 2, schema=schema, before=halved, change=halved)
    for key in KEYS:
        one, other = (series_of(part, key + ESTIMATED) for part in (plain, found))
        np.testing.assert_allclose(other.values, one.values, atol=4e-3, err_msg=key)
        truth = series_of(plain, key).values
        np.testing.assert_allclose(series_of(found, key).values, truth, atol=1e-3, err_msg=key)


def test_a_reference_without_labels_and_none_at_all() -> None:
    def unlabelled(table: pa.Table) -> pa.Table:
        at = table.column_names.index("label")
        return table.set_column(at, "label", pa.nulls(table.num_rows, pa.string()))

    found = measured_days(THREE, [QUIET] * 2, before=unlabelled)
    alone = measured(log_of(THREE, [QUIET], 500, 1), THREE.schema, at=NOW)
    for key in ("accuracy", *KEYS):
        assert set(series_of(found, key + ESTIMATED).reasons) == {UNLABELLED_REFERENCE}
        assert set(series_of(alone, key + ESTIMATED).reasons) == {NO_REFERENCE}
    assert set(series_of(found, "estimate_trust").reasons) == {UNLABELLED_REFERENCE}


def test_a_binary_model_has_none_of_them() -> None:
    found = build_scored.measured_days([build_scored.QUIET])
    assert found.get("macro_f1" + ESTIMATED) is None
