"""Performance of a classifier where labels are missing, estimated from its scores.

Every metric is computed from the labels to expect (`expected`), so that each cell of scores counts
as so many positives and so many negatives: confidence-based performance estimation (Guillory et
al., 2021; NannyML). Of many classes each is held against the rest. The blend is the best current
answer: rows with a label as they were, the others as they are expected, taking labels to be missing
at random among rows of one score.

Intervals are for the value that all labels will give: chance of labels, chance in the reference,
doubt which idea holds, and what windows whose labels came differed beyond all that.

An estimate is blind to a change of what scores mean until labels tell. It is withheld where the
labels of late tell that it misled, and where scores are such as the reference never saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics import binary
from wane.metrics.calibrator import of_segment
from wane.metrics.doubt import BETWEEN_WINDOWS, Unsure, between_windows, freedom
from wane.metrics.estimable import BLENDED, ESTIMATED, HEADLINES, IN_SEGMENTS
from wane.metrics.estimates import Estimates, estimates, undefined
from wane.metrics.expected import Expected, Rows, expect, expect_in_segment
from wane.metrics.problem import of_reference
from wane.metrics.trust import TRUST, Trusted, least_trust, trust
from wane.profile.counters import Score, Total
from wane.stats.array import divide
from wane.stats.interval import Interval, student_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.metrics.estimable import Estimable
    from wane.metrics.learned import Learned
    from wane.metrics.problem import Problem
    from wane.profile.counters import Counters
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Key = tuple[str, str | None]

WEIGHTS = slice(Score.WEIGHT, Score.WEIGHT + 1)
"""Metrics in segments hang on no sums of scores."""
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
        by_key: Every metric that can be estimated, blends, and the trust in that; those of one
            class by its name.
        learned: From the reference.
        settled: [R] windows whose labels are in, enough of them.
        expected: The labels to expect, problem by problem; None where they cannot be known.
    """

    by_key: Mapping[Key, Estimates]
    learned: Learned
    settled: Bools
    expected: tuple[Expected | None, ...]


def estimate(
    counters: Counters, learned: Learned, settled: Bools, realised: Mapping[Key, Floats]
) -> Estimation:
    """Every metric of a model that can be estimated.

    Args:
        counters: [R, ...] of a binary or multiclass model, in order of time.
        learned: From the reference.
        settled: [R] windows whose labels are in.
        realised: Metric and class -> [R] its value by the labels, nan where undefined.

    Returns:
        Blends only where rows have labels and others have none.
    """
    told = settled & _enough(counters)
    correction = learned.correction(counters)
    expected = tuple(
        expect(of.score(counters), of.calibrator, told, correction) if of.calibrator else None
        for of in learned.problems
    )
    found = [
        _estimates(of, _Case(counters, of.calibrator, labels, told), of.metrics, realised)
        if of.calibrator and labels
        else _unknown(of.metrics, counters, of.reason)
        for of, labels in zip(learned.problems, expected, strict=True)
    ]
    return Estimation(_together(found, counters, learned), learned, told, expected)


def estimate_in_segment(
    counters: Counters,
    segment: Profile | None,
    realised: Mapping[Key, Floats],
    model: Estimation,
) -> dict[Key, Estimates]:
    """The metrics most asked for, in a segment, and the trust in them.

    Args:
        counters: [R, ...] of the segment, in the windows of the model.
        segment: The reference rows of the segment; None where it has none.
        realised: Metric and class -> [R] its value by the labels in the segment.
        model: What was estimated for all rows.
    """
    told = model.settled & _enough(counters)
    found = []
    for of, labels in zip(model.learned.problems, model.expected, strict=True):
        metrics = [one for one in of.metrics if one.key in IN_SEGMENTS and one.column is None]
        if of.calibrator is None or labels is None:
            found.append(_unknown(metrics, counters, of.reason))
            continue
        own = of_segment(of.calibrator, of_reference(of, segment))
        score = np.ascontiguousarray(of.score(counters)[..., WEIGHTS])
        expected = expect_in_segment(score, own, labels)
        case = _Case(counters, own, expected, told, blends=False)
        found.append(_estimates(of, case, metrics, realised))
    return _together(found, counters, model.learned)


def _enough(counters: Counters) -> Bools:
    """[R] windows with labels enough to tell how good an estimate was."""
    return np.asarray(counters.totals[:, Total.LABELLED] >= LEAST_LABELS)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was estimated of one problem, and how far what stands for the rest can be trusted."""

    by_key: Mapping[Key, Estimates]
    trusted: Sequence[Trusted] = ()


def _together(
    found: Sequence[_Found], counters: Counters, learned: Learned
) -> dict[Key, Estimates]:
    """The estimates of all problems, and the least trust in them."""
    by_key = {key: value for one in found for key, value in one.by_key.items()}
    trusted = [trusting for one in found for trusting in one.trusted]
    if trusted:
        least = TRUST.measure(least_trust(trusted))
    else:
        least = undefined(len(counters.totals), learned.problems[0].reason)
    return {**by_key, (TRUST.metric.key, None): least}


def _unknown(metrics: Sequence[Estimable], counters: Counters, reason: str) -> _Found:
    nothing = undefined(len(counters.totals), reason)
    return _Found({(of.key + ESTIMATED, of.column): nothing for of in metrics})


@dataclass(frozen=True, slots=True)
class _Case:
    """All that the estimates of one problem share.

    Attributes:
        counters: Of the rows.
        calibrator: What scores promise.
        expected: The labels to expect.
        settled: [R] windows that tell how good estimates were.
        blends: Whether labels and estimates are wanted together.
    """

    counters: Counters
    calibrator: Calibrator
    expected: Expected
    settled: Bools
    blends: bool = True

    def unsure(self, rows: Floats) -> Unsure:
        """How unsure the labels of such rows are: [R, S, G, ...]."""
        weight = np.ascontiguousarray(rows[..., Score.WEIGHT])
        return Unsure(weight, self.expected, self.calibrator)

    @property
    def unlabelled(self) -> Floats:
        """[R] share of the predictions that have no label."""
        totals = self.counters.totals
        share = 1 - divide(totals[:, Total.LABELLED], totals[:, Total.PREDICTED])
        return np.nan_to_num(share)


def _estimates(
    problem: Problem, case: _Case, metrics: Sequence[Estimable], realised: Mapping[Key, Floats]
) -> _Found:
    """Metrics and blends of a problem."""
    expected, missing, mixed = case.expected, case.unlabelled, None
    whole, labelled = (
        problem.answer(Rows(case.counters, expected, rows))
        for rows in (expected.whole, expected.labelled)
    )
    unsure, unsure_then = case.unsure(expected.whole), case.unsure(expected.labelled)
    predicted = case.counters.totals[:, Total.PREDICTED]
    if case.blends and (missing > 0).any() and (missing < 1).any():
        known = expected.score[..., :2, :]
        mixed = problem.answer(Rows(case.counters, expected, expected.unlabelled, known))
    unsupported = _unsupported(case)
    found: dict[Key, Estimates] = {}
    trusted: list[Trusted] = []
    for of in metrics:
        truth = realised.get((of.key, of.column), np.full(len(case.settled), np.nan))
        then = of.metric.measure(labelled).values
        noise = unsure.doubt(of.slope(whole))
        noise_then = unsure_then.doubt(of.slope(labelled)).total
        off = np.where(case.settled, truth - then, np.nan)
        trusting = trust(off, (1 + BETWEEN_WINDOWS) * noise_then, predicted)
        model = noise.model + between_windows(off, noise_then, noise.total)
        reach = student_quantile(freedom(off))
        because = [*unsupported, *trusting.told()]
        if of.sided:
            because.insert(len(unsupported), (_one_sided(whole), ONE_SIDED))
        found[of.key + ESTIMATED, of.column] = _with_interval(
            of, of.metric.measure(whole), reach * np.sqrt(noise.labels + model), because
        )
        if mixed is not None:
            biased = np.full(len(missing), problem.only_positives(case.counters))
            told = [
                (mask & (missing > 0), reason)
                for mask, reason in [*because, (biased, ONLY_POSITIVES)]
            ]
            width = reach * np.sqrt(noise.labels + missing**2 * model)
            found[of.key + BLENDED, of.column] = _with_interval(
                of, of.metric.measure(mixed), width, told
            )
        if of.key in HEADLINES and of.column is None:
            trusted.append(trusting)
    return _Found(found, trusted)


def _with_interval(
    of: Estimable, value: Estimates, reach: Floats, because: list[tuple[Bools, str]]
) -> Estimates:
    """A value with an interval on both sides of it, and more reasons why it is undefined."""
    reasons = np.array(value.reasons, dtype=object)
    own = [(reasons == reason, reason) for reason in sorted({*value.reasons} - {None}, key=str)]
    low, high = (np.clip(value.values + side * reach, of.least, of.most) for side in (-1, 1))
    told = [(mask, str(reason)) for mask, reason in own]
    return estimates(value.values, value.n, interval=Interval(low, high), because=[*told, *because])


def _unsupported(case: _Case) -> list[tuple[Bools, str]]:
    """Why scores do not tell, in the windows where they do not: those of any class."""
    weight = case.expected.whole[..., Score.WEIGHT]
    rows = weight.reshape(*weight.shape[:2], len(case.calibrator.known), -1).sum(axis=3)
    rows = rows[..., case.calibrator.known]
    strange = np.where(case.calibrator.supported[:, case.calibrator.known], 0.0, rows)
    shares = (
        np.nan_to_num(divide(part.sum(axis=1), rows.sum(axis=1))).max(axis=1)
        for part in (rows[:, -1:], strange)
    )
    return [
        ((rows[:, :-1].sum(axis=1) == 0).any(axis=1), binary.UNSCORED),
        (next(shares) > MOST_UNSCORED, UNSCORED_ROWS),
        (next(shares) > MOST_STRANGE, STRANGE),
    ]


def _one_sided(whole: binary.Answered) -> Bools:
    """[R] windows where hardly any row is expected to be of one kind."""
    tn, fp, fn, tp = whole.counts
    return np.asarray(np.minimum(tn + fp, fn + tp) < LEAST_EXPECTED)
