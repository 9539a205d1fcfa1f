"""What a reference teaches of the labels to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.problem import Problem, problems
from wane.profile.counters import Score
from wane.stats.array import divide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.profile import Profile
    from wane.schema import Task

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a reference taught.

    Attributes:
        problems: What there is to estimate.
        effects: [G, T] what features add to what scores promise, by group of answers; None without.
        centre: [G] mean of that over the reference.
    """

    problems: tuple[Problem, ...]
    effects: Floats | None = None
    centre: Floats | None = None

    def correction(self, counters: Counters) -> Floats | None:
        """[R, G] by how much more often than the reference rows are positive by their features."""
        if self.effects is None or self.centre is None:
            return None
        return _mean_effects(counters, self.effects) - self.centre


def learn(
    task: Task,
    reference: Profile | None,
    effects: Floats | None,
    *,
    classes: Sequence[str],
    costs: Mapping[str, float],
) -> Learned:
    """What a reference teaches.

    Args:
        task: Binary or multiclass.
        reference: Of such a model; None without one.
        effects: [G, T], see `profile.effects`; None without.
        classes: Their names.
        costs: Value of a row by outcome; empty without a cost matrix.
    """
    found = problems(task, reference, classes, costs)
    if effects is None or reference is None or not any(one.calibrator for one in found):
        return Learned(found)
    centre = _mean_effects(reference.counters.as_stack(), effects)[0]
    return Learned(found, effects=effects, centre=centre)


def _mean_effects(counters: Counters, effects: Floats) -> Floats:
    """[R, G] mean effect of the features on the rows of each group; 0 without rows."""
    groups = len(effects)
    by_outcome = effects @ counters.cells
    each = (by_outcome.shape[2] - 1) // groups  # the last outcome is that of no prediction
    total = np.stack(
        [by_outcome[:, at, each * at : each * (at + 1)].sum(axis=1) for at in range(groups)], axis=1
    )
    rows = counters.score[..., Score.WEIGHT].sum(axis=(1, 3))
    return np.nan_to_num(divide(total, rows))
