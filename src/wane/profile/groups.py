"""Groups: which profile each row of a batch belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


FEW = 4
"""Up to so many groups that lie one after the other are counted one by one."""


@dataclass(frozen=True, slots=True)
class Groups:
    """A partition of the rows of a batch.

    Attributes:
        keys: [G] what each group stands for, ascending.
        codes: [n] group of each row; None when there is a single group.
        order: [n] a permutation that brings the rows of a group together; None when they are.
        starts: [G] first row of each group in that order.
        stretches: The rows of each group, where groups are few stretches of rows; None elsewhere.
    """

    keys: NDArray[np.int64]
    codes: NDArray[np.intp] | None
    order: NDArray[np.intp] | None
    starts: NDArray[np.intp]
    stretches: Sequence[slice] | None = None

    @classmethod
    def by(cls, keys: NDArray[np.int64]) -> Groups:
        """Group rows by key; [n] with n >= 1."""
        first = np.zeros(1, dtype=np.intp)
        steps = np.diff(keys)
        if not steps.any():
            return cls(keys[:1], None, None, first, [slice(None)])
        if np.all(steps >= 0):
            starts = np.concatenate([first, np.flatnonzero(steps) + 1])
            sizes = np.diff(np.append(starts, len(keys)))
            codes = np.repeat(np.arange(len(starts)), sizes)
            return cls(keys[starts], codes, None, starts, _few_stretches(starts))
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.concatenate([first, np.flatnonzero(np.diff(ordered)) + 1])
        sizes = np.diff(np.append(starts, len(keys)))
        codes = np.empty(len(keys), dtype=np.intp)
        codes[order] = np.repeat(np.arange(len(starts)), sizes)
        return cls(ordered[starts], codes, order, starts)

    def __len__(self) -> int:
        return len(self.keys)

    def count(
        self,
        codes: NDArray[np.intp],
        size: int,
        weights: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Sum of weights by group and code: [G, size]; without weights, the number of rows."""
        if self.stretches is not None:
            found = np.empty((len(self), size))
            for group, rows in enumerate(self.stretches):
                weighing = None if weights is None else weights[rows]
                found[group] = np.bincount(codes[rows], weighing, size)
            return found
        if self.codes is not None:
            codes = codes + self.codes * size
        counted = np.bincount(codes, weights=weights, minlength=len(self) * size)
        return counted.astype(np.float64, copy=False).reshape(len(self), size)

    def sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum by group: [G]."""
        if self.order is not None and self.codes is not None:  # cheaper than bringing together
            return np.bincount(self.codes, values, len(self)).astype(np.float64, copy=False)
        return np.add.reduceat(values, self.starts)

    def dot(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of products by group: [G]."""
        if self.stretches is not None:
            # not np.dot, which wakes threads of its own for every batch
            return np.array([np.einsum("i,i->", left[s], right[s]) for s in self.stretches])
        return self.sum(left * right)

    def minimum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Smallest value by group: [G]."""
        return np.minimum.reduceat(self._ordered(values), self.starts)

    def maximum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Largest value by group: [G]."""
        return np.maximum.reduceat(self._ordered(values), self.starts)

    def _ordered(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values if self.order is None else values[self.order]


def _few_stretches(starts: NDArray[np.intp]) -> list[slice] | None:
    """Rows of each group; None where groups are many."""
    if len(starts) > FEW:
        return None
    ends = [*starts[1:].tolist(), None]
    return [slice(start, end) for start, end in zip(starts.tolist(), ends, strict=True)]
