"""Adtributor, in our own words, as something to be held against.

Bhagwan et al., "Adtributor: Revenue debugging in advertising systems" (NSDI 2014): for each column
by itself, the values that make up a change and are most surprising, until they explain enough of
it; then the columns by how surprising their values are. Of a rate a / b, what a value explains is
its part in the change of a / b to first order, and surprise is that of a and of b together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_VALUE = 0.1
"""Share of the change that a value must explain."""
ENOUGH = 0.67
"""Share of the change at which a column has explained it."""
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Blamed:
    """Values of a column that explain a change, and how surprising they are."""

    column: int
    codes: tuple[int, ...]
    surprise: float


def adtributor(codes: NDArray[np.intp], sums: Floats, enough: float = ENOUGH) -> tuple[Blamed, ...]:
    """The columns that explain the change of a rate, most surprising first; at most three.

    Args:
        codes: [L, D] values of the leaves.
        sums: [4, L] rows before, bad ones, rows now, bad ones.
        enough: Share of the change at which a column has explained it.
    """
    found = []
    for column in range(codes.shape[1]):
        size = int(codes[:, column].max()) + 1
        n, bad, m, bad_now = (
            np.bincount(codes[:, column], part, size).astype(np.float64) for part in sums
        )
        part = _explained(n, bad, m, bad_now)
        surprise = _surprise(bad, bad_now) + _surprise(n, m)
        total, chosen, sum_of = 0.0, [], 0.0
        for value in np.argsort(-surprise, kind="stable").tolist():
            if part[value] > LEAST_VALUE:
                chosen.append(value)
                total += float(part[value])
                sum_of += float(surprise[value])
            if total > enough:
                found.append(Blamed(column, tuple(chosen), sum_of))
                break
    return tuple(sorted(found, key=lambda one: -one.surprise)[:COLUMNS])


def _explained(n: Floats, bad: Floats, m: Floats, bad_now: Floats) -> Floats:
    """Share of the change of the rate that each value explains; before is brought to one window."""
    scale = m.sum() / n.sum()
    rows, wrong = n * scale, bad * scale
    top = (bad_now - wrong) * rows.sum() - (m - rows) * wrong.sum()
    part = top / (rows.sum() * (rows.sum() + m - rows))
    return part / part.sum() if part.sum() else np.zeros_like(part)


def _surprise(before: Floats, now: Floats) -> Floats:
    """Part of each value in the Jensen-Shannon divergence of its shares before and now."""
    p, q = before / max(before.sum(), 1.0), now / max(now.sum(), 1.0)
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log(side / middle), 0.0) for side in (p, q)]
    return np.asarray(0.5 * (parts[0] + parts[1]))
