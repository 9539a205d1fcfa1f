"""Which of two classes is the positive one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wane.classes import class_codes, class_number
from wane.profile.values import to_numbers
from wane.sources.probability import are_confidences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.sources.finding import Finding

POSITIVE = {
    *("1", "true", "yes", "y", "t", "positive", "pos"),
    *("fraud", "fraudulent", "churn", "churned", "default", "defaulted", "spam"),
}


def positive_class(finding: Finding, names: Sequence[str]) -> tuple[str, str]:
    """The positive class, and why it is that one.

    Args:
        finding: What is known of prediction, label and score.
        names: The two classes, numbers by size, texts by the alphabet.
    """
    if all(class_number(name) is not None for name in names):
        return names[1], "the larger number"
    words = [name for name in names if name.casefold() in POSITIVE]
    if len(words) == 1:
        return words[0], "by its meaning"
    means = _mean_scores(finding, names)
    if means is None:
        return names[1], "the last by the alphabet"
    low, high = sorted(means)
    return names[means.index(high)], f"its mean score is the higher: {high:.3g} against {low:.3g}"


def _mean_scores(finding: Finding, names: Sequence[str]) -> tuple[float, float] | None:
    """Mean score of the rows of either class; None where it does not tell them apart.

    Predictions go before labels: they follow the score also where the model has failed.
    """
    schema, columns = finding.schema, finding.columns
    answers = schema.prediction or schema.label
    if schema.score is None or answers is None or are_confidences(columns[schema.score]):
        return None
    score = to_numbers(columns[schema.score].array).values
    codes = class_codes(columns[answers].array, names)
    usable = (score >= 0) & (score <= 1)
    first, second = (score[usable & (codes == code)] for code in (0, 1))
    if not len(first) or not len(second):
        return None
    means = float(np.mean(first)), float(np.mean(second))
    return None if math.isclose(*means) else means
