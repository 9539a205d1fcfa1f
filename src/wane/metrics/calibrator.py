"""What scores promised in the reference: the chance of a positive label by score cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Score
from wane.stats.isotonic import isotonic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]

LEAST_LABELS = 100
LEAST_OF_A_CLASS = 10
"""Fewer labelled rows of the reference, or of one label among them, calibrate nothing."""
NO_REFERENCE = "there is no reference to learn from what scores promise"
UNLABELLED_REFERENCE = (
    f"the reference has fewer than {LEAST_LABELS} rows with label and score, "
    f"or fewer than {LEAST_OF_A_CLASS} of one label"
)
NEIGHBOURHOOD = 0.05
"""Share of the score cells, on either side, that vouch for a cell ..."""
LEAST_SUPPORT = 20
"""... if they hold so many rows of the reference."""
TINY = 1e-6
"""No chance is nearer to 0 or 1."""
SHRINKAGE = 50.0
"""Rows of the whole model that are added to those of a segment, cell by cell."""


@dataclass(frozen=True, slots=True)
class Calibrator:
    """The chance of a positive label, by score cell and group of answers.

    Attributes:
        chance: [S, G] in (0, 1).
        block: [S, G] which block of cells each is told by: those of one block are told by the
            same rows of the reference.
        rows: [B] rows behind each block, > 0.
        supported: [S] whether the reference has rows with such scores.
        positives: Share of positives in the reference.
    """

    chance: Floats
    block: NDArray[np.intp]
    rows: Floats
    supported: NDArray[np.bool_]
    positives: float


def calibrator(reference: Profile) -> Calibrator | None:
    """Isotonic calibration on the score cells of a reference, by group of answers.

    By predicted class of a binary model, so that on the reference itself each kind of error is
    expected as often as it is; of a multiclass one right answers are the positive ones.
    The reference should not hold rows that the model was trained on.

    Returns:
        None where the reference has too few labels.
    """
    counted = reference.counters.score[..., Score.WEIGHT]
    rows, hits = counted[..., :2].sum(axis=2), counted[..., 1]
    of_label = hits[:-1].sum(), (rows - hits)[:-1].sum()
    if min(of_label) < LEAST_OF_A_CLASS or sum(of_label) < LEAST_LABELS:
        return None
    share = float(hits.sum() / rows.sum())
    chance, block = np.empty(rows.shape), np.empty(rows.shape, dtype=np.intp)
    sizes: list[float] = []
    groups = rows.shape[1]
    for at in range(groups):
        own = [at] if rows[:-1, at].any() else list(range(groups))  # others tell of one never seen
        found = isotonic(hits[:-1, own].sum(axis=1), rows[:-1, own].sum(axis=1))
        chance[:-1, at], block[:-1, at] = found.share, found.block + len(sizes)
        sizes += found.rows.tolist()
        chance[-1, at] = (hits[-1, at] + share) / (rows[-1, at] + 1)
        block[-1, at] = len(sizes)
        sizes.append(max(float(rows[-1, at]), 1.0))
    return Calibrator(chance, block, np.array(sizes), _supported(rows.sum(axis=1)), share)


def of_segment(whole: Calibrator, segment: Profile | None) -> Calibrator:
    """The same for a segment: its own share in each block, shrunk towards that of the model."""
    if segment is None:
        return whole
    counted = segment.counters.score[..., Score.WEIGHT]
    rows, hits = counted[..., :2].sum(axis=2), counted[..., 1]
    blocks = len(whole.rows)
    own = np.bincount(whole.block.ravel(), rows.ravel(), blocks)
    expected = np.bincount(whole.block.ravel(), (rows * whole.chance).ravel(), blocks)
    found = np.bincount(whole.block.ravel(), hits.ravel(), blocks)
    more = ((found - expected) / (own + SHRINKAGE))[whole.block]
    return Calibrator(
        chance=np.clip(whole.chance + more, TINY, 1 - TINY),
        block=whole.block,
        rows=np.minimum(own + SHRINKAGE, whole.rows),
        supported=whole.supported,
        positives=float(hits.sum() / rows.sum()) if rows.sum() else whole.positives,
    )


def _supported(rows: Floats) -> NDArray[np.bool_]:
    """[S] whether enough rows have such scores; that of missing ones if any has none."""
    reach = max(1, round(NEIGHBOURHOOD * (len(rows) - 1)))
    running = np.concatenate([[0.0], np.cumsum(rows[:-1])])
    cells = np.arange(len(rows) - 1)
    last = np.minimum(cells + reach + 1, len(rows) - 1)
    near = running[last] - running[np.maximum(cells - reach, 0)]
    return np.append(near >= LEAST_SUPPORT, rows[-1] >= LEAST_SUPPORT)
