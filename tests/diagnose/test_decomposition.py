"""Changes of known making, taken apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from metrics.build_regressed import QUIET, Day, grid_with_risk, log_of
from metrics.build_regressed import SCHEMA as REGRESSED
from streams import DAILY, SCHEMAS, count, grid_of, log
from wane.diagnose.decomposition import TOO_FEW, TOO_LARGE, Decomposition, decomposition
from wane.diagnose.outcome_cells import NO_REFERENCE, NO_TASK
from wane.profile.collapse import totals
from wane.schema import Column, Kind, Schema, Task

if TYPE_CHECKING:
    from wane.profile.profile import Profile

PLAIN = replace(REGRESSED, segments=())
SCHEMA = Schema(
    task=Task.BINARY,
    score="score",
    prediction="prediction",
    label="label",
    classes=("0", "1"),
    features=(Column("channel", Kind.CATEGORICAL), Column("age", Kind.NUMERIC)),
    segments=("site",),
)


def rows(
    n: int, seed: int, *, mobile: float = 0.3, flipped: float = 0.0, hard: float = 1.0
) -> pa.Table:
    """Mobile rows are harder; labels are flipped for a share of rows with an age under 30."""
    rng = np.random.default_rng(seed)
    is_mobile = rng.random(n) < mobile
    odds = rng.normal(0, np.where(is_mobile, 0.8, 2.5) * hard, n)
    score = 1 / (1 + np.exp(-odds))
    age = rng.uniform(18, 78, n)
    label = rng.random(n) < score
    flip = (age < 30) & (rng.random(n) < flipped)
    return pa.table(
        {
            "channel": np.where(is_mobile, "mobile", "web"),
            "age": age,
            "site": rng.choice(["north", "south"], n),
            "score": score,
            "prediction": (score > 0.5).astype(np.int8),
            "label": (label ^ flip).astype(np.int8),
        }
    )


BEFORE = rows(20_000, 1)
GRID = grid_of(BEFORE, SCHEMA)


def apart(now: pa.Table, before: pa.Table | None = BEFORE) -> Decomposition:
    sides = [None if t is None else count(t, SCHEMA, GRID, every=None) for t in (before, now)]
    wholes = [None if side is None else totals(side.whole, {0})[None] for side in sides]
    split: list[dict[str | None, Profile]] = [
        {} if side is None else totals(side.segments, {0}) for side in sides
    ]
    names = {name for part in split for name in part if name}
    segments = {name: (split[0].get(name), split[1].get(name)) for name in sorted(names)}
    assert wholes[1] is not None
    return decomposition(GRID, wholes[0], wholes[1], segments)


def test_every_way_to_split_adds_up() -> None:
    found = apart(rows(8_000, 2, mobile=0.7, flipped=0.3))
    assert found.change is not None
    assert found.score is not None
    assert {one.role for one in found.columns} == {"feature", "segment"}
    for one in (found.score, *found.columns):
        assert one.mix.value + one.rates.value == pytest.approx(found.change, abs=1e-9)
        if one.groups:
            assert sum(group.part for group in one.groups) == pytest.approx(found.change, abs=1e-9)
            assert sum(group.share for group in one.groups) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_broke_the_same_scores_are_answered_alike(seed: int) -> None:
    found = apart(rows(8_000, 10 + seed))
    assert found.z is not None
    assert abs(found.z) < 2.6


def test_other_rows_come() -> None:
    """More mobile rows, which are harder: all of it is their mix, and no score means less."""
    found = apart(rows(10_000, 3, mobile=0.8))
    assert found.change is not None
    assert found.change < -0.05
    assert found.score is not None
    assert found.score.mix.value == pytest.approx(found.change, abs=0.015)
    assert found.z is not None
    assert abs(found.z) < 3
    assert found.explained_by == ("channel",)
    assert found.columns[0].column == "channel"


def test_labels_turn_in_one_region() -> None:
    """A tenth of all labels, of half of the young: scores mean less."""
    found = apart(rows(10_000, 4, flipped=0.5))
    assert found.z is not None
    assert found.z < -4
    assert found.explained_by == ()


def test_a_loss_that_a_better_mix_hides() -> None:
    """Easier rows come while labels turn: the total does not tell, the parts do."""
    found = apart(rows(10_000, 5, mobile=0.0, flipped=0.3))
    assert found.change is not None
    assert found.score is not None
    assert found.score.mix.low > 0
    assert found.score.rates.high < 0
    assert found.matters


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.REGRESSION])
def test_other_tasks(task: Task) -> None:
    schema = replace(SCHEMAS[task], timestamp=None)
    before, now = log(task, 4_000, seed=1), log(task, 3_000, seed=2)
    grid = grid_of(before, schema)
    sides = [totals(count(t, schema, grid, every=None).whole, {0})[None] for t in (before, now)]
    found = decomposition(grid, sides[0], sides[1], {})
    assert found.reason is None
    assert found.metric == ("mae" if task is Task.REGRESSION else "accuracy")
    known = now.filter(pa.compute.is_valid(now["label"]))
    known = known.filter(pa.compute.is_valid(known["prediction"]))
    truth, guess = (known[name].to_numpy() for name in ("label", "prediction"))
    value = np.abs(guess - truth).mean() if task is Task.REGRESSION else (guess == truth).mean()
    assert found.now == pytest.approx(value)
    assert found.change is not None
    assert found.score is not None
    for one in (found.score, *found.columns):
        assert one.mix.value + one.rates.value == pytest.approx(found.change, abs=1e-9)


def test_a_regression_goes_by_how_far_off_rows_were_likely_to_be() -> None:
    """Other rows, or the same ones answered worse; by what was learned of single rows."""
    before = log_of([QUIET], 12_000, 1)
    grid = grid_with_risk(before, PLAIN)

    def by(day: Day) -> Decomposition:
        tables = before, log_of([day], 8_000, 2)
        then, now = (count(t, PLAIN, grid, every=None).whole.total() for t in tables)
        return decomposition(grid, then, now, {})

    other, worse = by(Day(old=0.8, diesel=0.8)), by(Day(scale=1.5))
    assert other.score is not None
    assert worse.score is not None
    assert other.score.role == "risk"
    assert other.score.mix.value > 3 * abs(other.score.rates.value)
    assert worse.score.rates.value > 10 * abs(worse.score.mix.value)
    assert worse.z is not None
    assert worse.z > 10


def test_what_is_not_taken_apart_has_a_reason() -> None:
    now = rows(500, 6)
    assert apart(now, before=None).reason == NO_REFERENCE
    assert apart(rows(99, 7)).reason == TOO_FEW
    ranking = SCHEMAS[Task.RANKING]
    table = log(Task.RANKING, 400)
    grid = grid_of(table, ranking)
    side = count(table, ranking, grid, every=DAILY).whole.total()
    assert decomposition(grid, side, side, {}).reason == NO_TASK


@pytest.mark.parametrize("huge", [1e160, 1e300])
def test_values_whose_squares_overflow_have_a_reason(huge: float) -> None:
    schema = replace(SCHEMAS[Task.REGRESSION], timestamp=None)
    before, now = log(Task.REGRESSION, 2_000, seed=1), log(Task.REGRESSION, 2_000, seed=2)
    grid = grid_of(before, schema)
    labels = now["label"].to_numpy().astype(np.float64)
    labels[0] = huge
    place = now.column_names.index("label")
    now = now.set_column(place, "label", pa.array(labels, from_pandas=True))
    with np.errstate(over="ignore"):
        sides = [count(t, schema, grid, every=None).whole.total() for t in (before, now)]
    assert decomposition(grid, sides[0], sides[1], {}).reason == TOO_LARGE
    assert decomposition(grid, sides[1], sides[0], {}).reason == TOO_LARGE


def test_labels_count_where_there_are_any() -> None:
    now = rows(4_000, 8)
    hidden = np.arange(4_000) % 2 == 0
    part = now.set_column(
        now.column_names.index("label"), "label", pa.array(now["label"].to_numpy(), mask=hidden)
    )
    assert apart(part).rows == 2_000
