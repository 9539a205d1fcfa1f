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
    """Leaves that share the values of some columns; all that are left where it has none.

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
        elements: At most three, in the order found; empty where no element stands out.
        everywhere: All other rows, where they rose beyond chance and no element among them more
            than the rest; None where they did not. Without elements that is the whole table.
        looked: How many elements had rows enough to be looked at.
        gain: The largest score of any element, beyond chance or not; 0 where nothing rose.
    """

    elements: tuple[Element, ...]
    everywhere: Element | None
    looked: int
    gain: float


class _Cube(NamedTuple):
    """Rows by the values of some columns; elements with too few rows are left out.

    Attributes:
        columns: Which.
        sizes: Number of codes of each.
        keys: [L] joint code of the leaves.
        elements: [E] joint code of each element.
        sums: [S, E].
    """

    columns: tuple[int, ...]
    sizes: tuple[int, ...]
    keys: Ints
    elements: Ints
    sums: Floats

    def values(self, element: int) -> tuple[int, ...]:
        """The codes of an element."""
        found = np.unravel_index(int(self.elements[element]), self.sizes)
        return tuple(int(value) for value in found)

    def without(self, leaves: Ints, sums: Floats) -> "_Cube":
        """The same without some leaves, whose sums are [S, n]."""
        place = np.searchsorted(self.elements, self.keys[leaves])
        place[place == len(self.elements)] = 0
        there = self.elements[place] == self.keys[leaves]
        gone = _added(place[there], sums[:, there], len(self.elements))
        return self._replace(sums=self.sums - gone)


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

    def among(self, leaves: Bools) -> tuple[Floats, Rise]:
        """Sums of some leaves, and their rise."""
        sums = self.sums[:, leaves].sum(axis=1)
        return sums, self.judge(sums[:, None])

    def element(self, columns: tuple[int, ...], values: tuple[int, ...]) -> Element:
        """What is left of an element."""
        sums, rise = self.among(self.leaves(columns, values))
        z = float(_z(rise, self.wobble)[0])
        return Element(columns, values, sums, float(rise.change[0]), float(rise.excess[0]), z)

    def without_one(self, element: Element) -> list[Element]:
        """What an element is part of: the same without one of its columns."""
        columns, values = element.columns, element.values
        return [
            self.element(columns[:at] + columns[at + 1 :], values[:at] + values[at + 1 :])
            for at in range(len(columns))
        ]

    def alike(self, rise: Rise, others: Rise) -> Bools:
        """Whether other rows rose at least half as much, or too nearly as much to tell."""
        variance = rise.variance + others.variance + 2 * self.wobble
        apart = (rise.change - others.change) >= self.least_z * np.sqrt(variance)
        return ~apart | (others.change >= ALIKE * rise.change) | (others.rows <= 0)

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
        No elements for an empty table, nor where the whole table rose alike.
    """
    if not codes.size:
        return Search((), None, 0, 0.0)
    cubes = list(_cubes(codes, sums, judge, deepest))
    tried = sum(len(cube.elements) for cube in cubes)
    least_z = normal_quantile(1 - 2 * SURE / max(1, tried + looked))
    rest = _Rest(codes, sums, np.ones(len(codes), dtype=bool), judge, wobble, least_z)
    least, top = least_part * float(rest.among(rest.left)[1].rows[0]), 0.0
    found: list[Element] = []
    while len(found) < most:
        element, gain = _best(cubes, rest)
        top = max(top, gain)
        if element is None or element.excess < least:
            break
        found.append(element)
        least = max(least, LEAST_SHARE * found[0].excess)
        taken = rest.leaves(element.columns, element.values)
        rest = rest._replace(left=rest.left & ~taken)
        gone = np.flatnonzero(taken)
        cubes = [cube.without(gone, sums[:, gone]) for cube in cubes]
    others = rest.element((), ())
    rose = others.z >= least_z and others.excess >= least
    return Search(tuple(found), others if rose else None, tried, top)


def _cubes(codes: Ints, sums: Floats, judge: Judge, deepest: int) -> Iterator[_Cube]:
    """Every combination of up to so many columns that has elements with rows enough."""
    sizes = tuple(int(size) + 1 for size in codes.max(axis=0))
    for count in range(1, min(deepest, codes.shape[1]) + 1):
        for columns in combinations(range(codes.shape[1]), count):
            of = tuple(sizes[column] for column in columns)
            keys = np.zeros(len(codes), dtype=np.intp)
            for column, size in zip(columns, of, strict=True):
                keys *= size
                keys += codes[:, column]
            cells = int(np.prod(of))
            if cells > MOST_CELLS:
                elements, place = np.unique(keys, return_inverse=True)
                found = _added(place, sums, len(elements))
            else:
                elements, found = np.arange(cells), _added(keys, sums, cells)
            enough = judge(found).enough
            if enough.any():
                yield _Cube(columns, of, keys, elements[enough], found[:, enough])


def _added(keys: Ints, sums: Floats, cells: int) -> Floats:
    """Sums of leaves by key: [S, cells]."""
    return np.stack([np.bincount(keys, part, cells) for part in sums])


def _best(cubes: list[_Cube], rest: _Rest) -> tuple[Element | None, float]:
    """The element with the largest score among those that stand out, and the largest of any."""
    if not cubes:
        return None, 0.0
    sums = np.concatenate([cube.sums for cube in cubes], axis=1)
    rise = rest.judge(sums)
    others = rest.judge(rest.sums[:, rest.left].sum(axis=1)[:, None] - sums)
    z = _z(rise, rest.wobble)
    added = rise.excess - np.maximum(others.change, 0.0) * rise.rows
    gain = np.where(rise.enough, np.maximum(added, 0.0) * z**2 / 2, 0.0)
    stands_out = rise.enough & (z >= rest.least_z) & ~rest.alike(rise, others)
    largest = float(np.max(gain, initial=0.0, where=stands_out))
    if largest <= 0:
        return None, float(gain.max(initial=0.0))
    place = int(np.flatnonzero(stands_out & (gain >= largest * (1 - TIED)))[0])
    ends = np.cumsum([len(cube.elements) for cube in cubes])
    cube = cubes[int(np.searchsorted(ends, place, side="right"))]  # of equals with fewest columns
    values = cube.values(place - int(ends[ends <= place].max(initial=0)))
    return _simplest(rest, cube.columns, values), largest


def _z(rise: Rise, wobble: float) -> Floats:
    """Standard errors of a rise, wobble included."""
    return np.sqrt(2 * rise.likelihood * rise.variance / (rise.variance + wobble))


def _simplest(rest: _Rest, columns: tuple[int, ...], values: tuple[int, ...]) -> Element:
    """The element, or what it is part of for as long as that rose alike."""
    element, leaves = rest.element(columns, values), rest.leaves(columns, values)
    while len(element.columns) > 1:
        wider = [
            (without, rest.leaves(without.columns, without.values))
            for without in rest.without_one(element)
        ]
        alike = [
            (one, among)
            for one, among in wider
            if one.z >= rest.least_z
            and rest.alike(rest.among(leaves)[1], rest.among(among & ~leaves)[1])[0]
        ]
        if not alike:
            break
        element, leaves = max(alike, key=lambda one: one[0].excess * one[0].z ** 2)
    return element
