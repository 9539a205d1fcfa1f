"""What a reference teaches of the labels to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.calibrator import NO_REFERENCE, UNLABELLED_REFERENCE, calibrator
from wane.profile.counters import Score
from wane.stats.array import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.profile.counters import Counters
    from wane.profile.profile import Profile
    from wane.schema import Task

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a reference taught.

    Attributes:
        task: Binary or multiclass.
        calibrator: What scores promise; None where that cannot be known.
        reason: Why not.
        effects: [G, T] what features add to that, by group of answers; None without.
        centre: [G] mean of that over the reference.
    """

    task: Task
    calibrator: Calibrator | None
    reason: str = ""
    effects: Floats | None = None
    centre: Floats | None = None

    def correction(self, counters: Counters) -> Floats | None:
        """[R, G] by how much more often than the reference rows are positive by their features."""
        if self.effects is None or self.centre is None:
            return None
        return _mean_effects(counters, self.effects) - self.centre


def learn(task: Task, reference: Profile | None, effects: Floats | None) -> Learned:
    """What a reference teaches.

    Args:
        task: Binary or multiclass.
        reference: Of such a model; None without one.
        effects: [G, T], see `profile.effects`; None without.
    """
    if reference is None:
        return Learned(task, None, NO_REFERENCE)
    found = calibrator(reference)
    if found is None:
        return Learned(task, None, UNLABELLED_REFERENCE)
    if effects is None:
        return Learned(task, found)
    centre = _mean_effects(reference.counters.as_stack(), effects)[0]
    return Learned(task, found, effects=effects, centre=centre)


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
