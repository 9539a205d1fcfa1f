"""Averages over classes from what is known of each class against the rest, and their slopes.

All functions take, of K classes, `hits` (rows predicted and labelled so), `predicted` and `labels`
(rows of either), [..., K] and >= 0, weighted or not: what a confusion matrix has on its diagonal
and its margins, which is all that these metrics need, Matthews correlation included. With the
answers given, a metric moves with the labels alone, and so its slopes are by one more label of a
class: among the rows that were predicted so (`hit`), and among the others (`missed`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide


class Sloped(NamedTuple):
    """A metric, and what one more label of each class does to it.

    Attributes:
        value: [...]; nan where the metric is undefined.
        hit: [..., K] where that class was predicted; 0 where it has no part in the metric.
        missed: [..., K] where another was.
    """

    value: Floats
    hit: Floats
    missed: Floats


def precision(hits: ArrayLike, predicted: ArrayLike, labels: ArrayLike) -> Sloped:
    """Of each class, [..., K]: the share right of the rows predicted so; nan if never predicted."""
    found, answered, _ = _counts(hits, predicted, labels)
    return Sloped(divide(found, answered), divide(1.0, answered), np.zeros_like(found))


def recall(hits: ArrayLike, predicted: ArrayLike, labels: ArrayLike) -> Sloped:
    """Of each class, [..., K]: the share found of the rows labelled so; nan without any."""
    found, _, known = _counts(hits, predicted, labels)
    value = divide(found, known)
    return Sloped(value, divide(1 - value, known), divide(-value, known))


def f1(hits: ArrayLike, predicted: ArrayLike, labels: ArrayLike) -> Sloped:
    """F1 of each class, [..., K]; nan if neither predicted nor a label."""
    found, answered, known = _counts(hits, predicted, labels)
    value = divide(2 * found, answered + known)
    return Sloped(value, divide(2 - value, answered + known), divide(-value, answered + known))


def averaged(by_class: Sloped, weights: ArrayLike) -> Sloped:
    """Mean over the classes that have a value, by weights that do not hang on the labels.

    Args:
        by_class: Of each class.
        weights: [..., K] >= 0.

    Returns:
        nan where no class has both weight and value.
    """
    known = np.where(np.isfinite(by_class.value), weights, 0.0)
    share = np.nan_to_num(divide(known, known.sum(axis=-1, keepdims=True)))
    value = (share * np.nan_to_num(by_class.value)).sum(axis=-1)
    return Sloped(
        np.where(known.sum(axis=-1) > 0, value, np.nan),
        share * np.nan_to_num(by_class.hit),
        share * np.nan_to_num(by_class.missed),
    )


def by_labels(by_class: Sloped, labels: ArrayLike) -> Sloped:
    """Mean over the classes, weighted by their labels; a class without a value counts as 0.

    Args:
        by_class: Of each class.
        labels: [..., K].

    Returns:
        nan without labels.
    """
    known = np.asarray(labels, dtype=np.float64)
    value, hit, missed = (np.nan_to_num(part) for part in by_class)
    rows = known.sum(axis=-1, keepdims=True)
    mean = divide((known * value).sum(axis=-1, keepdims=True), rows)
    more = value - mean
    return Sloped(
        mean[..., 0],
        np.nan_to_num(divide(more + known * hit, rows)),
        np.nan_to_num(divide(more + known * missed, rows)),
    )


def matthews_correlation(hits: ArrayLike, predicted: ArrayLike, labels: ArrayLike) -> Sloped:
    """Matthews correlation of K classes (R_K: Gorodkin, 2004), in [-1, 1].

    It takes the rows to be as many as were predicted. nan where all rows have one label or one
    prediction.
    """
    found, answered, known = _counts(hits, predicted, labels)
    rows = answered.sum(axis=-1, keepdims=True)
    covariance = _sum(found) * rows - _sum(answered * known)
    of_answers = rows**2 - _sum(answered**2)
    of_labels = rows**2 - _sum(known**2)
    spread = np.sqrt(np.maximum(of_answers, 0)) * np.sqrt(np.maximum(of_labels, 0))
    value = divide(covariance, spread)
    missed = divide(-answered, spread) + divide(value * known, of_labels)
    hit = missed + divide(rows, spread)
    return Sloped(np.clip(value, -1, 1)[..., 0], np.nan_to_num(hit), np.nan_to_num(missed))


def _counts(*counts: ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(count, dtype=np.float64) for count in counts))


def _sum(values: Floats) -> Floats:
    """[..., 1] over the classes."""
    return np.asarray(values.sum(axis=-1, keepdims=True))
