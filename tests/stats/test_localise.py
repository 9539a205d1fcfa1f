"""Elements put into tables, and found; and what holds for all tables."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from wane.stats.localise import Search, localise
from wane.stats.rise import mean_rise, rate_rise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]
    Floats = NDArray[np.float64]

SIZES = (3, 4, 5)
SEEDS = st.integers(0, 10_000)
Where = dict[int, int]


def codes_of(sizes: tuple[int, ...]) -> Ints:
    """Every combination of values, once."""
    grid = np.indices(sizes).reshape(len(sizes), -1).T
    return grid.astype(np.intp)


def share(codes: Ints, where: Where) -> NDArray[np.bool_]:
    """Leaves with these values."""
    found = np.ones(len(codes), dtype=bool)
    for column, value in where.items():
        found &= codes[:, column] == value
    return found


def table(
    codes: Ints, seed: int, *worse: tuple[Where, float], rows: int = 60_000, common: float = 0.0
) -> Floats:
    """Rows of leaves with 4 to 16 % bad ones, some of which become worse."""
    rng = np.random.default_rng(seed)
    sizes = rng.dirichlet(np.full(len(codes), 5.0)) * rows
    rate = rng.uniform(0.04, 0.16, len(codes))
    before, now = rng.poisson(sizes), rng.poisson(sizes)
    risen = rate + common
    for where, by in worse:
        risen = np.where(share(codes, where), risen + by, risen)
    parts = before, rng.binomial(before, rate), now, rng.binomial(now, risen)
    return np.array(parts, dtype=np.float64)


def named(search: Search) -> list[Where]:
    return [dict(zip(one.columns, one.values, strict=True)) for one in search.elements]


CODES = codes_of(SIZES)
ELEMENTS = st.sets(st.sampled_from(range(3)), min_size=1, max_size=3).flatmap(
    lambda columns: st.fixed_dictionaries({c: st.integers(0, SIZES[c] - 1) for c in columns})
)


@given(ELEMENTS, SEEDS)
def test_an_element_that_got_worse_is_found(where: Where, seed: int) -> None:
    found = localise(CODES, table(CODES, seed, (where, 0.4)), rate_rise)
    assert named(found)[0] == where
    assert found.elements[0].change == pytest.approx(0.4, abs=0.15)
    assert found.elements[0].excess == pytest.approx(
        found.elements[0].change * found.elements[0].sums[2]
    )


@given(SEEDS)
def test_equal_sides_have_no_elements(seed: int) -> None:
    sums = table(CODES, seed)
    sums[2:] = sums[:2]
    found = localise(CODES, sums, rate_rise)
    assert (found.elements, found.everywhere, found.gain) == ((), None, 0.0)


def test_chance_names_something_in_one_of_twenty_tables_at_most() -> None:
    """By the binomial law of 300 tables: 5 % would give 15, and more than 24 one time in 200."""
    tables = [localise(CODES, table(CODES, seed), rate_rise) for seed in range(300)]
    assert sum(bool(found.elements or found.everywhere) for found in tables) <= 24


@given(ELEMENTS, SEEDS, st.permutations(range(3)))
def test_order_of_leaves_columns_and_codes_changes_nothing(
    where: Where, seed: int, columns: list[int]
) -> None:
    sums = table(CODES, seed, (where, 0.4))
    rng = np.random.default_rng(seed + 1)
    leaves = rng.permutation(len(CODES))
    relabel = [rng.permutation(size) for size in SIZES]
    there = localise(CODES, sums, rate_rise)
    shuffled = np.stack([relabel[c][CODES[leaves, c]] for c in columns], axis=1)
    back = localise(shuffled, sums[:, leaves], rate_rise)
    renamed = [
        {columns.index(c): int(relabel[c][v]) for c, v in one.items()} for one in named(there)
    ]
    assert named(back) == renamed
    assert back.looked == there.looked
    np.testing.assert_allclose(
        [one.z for one in back.elements], [one.z for one in there.elements], rtol=1e-9
    )


@given(ELEMENTS, SEEDS, st.integers(2, 5))
def test_leaves_that_come_in_parts_are_the_same_leaves(where: Where, seed: int, n: int) -> None:
    sums = table(CODES, seed, (where, 0.4))
    whole = localise(CODES, sums, rate_rise)
    parts = localise(np.tile(CODES, (n, 1)), np.tile(sums / n, n), rate_rise)
    assert named(parts) == named(whole)


@given(ELEMENTS, SEEDS, st.integers(2, 9))
def test_more_rows_alike_make_it_surer(where: Where, seed: int, times: int) -> None:
    sums = table(CODES, seed, (where, 0.4))
    few, many = (localise(CODES, scale * sums, rate_rise) for scale in (1.0, float(times)))
    assert named(many)[0] == named(few)[0]
    assert many.elements[0].z == pytest.approx(few.elements[0].z * np.sqrt(times))
    assert many.elements[0].excess == pytest.approx(few.elements[0].excess * times)


@pytest.mark.parametrize("seed", range(10))
def test_the_score_is_the_largest_of_all_by_counting_them_one_by_one(seed: int) -> None:
    where = {0: seed % 3, 2: seed % 5}
    sums = table(CODES, seed, (where, 0.3))
    best: tuple[float, Where] = 0.0, {}
    for depth in (1, 2, 3):
        for columns in combinations(range(3), depth):
            for values in np.unique(CODES[:, columns], axis=0):
                one = dict(zip(columns, values.tolist(), strict=True))
                n, x, m, y = sums[:, share(CODES, one)].sum(axis=1).astype(int)
                rest = sums[:, ~share(CODES, one)].sum(axis=1)
                common = max(rest[3] / rest[2] - rest[1] / rest[0], 0.0)
                added = y - m * (x / n + common)
                p = (x + y) / (n + m)
                ratio = sum(
                    stats.binom.logpmf(k, rows, k / rows) - stats.binom.logpmf(k, rows, p)
                    for k, rows in ((x, n), (y, m))
                )
                if y * n > x * m and added * ratio > best[0]:
                    best = added * ratio, one
    found = localise(CODES, sums, rate_rise)
    assert named(found)[0] == best[1] == where
    assert found.gain == pytest.approx(best[0], rel=1e-6)


def test_several_elements_are_found_one_after_the_other() -> None:
    sums = table(CODES, 1, ({0: 1}, 0.3), ({0: 2, 2: 3}, 0.5))
    found = localise(CODES, sums, rate_rise)
    assert named(found) == [{0: 1}, {0: 2, 2: 3}]
    assert found.everywhere is None
    assert named(localise(CODES, sums, rate_rise, most=1)) == named(found)[:1]


def test_rows_of_an_element_do_not_count_again() -> None:
    sums = table(CODES, 1, ({0: 1}, 0.3), ({1: 2}, 0.3))
    first, second = localise(CODES, sums, rate_rise).elements
    other = share(CODES, {second.columns[0]: second.values[0]})
    taken = share(CODES, {first.columns[0]: first.values[0]})
    np.testing.assert_array_equal(second.sums, sums[:, other & ~taken].sum(axis=1))


def test_where_all_rows_got_worse_alike_no_column_is_named() -> None:
    found = localise(CODES, table(CODES, 3, common=0.1), rate_rise)
    assert found.elements == ()
    assert found.everywhere is not None
    assert found.everywhere.columns == ()
    assert found.everywhere.change == pytest.approx(0.1, abs=0.02)


def test_an_element_within_what_all_rows_lost_is_found_all_the_same() -> None:
    found = localise(CODES, table(CODES, 3, ({1: 1, 2: 4}, 0.3), common=0.05), rate_rise)
    assert named(found) == [{1: 1, 2: 4}]
    assert found.everywhere is not None
    assert found.everywhere.change == pytest.approx(0.05, abs=0.02)


def test_a_column_that_says_nothing_is_left_out() -> None:
    """Value 0 of the second column is all there is of value 1 of the first."""
    codes = CODES[(CODES[:, 0] != 1) | (CODES[:, 1] == 0)]
    found = localise(codes, table(codes, 4, ({0: 1}, 0.3)), rate_rise)
    assert named(found) == [{0: 1}]


def test_the_deepest_element_is_as_deep_as_asked() -> None:
    sums = table(CODES, 5, ({0: 1, 1: 1, 2: 1}, 0.5), rows=200_000)
    assert named(localise(CODES, sums, rate_rise)) == [{0: 1, 1: 1, 2: 1}]
    shallow = localise(CODES, sums, rate_rise, deepest=1)
    assert all(len(one.columns) == 1 for one in shallow.elements)
    assert shallow.looked == sum(SIZES)


def test_more_that_was_looked_at_asks_for_more() -> None:
    sums = table(CODES, 6, ({0: 1, 2: 2}, 0.04))
    found = localise(CODES, sums, rate_rise)
    assert found.elements
    sure = stats.norm.sf(found.elements[0].z)
    assert localise(CODES, sums, rate_rise, looked=int(0.05 / sure * 2)).elements == ()


def test_what_windows_differ_by_themselves_is_no_rise() -> None:
    sums = table(CODES, 7, ({0: 1}, 0.05))
    assert named(localise(CODES, sums, rate_rise)) == [{0: 1}]
    assert localise(CODES, sums, rate_rise, wobble=0.05**2).elements == ()


def test_what_adds_little_is_not_told() -> None:
    sums = table(CODES, 8, ({0: 1, 2: 2}, 0.3))
    adds = localise(CODES, sums, rate_rise).elements[0].excess / sums[2].sum()
    assert localise(CODES, sums, rate_rise, least_part=1.1 * adds).elements == ()
    assert localise(CODES, sums, rate_rise, least_part=0.9 * adds).elements


def test_many_combinations_are_counted_as_well_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = table(CODES, 9, ({0: 1, 2: 2}, 0.3))
    dense = localise(CODES, sums, rate_rise)
    monkeypatch.setattr("wane.stats.localise.MOST_CELLS", 10)
    sparse = localise(CODES, sums, rate_rise)
    assert named(sparse) == named(dense)
    assert sparse.looked == dense.looked
    assert sparse.gain == pytest.approx(dense.gain)


@given(SEEDS)
def test_a_mean_that_rose_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    where = {0: 1, 1: 2}
    rows = np.full((2, len(CODES)), 200.0)
    mean = np.stack([np.ones(len(CODES)), 1 + 1.0 * share(CODES, where)])
    drawn = rng.gamma(rows, mean) / rows
    sums = np.concatenate(
        [np.stack([n, n * m, n * 2 * m**2]) for n, m in zip(rows, drawn, strict=True)]
    )
    found = localise(CODES, sums, mean_rise)
    assert named(found)[0] == where


def test_empty_tables_and_tables_of_few_rows() -> None:
    nothing = localise(np.zeros((0, 2), np.intp), np.zeros((4, 0)), rate_rise)
    assert nothing == Search((), None, 0, 0.0)
    few = localise(CODES, np.ones((4, len(CODES))), rate_rise)
    assert (few.elements, few.looked) == ((), 0)
    freer = partial(rate_rise, least_rows=1, least_bad=0)
    assert localise(CODES, np.ones((4, len(CODES))), freer).looked == 119
