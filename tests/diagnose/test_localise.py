"""Logs in which answers got worse among known rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from streams import SCHEMAS, count, grid_of, log
from wane.diagnose.localise import (
    TOO_FEW,
    Localised,
    Sides,
    localised,
    searched,
    together,
    wobble,
)
from wane.diagnose.outcome_cells import NO_REFERENCE, NO_TASK
from wane.profile.collapse import totals
from wane.profile.leaves import Leaves, Split, count_leaves
from wane.schema import Column, Kind, Schema, Task
from wane.stats.decompose import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Worse = Callable[[pa.Table], NDArray[np.bool_]]

BINARY = Schema(
    task=Task.BINARY,
    score="score",
    prediction="prediction",
    label="label",
    classes=("0", "1"),
    features=(
        Column("channel", Kind.CATEGORICAL),
        Column("plan", Kind.CATEGORICAL),
        Column("age", Kind.NUMERIC),
        Column("shop", Kind.CATEGORICAL),
    ),
    segments=("site", "channel"),
)


def rows(n: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    score = rng.beta(0.5, 0.5, n)
    return pa.table(
        {
            "channel": rng.choice(["mobile", "web", "shop"], n, p=[0.3, 0.5, 0.2]),
            "plan": rng.choice(["basic", "pro"], n),
            "age": rng.uniform(18, 78, n),
            "shop": rng.choice([f"shop {at}" for at in range(30)], n),
            "site": rng.choice(["north", "south"], n),
            "score": score,
            "prediction": (score > 0.5).astype(np.int8),
            "label": (rng.random(n) < score).astype(np.int8),
        }
    )


def flipped(table: pa.Table, worse: Worse, by: float = 0.3, seed: int = 9) -> pa.Table:
    """Some labels of some rows turned."""
    turn = worse(table) & (np.random.default_rng(seed).random(table.num_rows) < by)
    label = np.where(turn, 1 - table["label"].to_numpy(), table["label"].to_numpy())
    return table.set_column(table.column_names.index("label"), "label", pa.array(label))


def is_value(column: str, value: str) -> Worse:
    return lambda table: np.array(table[column].to_pylist()) == value


def young(table: pa.Table) -> NDArray[np.bool_]:
    return np.asarray(table["age"].to_numpy() < 25)


def mobile_basic(table: pa.Table) -> NDArray[np.bool_]:
    return is_value("channel", "mobile")(table) & is_value("plan", "basic")(table)


BEFORE = rows(20_000, 1)
GRID = grid_of(BEFORE, BINARY)


def sides_of(now: pa.Table, schema: Schema = BINARY, wobbles: float = 0.0) -> Sides:
    counted = [count(table, schema, GRID, every=None) for table in (BEFORE, now)]
    before, after = (totals(side.whole, {0})[None] for side in counted)
    split = [totals(side.segments, {0}) for side in counted]
    names = {name for part in split for name in part if name}
    segments = {name: (split[0].get(name), split[1].get(name)) for name in sorted(names)}
    return Sides(GRID, before, after, segments, 7, wobbles)


def deep(now: pa.Table) -> Localised:
    sides = sides_of(now)
    columns = searched(sides)
    leaves = [
        count_leaves(
            table.to_batches(),
            grid=GRID,
            schema=BINARY,
            every=None,
            now=0,
            axes=tuple(one.axis for one in columns),
            split=split,
        )
        for table, split in ((BEFORE, Split((0,), ())), (now, Split((), (0,))))
    ]
    return together(localised(sides), sides, columns, leaves[0] + leaves[1])


@pytest.mark.parametrize(
    ("column", "value"), [("site", "north"), ("channel", "mobile"), ("shop", "shop 17")]
)
def test_a_value_is_found_by_profiles(column: str, value: str) -> None:
    now = flipped(rows(20_000, 2), is_value(column, value), 0.4)
    found = localised(sides_of(now))
    (spot,) = found.spots
    assert spot.values == ((column, value),)
    there = is_value(column, value)(now)
    right = now["label"].to_numpy() == now["prediction"].to_numpy()
    assert spot.now == pytest.approx(right[there].mean())
    assert spot.share == pytest.approx(there.mean())
    was = is_value(column, value)(BEFORE)
    right_before = BEFORE["label"].to_numpy() == BEFORE["prediction"].to_numpy()
    assert spot.before == pytest.approx(right_before[was].mean())
    assert spot.part == pytest.approx(spot.share * (spot.now - spot.before))
    assert (found.before, found.now) == pytest.approx((right_before.mean(), right.mean()))
    assert found.before is not None
    assert found.now is not None
    assert spot.explains == pytest.approx(spot.part / (found.now - found.before))
    assert found.everywhere is None
    assert (found.first, found.together, found.metric) == (7, 1, "accuracy")
    assert sorted(found.columns) == ["age", "channel", "plan", "shop", "site"]


def test_numbers_are_found_in_ranges() -> None:
    (spot,) = localised(sides_of(flipped(rows(20_000, 3), young, 0.5))).spots
    assert spot.columns == ("age",)
    assert spot.values[0][1].startswith("below 2")


@pytest.mark.parametrize("seed", range(5))
def test_nothing_stands_out_where_nothing_changed(seed: int) -> None:
    now = rows(20_000, 20 + seed)
    for found in (localised(sides_of(now)), deep(now)):
        assert (found.spots, found.everywhere, found.reason) == ((), None, None)
        assert found.looked >= 45  # all values by themselves


def test_all_rows_alike() -> None:
    now = flipped(rows(20_000, 4), lambda table: np.ones(table.num_rows, dtype=bool), 0.2)
    for found in (localised(sides_of(now)), deep(now)):
        assert found.spots == ()
        assert found.everywhere is not None
        assert found.everywhere.values == ()
        assert found.everywhere.share == pytest.approx(1)
        assert found.everywhere.explains == pytest.approx(1)


def test_values_together_need_rows() -> None:
    now = flipped(rows(20_000, 5), mobile_basic, 0.4)
    assert len(localised(sides_of(now)).spots[0].values) == 1
    found = deep(now)
    (spot,) = found.spots
    assert sorted(spot.values) == [("channel", "mobile"), ("plan", "basic")]
    assert found.together == 3
    assert spot.share == pytest.approx(mobile_basic(now).mean())
    assert spot.explains == pytest.approx(1, abs=0.35)
    assert deep(now.take(np.random.default_rng(0).permutation(len(now)))) == found


def test_leaves_of_nothing_change_nothing() -> None:
    sides = sides_of(rows(20_000, 6))
    found = localised(sides)
    nothing = Leaves(np.zeros((0, 2), dtype=np.intp), np.zeros((4, 0)))
    assert together(found, sides, searched(sides), nothing) == found


def test_windows_that_differ_by_themselves_explain_it() -> None:
    now = flipped(rows(20_000, 7), is_value("channel", "mobile"), 0.1)
    assert localised(sides_of(now)).spots
    assert localised(sides_of(now, wobbles=0.05**2)).spots == ()


def test_of_a_regression_errors_that_grew_are_found() -> None:
    schema = SCHEMAS[Task.REGRESSION]
    before, now = log(Task.REGRESSION, 20_000, seed=1), log(Task.REGRESSION, 20_000, seed=2)
    grid = grid_of(before, schema)
    there = np.array(now["channel"].to_pylist()) == "shop"
    guess = now["prediction"].to_numpy() + np.where(there, 6.0, 0.0)
    now = now.set_column(now.column_names.index("prediction"), "prediction", pa.array(guess))
    profiles = [count(table, schema, grid, every=None).whole.total() for table in (before, now)]
    found = localised(Sides(grid, profiles[0], profiles[1], {}))
    (spot,) = found.spots
    assert (found.metric, spot.values) == ("mae", (("channel", "shop"),))
    assert spot.now > spot.before + 2
    assert spot.part > 0
    assert spot.explains == pytest.approx(1, abs=0.1)


def test_without_columns_the_whole_is_searched_all_the_same() -> None:
    schema = replace(BINARY, features=(), segments=())
    grid = grid_of(BEFORE, schema)
    now = flipped(rows(20_000, 8), lambda table: np.ones(table.num_rows, dtype=bool), 0.2)
    before, after = (count(t, schema, grid, every=None).whole.total() for t in (BEFORE, now))
    found = localised(Sides(grid, before, after, {}))
    assert found.everywhere is not None
    assert found.columns == ()


def test_what_is_not_searched_has_a_reason() -> None:
    few = sides_of(rows(49, 1))
    assert localised(few).reason == TOO_FEW
    alone = replace(few, before=None)
    assert localised(alone).reason == NO_REFERENCE
    assert searched(alone) == ()
    schema = SCHEMAS[Task.RANKING]
    table = log(Task.RANKING, 100)
    grid = grid_of(table, schema)
    whole = count(table, schema, grid, every=None).whole.total()
    assert localised(Sides(grid, whole, whole, {})).reason == NO_TASK


def test_how_much_windows_differ_by_themselves() -> None:
    rng = np.random.default_rng(1)
    rate = 0.8 + 0.05 * rng.standard_normal(400)
    right = rng.binomial(10_000, rate).astype(np.float64)
    windows = [Side(np.array([1e4]), np.array([hits]), np.array([hits])) for hits in right]
    between = rate.var(ddof=1)
    assert wobble(windows, 10, 5) == pytest.approx(between * (1 / 10 + 1 / 5), rel=0.05)
    assert wobble(windows, 1, 5) == pytest.approx(between / 5, rel=0.05)
    assert wobble(windows[:3], 10, 5) == 0
    assert wobble(windows, 10, 0) == 0
    empty = Side(np.zeros(1), np.zeros(1), np.zeros(1))
    assert wobble([*windows[:3], *[empty] * 9], 10, 5) == 0
