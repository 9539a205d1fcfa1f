"""Performance of a classifier where labels are missing, estimated from its scores.

Every metric is computed from the labels to expect (`expected`), so that each cell of scores counts
as so many positives and so many negatives: confidence-based performance estimation (Guillory et
al., 2021; NannyML). The blend is the best current answer: rows with a label as they were, the
others as they are expected, taking labels to be missing at random among rows of one score.

Intervals are for the value that all labels will give: chance of labels, chance in the reference,
doubt which idea holds, and what windows whose labels came differed beyond all that.

An estimate is blind to a change of what scores mean until labels tell. It is withheld where the
labels of late tell that it misled, and where scores are such as the reference never saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.metrics import binary
from wane.metrics.adjusted import only_positives
from wane.metrics.calibrator import of_segment
from wane.metrics.confident import Confident
from wane.metrics.doubt import BETWEEN_WINDOWS, between_windows, doubt, freedom
from wane.metrics.estimable import (
    BLENDED,
    ESTIMABLE,
    ESTIMATED,
    HEADLINES,
    IN_SEGMENTS,
)
from wane.metrics.estimates import Estimates, estimates, undefined
from wane.metrics.expected import Expected, expect, expect_in_segment
from wane.metrics.trust import TRUST, Trusted, least_trust, trust
from wane.profile.counters import Score, Total
from wane.schema import Task
from wane.stats.array import divide
from wane.stats.interval import Interval, student_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.metrics.estimable import Estimable
    from wane.metrics.learned import Learned
    from wane.profile.counters import Counters
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LEAST_LABELS = 30
"""Windows with fewer labelled rows do not tell how good an estimate was."""
MOST_UNSCORED = 0.2
"""With a larger share of rows without a usable score, scores tell of too few."""
MOST_STRANGE = 0.05
"""With a larger share of the rows with scores that the reference hardly saw, nothing is told."""
LEAST_EXPECTED = 10.0
"""Fewer expected positives or negatives than this tell nothing that rests on both."""
STRANGE = f"more than {100 * MOST_STRANGE:.0f} % of the scores are such as the reference hardly saw"
UNSCORED_ROWS = f"more than {100 * MOST_UNSCORED:.0f} % of the rows have no score between 0 and 1"
ONE_SIDED = f"fewer than {LEAST_EXPECTED:.0f} positives or negatives are expected"
ONLY_POSITIVES = "only positive labels come, so rows without a label are not like those with one"


@dataclass(frozen=True, slots=True)
class Estimation:
    """What was estimated for a stack of profiles.

    Attributes:
        by_key: Every metric that can be estimated, blends, and the trust in that.
        learned: From the reference.
        settled: [R] windows whose labels are in, enough of them.
        expected: The labels to expect; None where they cannot be known.
    """

    by_key: Mapping[str, Estimates]
    learned: Learned
    settled: Bools
    expected: Expected | None


def estimate(
    counters: Counters,
    learned: Learned,
    settled: Bools,
    realised: Mapping[str, Floats],
    costs: Mapping[str, float],
) -> Estimation:
    """Every metric of a model that can be estimated.

    Args:
        counters: [R, ...] of a binary or multiclass model, in order of time.
        learned: From the reference.
        settled: [R] windows whose labels are in.
        realised: Metric -> [R] its value by the labels, nan where undefined.
        costs: Value of a row by outcome; empty without a cost matrix.

    Returns:
        Blends only where rows have labels and others have none.
    """
    metrics = [of for of in ESTIMABLE[learned.task] if costs or of.key != binary.COST.metric.key]
    told = settled & _enough(counters)
    if learned.calibrator is None:
        return Estimation(_unknown(metrics, counters, learned.reason), learned, told, None)
    expected = expect(
        counters, learned.task, learned.calibrator, told, learned.correction(counters)
    )
    case = _Case(learned.task, counters, learned.calibrator, expected, told, costs)
    return Estimation(_estimates(case, metrics, realised), learned, told, expected)


def estimate_in_segment(
    counters: Counters, segment: Profile | None, realised: Mapping[str, Floats], model: Estimation
) -> dict[str, Estimates]:
    """The metrics most asked for, in a segment, and the trust in them.

    Args:
        counters: [R, ...] of the segment, in the windows of the model.
        segment: The reference rows of the segment; None where it has none.
        realised: Metric -> [R] its value by the labels in the segment.
        model: What was estimated for all rows.
    """
    metrics = [of for of in ESTIMABLE[model.learned.task] if of.key in IN_SEGMENTS]
    if model.learned.calibrator is None or model.expected is None:
        return _unknown(metrics, counters, model.learned.reason)
    own = of_segment(model.learned.calibrator, segment)
    expected = expect_in_segment(counters, own, model.expected)
    told = model.settled & _enough(counters)
    case = _Case(model.learned.task, counters, own, expected, told, {}, blends=False)
    return _estimates(case, metrics, realised)


def _enough(counters: Counters) -> Bools:
    """[R] windows with labels enough to tell how good an estimate was."""
    return np.asarray(counters.totals[:, Total.LABELLED] >= LEAST_LABELS)


def _unknown(metrics: Sequence[Estimable], counters: Counters, reason: str) -> dict[str, Estimates]:
    keys = [*(of.key + ESTIMATED for of in metrics), TRUST.metric.key]
    return {key: undefined(len(counters.totals), reason) for key in keys}


@dataclass(frozen=True, slots=True)
class _Case:
    """All that the estimates of one stack of profiles share.

    Attributes:
        task: Binary or multiclass.
        counters: Of the rows.
        calibrator: What scores promise.
        expected: The labels to expect.
        settled: [R] windows that tell how good estimates were.
        costs: Value of a row by outcome.
        blends: Whether labels and estimates are wanted together.
    """

    task: Task
    counters: Counters
    calibrator: Calibrator
    expected: Expected
    settled: Bools
    costs: Mapping[str, float]
    blends: bool = True

    def answered(self, unknown: Floats, known: Floats | None = None) -> Any:  # noqa: ANN401
        """Rows with the labels to expect, as if they had them, beside rows with their own.

        Args:
            unknown: [R, S, G, len(Score)] rows whose labels are expected.
            known: [R, S, G, 2, len(Score)] rows by label; None without.
        """
        positive = unknown * self.expected.chance[..., None]
        states = np.stack([unknown - positive, positive, np.zeros_like(unknown)], axis=3)
        if known is not None:
            states[..., :2, :] += known
        totals = self.counters.totals.copy()
        totals[:, Total.LABELLED] = totals[:, Total.PREDICTED]
        totals[:, Total.LABELLED_WEIGHT] = totals[:, Total.WEIGHT]
        if self.task is Task.MULTICLASS:
            return Confident(states, totals)
        return binary.Answered(states, totals, self.costs)

    @property
    def unlabelled(self) -> Floats:
        """[R] share of the predictions that have no label."""
        totals = self.counters.totals
        share = 1 - divide(totals[:, Total.LABELLED], totals[:, Total.PREDICTED])
        return np.nan_to_num(share)


def _estimates(
    case: _Case, metrics: Sequence[Estimable], realised: Mapping[str, Floats]
) -> dict[str, Estimates]:
    """Metrics, blends, and the least trust in those that stand for the rest."""
    expected = case.expected
    whole, labelled = case.answered(expected.whole), case.answered(expected.labelled)
    missing, mixed = case.unlabelled, None
    predicted = case.counters.totals[:, Total.PREDICTED]
    if case.blends and (missing > 0).any() and (missing < 1).any():
        mixed = case.answered(expected.unlabelled, expected.score[..., :2, :])
    found: dict[str, Estimates] = {}
    trusted: list[Trusted] = []
    for of in metrics:
        truth = realised.get(of.key, np.full(len(case.settled), np.nan))
        then = of.metric.measure(labelled).values
        noise = doubt(of.slope(whole), expected.whole, expected, case.calibrator)
        noise_then = doubt(of.slope(labelled), expected.labelled, expected, case.calibrator).total
        off = np.where(case.settled, truth - then, np.nan)
        trusting = trust(off, (1 + BETWEEN_WINDOWS) * noise_then, predicted)
        model = noise.model + between_windows(off, noise_then, noise.total)
        reach = student_quantile(freedom(off))
        because = [*_unsupported(case, whole, sided=of.sided), *trusting.told()]
        found[of.key + ESTIMATED] = _with_interval(
            of, of.metric.measure(whole), reach * np.sqrt(noise.labels + model), because
        )
        if mixed is not None:
            told = [(mask & (missing > 0), reason) for mask, reason in [*because, *_biased(case)]]
            width = reach * np.sqrt(noise.labels + missing**2 * model)
            found[of.key + BLENDED] = _with_interval(of, of.metric.measure(mixed), width, told)
        if of.key in HEADLINES:
            trusted.append(trusting)
    return {**found, TRUST.metric.key: TRUST.measure(least_trust(trusted))}


def _with_interval(
    of: Estimable, value: Estimates, reach: Floats, because: list[tuple[Bools, str]]
) -> Estimates:
    """A value with an interval on both sides of it, and more reasons why it is undefined."""
    reasons = np.array(value.reasons, dtype=object)
    own = [(reasons == reason, reason) for reason in sorted({*value.reasons} - {None}, key=str)]
    low, high = (np.clip(value.values + side * reach, of.least, of.most) for side in (-1, 1))
    told = [(mask, str(reason)) for mask, reason in own]
    return estimates(value.values, value.n, interval=Interval(low, high), because=[*told, *because])


def _unsupported(case: _Case, whole: Any, *, sided: bool) -> list[tuple[Bools, str]]:  # noqa: ANN401
    """Why scores do not tell, in the windows where they do not."""
    rows = case.expected.whole[..., Score.WEIGHT].sum(axis=2)
    strange = divide(rows[:, ~case.calibrator.supported].sum(axis=1), rows.sum(axis=1))
    unscored = divide(rows[:, -1], rows.sum(axis=1))
    told = [
        (rows[:, :-1].sum(axis=1) == 0, binary.UNSCORED),
        (np.nan_to_num(unscored) > MOST_UNSCORED, UNSCORED_ROWS),
        (np.nan_to_num(strange) > MOST_STRANGE, STRANGE),
    ]
    if sided:
        tn, fp, fn, tp = whole.counts
        told.append((np.minimum(tn + fp, fn + tp) < LEAST_EXPECTED, ONE_SIDED))
    return told


def _biased(case: _Case) -> list[tuple[Bools, str]]:
    """Why rows without a label are not like those with one."""
    only = case.task is Task.BINARY and only_positives(case.counters.ages)
    return [(np.full(len(case.settled), only), ONLY_POSITIVES)]
