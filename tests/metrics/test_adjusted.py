"""Metrics corrected for labels that are still to come, against what they become."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_score, recall_score

from metrics.build_late import SCHEMA, Late, late, ruled
from streams import DAILY, START, count, grid_of, measured
from wane.metrics.adjusted import NONE_FLAGGED, UNSPLIT, only_positives
from wane.metrics.maturity import TOO_EARLY, TOO_FEW
from wane.metrics.measure import Reference, measure
from wane.window import DAY

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements, Series

DAYS = 45
METRICS = ("accuracy", "precision", "recall")
AGES = (3, 4, 6)
REGIMES = {"independent": (3.0, 3.0), "flagged first": (5.0, 2.0)}


def series_of(found: Measurements, metric: str) -> Series:
    series = found.get(metric)
    assert series is not None
    return series


@pytest.mark.parametrize("only_positives", [True, False])
@pytest.mark.parametrize("regime", REGIMES)
def test_corrected_metrics_are_those_of_the_end(regime: str, *, only_positives: bool) -> None:
    """Without bias at ages from which plain ones are far off; intervals hold the end."""
    errors: dict[str, list[float]] = {metric: [] for metric in METRICS}
    plain: dict[str, list[float]] = {metric: [] for metric in METRICS}
    held: list[bool] = []
    for seed in range(8):
        log = late(DAYS, 2_000, REGIMES[regime], seed)
        found = log.measured(DAYS * DAY, only_positives=only_positives)
        for age in AGES:
            at = DAYS - 1 - age
            truth = log.truth(at)
            for metric in METRICS:
                series = series_of(found, f"{metric}_adjusted")
                errors[metric].append(series.values[at] - truth[metric])
                plain[metric].append(series_of(found, metric).values[at] - truth[metric])
                held.append(series.low[at] <= truth[metric] <= series.high[at])
    assert abs(np.mean(errors["accuracy"])) < 0.005
    assert abs(np.mean(errors["precision"])) < 0.02
    assert abs(np.mean(errors["recall"])) < 0.03
    assert np.mean(held) >= 0.93
    if regime == "flagged first":
        assert np.mean(plain["recall"]) > 0.1
    if only_positives:
        assert np.mean(plain["precision"]) > 0.4
        assert np.mean(plain["accuracy"]) < -0.2


@pytest.mark.parametrize("only_positives", [True, False])
def test_with_all_labels_in_nothing_is_corrected(*, only_positives: bool) -> None:
    log = late(DAYS, 500, (3, 3))
    found = log.measured(DAYS * DAY, only_positives=only_positives)
    of = log.at // DAY == 20
    truth, answer = log.positive[of], log.flagged[of]
    for metric, scored in zip(
        METRICS, (accuracy_score, precision_score, recall_score), strict=True
    ):
        series = series_of(found, f"{metric}_adjusted")
        assert series.values[20] == pytest.approx(scored(truth, answer), abs=1e-9)
        if not only_positives:
            of_plain = series_of(found, metric)
            assert series.values[20] == pytest.approx(of_plain.values[20], abs=1e-9)
            assert series.low[20] == pytest.approx(of_plain.low[20], abs=1e-6)
            assert series.high[20] == pytest.approx(of_plain.high[20], abs=1e-6)


def test_by_hand() -> None:
    """Half of the labels of flagged predictions are in after a day, a quarter of the others'.

    Of the newest window: 4 flagged right, 2 flagged wrong, 3 missed, 30 right: times 2 and 4.
    """
    rows: list[tuple[int, bool, bool, float]] = []
    for day in range(20):
        rows += [(day, True, label, 0.5) for label in (True, False) for _ in range(10)]
        rows += [(day, True, label, 1.5) for label in (True, False) for _ in range(10)]
        rows += [(day, False, label, 0.5) for label in (True, False) for _ in range(5)]
        rows += [(day, False, label, 1.5) for label in (True, False) for _ in range(15)]
    newest = [(True, True, 4), (True, False, 2), (False, True, 3), (False, False, 30)]
    rows += [(20, flag, label, 0.5) for flag, label, n in newest for _ in range(n)]
    rows += [(20, flag, label, 9.0) for flag, label, n in newest for _ in range(n)]
    days, flagged, positive, delay = (np.array(part) for part in zip(*rows, strict=True))
    log = Late(days * DAY, flagged, positive, (delay * DAY).astype(np.int64))
    table = log.table(21 * DAY)
    found = measured(table, SCHEMA, every=DAILY, at=START + 21 * DAY)
    assert series_of(found, "accuracy_adjusted").values[-1] == pytest.approx((8 + 120) / 144)
    assert series_of(found, "precision_adjusted").values[-1] == pytest.approx(4 / 6)
    assert series_of(found, "recall_adjusted").values[-1] == pytest.approx(8 / (8 + 12))
    assert series_of(found, "recall").values[-1] == pytest.approx(4 / 7)


def test_undefined_with_a_reason() -> None:
    log = late(DAYS, 500, (3, 3))
    found = log.measured(DAYS * DAY)
    assert series_of(found, "recall_adjusted").reasons[-1] == TOO_EARLY
    week = ruled(40, 300, 168).measured(40 * DAY)
    assert set(series_of(week, "precision_adjusted").reasons[-6:]) == {TOO_EARLY}
    assert series_of(week, "precision_adjusted").reasons[-8] is None
    few = measured(log.table(DAYS * DAY).slice(0, 29), SCHEMA, every=DAILY, at=START + 40 * DAY)
    assert set(series_of(few, "accuracy_adjusted").reasons) == {TOO_FEW}


def test_a_day_without_a_flagged_prediction() -> None:
    log = late(DAYS, 500, (3, 3))
    quiet = Late(log.at, log.flagged & (log.at // DAY != 20), log.positive, log.delay)
    found = quiet.measured(DAYS * DAY)
    assert series_of(found, "precision_adjusted").reasons[20] == NONE_FLAGGED
    assert series_of(found, "recall_adjusted").values[20] == 0


def test_tables_so_wide_that_outcomes_are_not_told_apart() -> None:
    table = late(DAYS, 100, (3, 3)).table(DAYS * DAY)
    grid = replace(grid_of(table, SCHEMA), split=False)
    whole = count(table, SCHEMA, grid).whole
    assert not only_positives(whole.counters.ages)
    windows = [DAILY.window(key.window) for key in whole.keys]
    found = measure(windows, whole, whole, Reference(), schema=SCHEMA, now=START + DAYS * DAY)
    for metric in METRICS:
        assert set(series_of(found, f"{metric}_adjusted").reasons) == {UNSPLIT}
