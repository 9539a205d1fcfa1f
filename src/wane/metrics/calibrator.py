"""What scores promised in the reference: the chance of a positive label by score cell.

There are C things that a label may say: of a binary model one, that it is positive; likewise of
the answers of a multiclass one, that they are right; and of its K classes each. Rows are counted
for each of them by score cell and by groups of answers, the groups of the first before those of
the next: G in all, G / C for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.stats.isotonic import isotonic

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        chance: [S, G] in (0, 1); 0 where the reference does not tell.
        block: [S, G] which block of cells each is told by: those of one block are told by the
            same rows of the reference.
        rows: [B] rows behind each block, > 0.
        supported: [S, C] whether the reference has rows with such scores.
        positives: [C] share of positives in the reference.
        known: [C] whether the reference tells; not always of all classes.
    """

    chance: Floats
    block: NDArray[np.intp]
    rows: Floats
    supported: NDArray[np.bool_]
    positives: Floats
    known: NDArray[np.bool_]


def calibrator(counted: Floats) -> Calibrator | None:
    """Isotonic calibration on the score cells of a reference, by group of answers.

    By predicted class of a binary model, so that on the reference itself each kind of error is
    expected as often as it is; of a multiclass one right answers are the positive ones.
    The reference should not hold rows that the model was trained on.

    Args:
        counted: [S, G, 3] rows of the reference by score cell, the last that of missing scores,
            group of answers and label: negative, positive, none.

    Returns:
        None where the reference has too few labels.
    """
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
    supported = _supported(rows.sum(axis=1))[:, None]
    told = np.ones(1, dtype=np.bool_)
    return Calibrator(chance, block, np.array(sizes), supported, np.array([share]), told)


def class_calibrator(counted: Floats) -> Calibrator | None:
    """The same for each of K classes.

    Args:
        counted: [S, 2 K, 3] rows of the reference; the groups of a class are the rows that were
            predicted as another, and as it.

    Returns:
        None where the reference tells of no class.
    """
    of_class = np.split(counted, counted.shape[1] // 2, axis=1)
    found = [calibrator(part) for part in of_class]
    if not any(found):
        return None
    filled = [one or _nothing(len(counted)) for one in found]
    starts = np.cumsum([0, *(len(one.rows) for one in filled[:-1])])
    return Calibrator(
        chance=np.concatenate([one.chance for one in filled], axis=1),
        block=np.concatenate(
            [one.block + start for one, start in zip(filled, starts, strict=True)], axis=1
        ),
        rows=np.concatenate([one.rows for one in filled]),
        supported=np.concatenate([one.supported for one in filled], axis=1),
        positives=np.concatenate([one.positives for one in filled]),
        known=np.concatenate([one.known for one in filled]),
    )


def of_segment(whole: Calibrator, counted: Floats | None) -> Calibrator:
    """The same for a segment: its own share in each block, shrunk towards that of the model.

    Args:
        whole: Of the model.
        counted: [S, G, 3] rows of the reference in the segment; None where it has none.
    """
    if counted is None:
        return whole
    rows, hits = counted[..., :2].sum(axis=2), counted[..., 1]
    blocks = len(whole.rows)
    own = np.bincount(whole.block.ravel(), rows.ravel(), blocks)
    expected = np.bincount(whole.block.ravel(), (rows * whole.chance).ravel(), blocks)
    found = np.bincount(whole.block.ravel(), hits.ravel(), blocks)
    more = ((found - expected) / (own + SHRINKAGE))[whole.block]
    return Calibrator(
        chance=np.where(whole.chance > 0, np.clip(whole.chance + more, TINY, 1 - TINY), 0.0),
        block=whole.block,
        rows=np.minimum(own + SHRINKAGE, whole.rows),
        supported=whole.supported,
        positives=whole.positives,
        known=whole.known,
    )


def _nothing(cells: int) -> Calibrator:
    """Of a class that the reference hardly has: nothing is expected, and nothing told."""
    return Calibrator(
        chance=np.zeros((cells, 2)),
        block=np.zeros((cells, 2), dtype=np.intp) + np.arange(2),
        rows=np.ones(2),
        supported=np.ones((cells, 1), dtype=np.bool_),
        positives=np.zeros(1),
        known=np.zeros(1, dtype=np.bool_),
    )


def _supported(rows: Floats) -> NDArray[np.bool_]:
    """[S] whether enough rows have such scores; that of missing ones if any has none."""
    reach = max(1, round(NEIGHBOURHOOD * (len(rows) - 1)))
    running = np.concatenate([[0.0], np.cumsum(rows[:-1])])
    cells = np.arange(len(rows) - 1)
    last = np.minimum(cells + reach + 1, len(rows) - 1)
    near = running[last] - running[np.maximum(cells - reach, 0)]
    return np.append(near >= LEAST_SUPPORT, rows[-1] >= LEAST_SUPPORT)
