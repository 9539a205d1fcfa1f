"""Metrics of hard predictions, from confusion counts.

Binary functions take the four counts `tn`, `fp`, `fn`, `tp` (true and false negatives and
positives, >= 0, weighted or not), which broadcast to the shape of the result. Multiclass functions
take `matrix` [..., K predicted, K label]; note that scikit-learn's matrix is the transpose. A zero
denominator gives nan, where scikit-learn by default warns and gives 0.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide


def accuracy(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Share of rows predicted right, in [0, 1]; nan without rows."""
    tn, fp, fn, tp = _counts(tn, fp, fn, tp)
    return divide(tn + tp, tn + fp + fn + tp)


def precision(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Share of the predicted positives that are positive, in [0, 1]; nan if none is predicted."""
    _, fp, _, tp = _counts(tn, fp, fn, tp)
    return divide(tp, tp + fp)


def recall(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Share of the positives that are found, in [0, 1]; nan without positives."""
    _, _, fn, tp = _counts(tn, fp, fn, tp)
    return divide(tp, tp + fn)


def specificity(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Share of the negatives that are left alone, in [0, 1]; nan without negatives."""
    tn, fp, _, _ = _counts(tn, fp, fn, tp)
    return divide(tn, tn + fp)


def f1(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Harmonic mean of precision and recall, in [0, 1].

    0 where nothing was found though there was something to find or something was predicted; nan
    where no row is positive by label or prediction.
    """
    _, fp, fn, tp = _counts(tn, fp, fn, tp)
    return divide(2 * tp, 2 * tp + fp + fn)


def balanced_accuracy(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Mean of recall and specificity, in [0, 1]; nan unless both labels occur.

    scikit-learn falls back to the one recall there is, which cannot be compared with other
    windows.
    """
    return (recall(tn, fp, fn, tp) + specificity(tn, fp, fn, tp)) / 2


def matthews_correlation(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike) -> Floats:
    """Correlation of prediction and label (Matthews, 1975), in [-1, 1].

    nan unless both classes occur among the labels and among the predictions (scikit-learn: 0).
    """
    tn, fp, fn, tp = _counts(tn, fp, fn, tp)
    margins = np.sqrt((tp + fp) * (tn + fn)) * np.sqrt((tp + fn) * (tn + fp))
    return np.clip(divide(tp * tn - fp * fn, margins), -1, 1)


def cost(tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike, costs: ArrayLike) -> Floats:
    """Mean cost per row, given what each outcome costs.

    Args:
        tn: True negatives.
        fp: False positives.
        fn: False negatives.
        tp: True positives.
        costs: [2 predicted, 2 label], that is [[tn, fn], [fp, tp]], in any unit; a benefit is a
            negative cost.

    Returns:
        In the unit of `costs`, per row; nan without rows.
    """
    tn, fp, fn, tp = _counts(tn, fp, fn, tp)
    (cost_tn, cost_fn), (cost_fp, cost_tp) = np.asarray(costs, dtype=np.float64)
    total = tn * cost_tn + fp * cost_fp + fn * cost_fn + tp * cost_tp
    return divide(total, tn + fp + fn + tp)


def support(matrix: ArrayLike) -> Floats:
    """Rows by label: [..., K]."""
    rows: Floats = _matrix(matrix).sum(axis=-2)
    return rows


def multiclass_accuracy(matrix: ArrayLike) -> Floats:
    """Share of rows predicted right: [...] in [0, 1]; nan without rows."""
    counts = _matrix(matrix)
    return divide(_hits(counts).sum(axis=-1), counts.sum(axis=(-2, -1)))


def per_class_precision(matrix: ArrayLike) -> Floats:
    """Share right among the rows predicted as each class: [..., K]; nan if never predicted."""
    counts = _matrix(matrix)
    return divide(_hits(counts), counts.sum(axis=-1))


def per_class_recall(matrix: ArrayLike) -> Floats:
    """Share found among the rows labelled as each class: [..., K]; nan if never a label."""
    counts = _matrix(matrix)
    return divide(_hits(counts), counts.sum(axis=-2))


def per_class_f1(matrix: ArrayLike) -> Floats:
    """F1 of each class against the rest: [..., K]; nan if neither predicted nor a label."""
    counts = _matrix(matrix)
    return divide(2 * _hits(counts), counts.sum(axis=-1) + counts.sum(axis=-2))


def macro(values: ArrayLike) -> Floats:
    """Plain mean over the classes where the value is defined: [..., K] to [...].

    What scikit-learn gives for average="macro", zero_division=nan: classes that are neither
    predicted nor a label never count, and a class that is labelled but never predicted does not
    count for precision (under scikit-learn's default it counts as 0). nan if no class is left.
    """
    return weighted(values, 1.0)


def weighted(values: ArrayLike, weights: ArrayLike) -> Floats:
    """Mean over the classes where the value is defined, weighted: [..., K] to [...].

    With `support(matrix)` as weights, what scikit-learn gives for average="weighted",
    zero_division=nan, down to its plain mean where the classes left have no support. nan if no
    class is left.
    """
    value = np.asarray(values, dtype=np.float64)
    defined = ~np.isnan(value)
    kept = np.where(defined, weights, 0.0)
    weightless = kept.sum(axis=-1, keepdims=True) == 0
    kept = np.where(weightless, defined, kept)
    return divide((kept * np.where(defined, value, 0)).sum(axis=-1), kept.sum(axis=-1))


def multiclass_matthews_correlation(matrix: ArrayLike) -> Floats:
    """Matthews correlation of K classes (R_K: Gorodkin, 2004): [...] in [-1, 1].

    nan where all rows have one label or one prediction (scikit-learn: 0).
    """
    counts = _matrix(matrix)
    predicted, labelled = counts.sum(axis=-1), counts.sum(axis=-2)
    rows = counts.sum(axis=(-2, -1))
    covariance = _hits(counts).sum(axis=-1) * rows - (predicted * labelled).sum(axis=-1)
    spread = np.sqrt(rows**2 - (predicted**2).sum(axis=-1))
    spread *= np.sqrt(rows**2 - (labelled**2).sum(axis=-1))
    return np.clip(divide(covariance, spread), -1, 1)


def _counts(*counts: ArrayLike) -> tuple[Floats, ...]:
    return np.broadcast_arrays(*(np.asarray(count, dtype=np.float64) for count in counts))


def _matrix(matrix: ArrayLike) -> Floats:
    return np.asarray(matrix, dtype=np.float64)


def _hits(counts: Floats) -> Floats:
    """The diagonal: rows predicted right, by class."""
    return np.diagonal(counts, axis1=-2, axis2=-1)
