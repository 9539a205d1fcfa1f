"""Where a mean rose: the few elements of a table that explain it.

A table holds rows by the values of D columns. Its *leaves* are the combinations that occur, and an
*element* is a set of leaves that share the values of one to three columns: channel=mobile, or
channel=mobile and plan=basic. The search is greedy: the element with the largest

    (what it adds over all rows) x (log-likelihood ratio that its mean rose)

is taken, and the rest searched again. The product is large for an element that is all of the
incident and nothing but that: a part of it adds less, and what has untouched rows in it is less
likely. Two guards keep it honest. An element must have risen beyond chance, by the largest of
all that were looked at (Bonferroni). And it must have risen more than the rest of what it is part
of: where channel=mobile rose as much without plan=basic, plan=basic says nothing, and where all
rows rose alike, no column does.

The score is that of scan statistics (Kulldorff, 1997, doi:10.1080/03610929708831995) times the
explanatory power of Adtributor (Bhagwan et al., NSDI 2014).
"""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np

from wane.stats.array import Bools, Floats, Ints
from wane.stats.interval import normal_quantile
from wane.stats.rise import Rise

DEEPEST = 3
MOST = 3
SURE = 0.05
LEAST_SHARE = 0.1
ALIKE = 0.5
"""The rest of what an element is part of rose as well if it did so by half as much."""
MOST_CELLS = 1 << 22
"""Combinations of values that are counted each in a place of its own; more are sorted first."""
TIED = 1e-9

Judge: TypeAlias = Callable[[Floats], Rise]
"""From the sums of sets of rows, [S, E], to how much each rose."""


class Element(NamedTuple):
    """Leaves that share the values of some columns; all leaves where there are no columns.

    Attributes:
        columns: Positions, ascending; empty for the whole table.
        values: The code of each.
        sums: [S] of its leaves, but for those of elements that were found before.
        change: By how much the mean rose, > 0.
        excess: What that adds over its rows now.
        z: By how many standard errors it rose.
    """

    columns: tuple[int, ...]
    values: tuple[int, ...]
    sums: Floats
    change: float
    excess: float
    z: float


class Search(NamedTuple):
    """What a search found.

    Attributes:
        elements: At most three, in the order found; empty where nothing rose beyond chance.
        looked: How many elements had rows enough to be looked at.
        gain: The largest score of any element, significant or not; 0 where nothing rose.
    """

    elements: tuple[Element, ...]
    looked: int
    gain: float


class _Cube(NamedTuple):
    """Rows by the values of some columns.

    Attributes:
        columns: Which.
        sizes: Number of codes of each.
        keys: [L] element of each leaf.
        labels: [E] joint code of each element; None where that is its place.
        sums: [S, E].
    """

    columns: tuple[int, ...]
    sizes: tuple[int, ...]
    keys: Ints
    labels: Ints | None
    sums: Floats

    def values(self, element: int) -> tuple[int, ...]:
        """The codes of an element."""
        code = element if self.labels is None else int(self.labels[element])
        return tuple(int(value) for value in np.unravel_index(code, self.sizes))

    def without(self, leaves: Ints, sums: Floats) -> "_Cube":
        """The same without some leaves, whose sums are [S, n]."""
        return self._replace(sums=self.sums - _added(self.keys[leaves], sums, self.sums.shape[1]))


class _Rest(NamedTuple):
    """What is left to explain, and how it is judged.

    Attributes:
        codes: [L, D].
        sums: [S, L].
        left: [L] leaves that no element has explained yet.
        judge: How much a set of rows rose.
        wobble: Variance of a change beyond that of its rows.
        least_z: Standard errors from which on a rise is beyond chance.
    """

    codes: Ints
    sums: Floats
    left: Bools
    judge: Judge
    wobble: float
    least_z: float

    def among(self, leaves: Bools) -> tuple[Floats, Rise, float]:
        """Sums of some leaves, their rise, and by how many standard errors."""
        sums = self.sums[:, leaves].sum(axis=1)
        rise = self.judge(sums[:, None])
        return sums, rise, float(_z(rise, self.wobble)[0])

    def leaves(self, columns: tuple[int, ...], values: tuple[int, ...]) -> Bools:
        """Those of an element that are left."""
        found = self.left.copy()
        for column, value in zip(columns, values, strict=True):
            found &= self.codes[:, column] == value
        return found


def localise(
    codes: Ints,
    sums: Floats,
    judge: Judge,
    *,
    deepest: int = DEEPEST,
    most: int = MOST,
    wobble: float = 0.0,
    least_part: float = 0.0,
    looked: int = 0,
) -> Search:
    """Find the elements in which a mean rose.

    Args:
        codes: [L, D] codes of the leaves, from 0 up in each column; a leaf may come twice.
        sums: [S, L] sums of the rows of each leaf.
        judge: How much a set of rows rose: `rise.rate_rise` or `rise.mean_rise`.
        deepest: Columns that an element may have together.
        most: Elements that are taken.
        wobble: Variance of the change of a mean that all sets of rows have beyond that of their
            rows, as days differ.
        least_part: What an element must add to the mean of all rows.
        looked: Elements of other tables that are searched beside this one.

    Returns:
        No elements for an empty table. One without columns is the whole table: it rose alike.
    """
    if not codes.size:
        return Search((), 0, 0.0)
    cubes = list(_cubes(codes, sums, deepest))
    rise = _judged(cubes, judge)
    tried = int(np.count_nonzero(rise.enough))
    rest = _Rest(
        codes,
        sums,
        np.ones(len(codes), dtype=bool),
        judge,
        wobble,
        least_z=normal_quantile(1 - 2 * SURE / max(1, tried + looked)),
    )
    least = least_part * float(judge(sums.sum(axis=1)[:, None]).rows[0])
    found: list[Element] = []
    gain = _gain(rise, wobble)
    top = float(gain.max(initial=0.0))
    while len(found) < most:
        element = _best(cubes, rise, gain, rest, whole=not found)
        if element is None or element.excess < max(
            least, LEAST_SHARE * found[0].excess if found else 0.0
        ):
            break
        found.append(element)
        if not element.columns:
            break
        taken = rest.leaves(element.columns, element.values)
        rest = rest._replace(left=rest.left & ~taken)
        gone = np.flatnonzero(taken)
        cubes = [cube.without(gone, sums[:, gone]) for cube in cubes]
        rise = _judged(cubes, judge)
        gain = _gain(rise, wobble)
    return Search(tuple(found), tried, top)


def _cubes(codes: Ints, sums: Floats, deepest: int) -> Iterator[_Cube]:
    """Every combination of up to so many columns, fewest first."""
    sizes = tuple(int(size) + 1 for size in codes.max(axis=0))
    for count in range(1, min(deepest, codes.shape[1]) + 1):
        for columns in combinations(range(codes.shape[1]), count):
            of = tuple(sizes[column] for column in columns)
            keys = np.zeros(len(codes), dtype=np.intp)
            for column, size in zip(columns, of, strict=True):
                keys *= size
                keys += codes[:, column]
            cells = int(np.prod(of, dtype=object))
            labels = None
            if cells > MOST_CELLS:
                labels, keys = np.unique(keys, return_inverse=True)
                cells = len(labels)
            yield _Cube(columns, of, keys, labels, _added(keys, sums, cells))


def _added(keys: Ints, sums: Floats, cells: int) -> Floats:
    """Sums of leaves by key: [S, cells]."""
    return np.stack([np.bincount(keys, part, cells) for part in sums])


def _judged(cubes: list[_Cube], judge: Judge) -> Rise:
    """The rise of every element of every cube, one cube after the other."""
    return judge(np.concatenate([cube.sums for cube in cubes], axis=1))


def _z(rise: Rise, wobble: float) -> Floats:
    """Standard errors of a rise, wobble included."""
    return np.sqrt(2 * rise.likelihood * rise.variance / (rise.variance + wobble))


def _gain(rise: Rise, wobble: float) -> Floats:
    """The score of every element that has rows enough."""
    gain = np.maximum(rise.excess, 0.0) * _z(rise, wobble) ** 2 / 2
    return np.where(rise.enough, gain, 0.0)


def _best(
    cubes: list[_Cube], rise: Rise, gain: Floats, rest: _Rest, *, whole: bool
) -> Element | None:
    """The element with the largest score, without columns that say nothing; None if none rose."""
    sure = np.where(_z(rise, rest.wobble) >= rest.least_z, gain, 0.0)
    largest = float(sure.max(initial=0.0))
    if largest <= 0:
        return None
    place = int(np.flatnonzero(sure >= largest * (1 - TIED))[0])  # of equals that with least
    for cube in cubes:
        if place < cube.sums.shape[1]:
            return _simplest(rest, cube.columns, cube.values(place), whole=whole)
        place -= cube.sums.shape[1]
    return None


def _simplest(
    rest: _Rest, columns: tuple[int, ...], values: tuple[int, ...], *, whole: bool
) -> Element:
    """The element, or what it is part of for as long as that rose alike.

    Args:
        rest: What is left to explain.
        columns: Of the element.
        values: Of the element.
        whole: Whether the whole table may be the answer.
    """
    leaves = rest.leaves(columns, values)
    sums, rise, z = rest.among(leaves)
    while len(columns) > (0 if whole else 1):
        best: tuple[float, int] | None = None
        for at in range(len(columns)):
            wider = rest.leaves(columns[:at] + columns[at + 1 :], values[:at] + values[at + 1 :])
            _, all_of, sure = rest.among(wider)
            if not all_of.enough[0] or sure < rest.least_z:
                continue
            if not _alike(rise, rest.among(wider & ~leaves)[1], rest):
                continue
            score = float(all_of.excess[0]) * sure**2
            if best is None or score > best[0]:
                best = score, at
        if best is None:
            break
        at = best[1]
        columns, values = columns[:at] + columns[at + 1 :], values[:at] + values[at + 1 :]
        leaves = rest.leaves(columns, values)
        sums, rise, z = rest.among(leaves)
    return Element(columns, values, sums, float(rise.change[0]), float(rise.excess[0]), z)


def _alike(part: Rise, others: Rise, rest: _Rest) -> bool:
    """Whether other rows rose at least half as much, or too nearly as much to tell."""
    if not others.rows[0]:
        return True
    change, other = float(part.change[0]), float(others.change[0])
    if other >= ALIKE * change:
        return True
    variance = float(part.variance[0] + others.variance[0]) + 2 * rest.wobble
    return change - other < rest.least_z * np.sqrt(variance)
