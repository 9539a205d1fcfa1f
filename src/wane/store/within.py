"""How many of a row fit into a bound."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def within(sizes: Iterable[int], bound: int) -> int:
    """How many come before the sum of their sizes is beyond a bound; one, if there is one at all.

    Args:
        sizes: In order, each >= 0.
        bound: Of their sum.
    """
    sums = list(accumulate(sizes))
    return max(sum(one <= bound for one in sums), min(len(sums), 1))
