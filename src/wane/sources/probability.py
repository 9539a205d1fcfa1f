"""Whether a column holds probabilities, but for a few values that cannot be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.profile.values import to_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.sources.glance import Glance

MOST_OUTSIDE = 0.05
"""Up to this share of the values may lie outside [0, 1]; rows with them count as invalid.
Of log-odds, percentages and ratings far more do."""


def are_probabilities(glance: Glance) -> bool:
    """A number that lies in [0, 1] but for a small share of the values."""
    if glance.within(0, 1):
        return True
    values = _known(glance)
    outside = np.count_nonzero((values < 0) | (values > 1))
    return bool(outside < MOST_OUTSIDE * len(values))


def are_confidences(glance: Glance) -> bool:
    """Probabilities that are never below one half."""
    values = _known(glance)
    below = bool(((values >= 0) & (values < 0.5)).any())
    lowest = glance.low if glance.low is not None else 0.0
    return are_probabilities(glance) and not below and not 0 <= lowest < 0.5


def told_outside(glance: Glance) -> str:
    """Part of a sentence about values outside [0, 1]; empty where there is none."""
    if glance.within(0, 1) or glance.low is None:
        return ""
    return f"; some values lie outside [0, 1], from {_range(glance)}, and count as invalid"


def told_not_a_probability(glance: Glance) -> str:
    """A sentence about a column that is called like a score and is none."""
    name = glance.name if glance.name.isidentifier() else f'"{glance.name}"'
    low, high = glance.low or 0.0, glance.high or 0.0
    most = 100 if 10 < high <= 100 else high
    example = f"1 / (1 + exp(-{name}))" if low < 0 else f"{name} / {most:g}"
    return (
        f"`{glance.name}` holds values from {_range(glance)}, so it is not taken for a "
        f"probability: derive one, for example `probability = '{example}'` under [derive] of "
        "wane.toml"
    )


def _range(glance: Glance) -> str:
    return f"{glance.low:.6g} to {glance.high:.6g}"


def _known(glance: Glance) -> NDArray[np.float64]:
    """The values of the sample that are numbers; empty for columns that hold none."""
    if glance.family != "number":
        return np.zeros(0)
    values = to_numbers(glance.array).values
    return values[~np.isnan(values)]
