from __future__ import annotations

import io
import json

import numpy as np
import pytest

from streams import DAILY, NOW, SCHEMAS, TASKS, assert_same, count, grid_of, log
from wane.engine.messages import (
    Counted,
    LeafPlan,
    Plan,
    pack_counted,
    pack_leaves,
    pack_share,
    unpack_counted,
    unpack_leaves,
    unpack_share,
)
from wane.engine.pipe import ANSWER, receive, send
from wane.profile.leaves import Axis, Leaves, Split
from wane.profile.summarise import Share
from wane.schema import Schema, Task
from wane.window import Every


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("every", [DAILY, Every.parse("500 rows", "Europe/Vienna"), None])
def test_a_plan_comes_back_as_it_went(task: Task, every: Every | None) -> None:
    schema = SCHEMAS[task]
    plan = Plan(grid_of(log(task, 200), schema), schema, every, NOW)
    back = Plan.from_json(plan.to_json())
    assert back.grid.id == plan.grid.id
    assert (back.schema, back.every, back.now) == (plan.schema, plan.every, plan.now)


def test_a_plan_without_roles_comes_back() -> None:
    schema = Schema(task=Task.NONE, features=())
    plan = Plan(grid_of(log(Task.NONE, 10), schema), schema, None, NOW)
    assert Plan.from_json(plan.to_json()).schema == schema


@pytest.mark.parametrize("task", TASKS)
def test_counted_rows_come_back(task: Task) -> None:
    table, schema = log(task, 300), SCHEMAS[task]
    grid = grid_of(table, schema)
    given = Counted(count(table, schema, grid), (("ragged line", 2),), ("a note",))
    back = unpack_counted(pack_counted(given), grid)
    assert_same(back.summarised.whole, given.summarised.whole)
    assert_same(back.summarised.segments, given.summarised.segments)
    assert (back.summarised.read, back.summarised.rejected) == (300, given.summarised.rejected)
    assert (back.unparsed, back.notes) == (given.unparsed, given.notes)


def test_a_share_comes_back() -> None:
    share = Share((0, 4, 7), outcomes=False)
    assert unpack_share(pack_share(share)) == share


def test_leaves_and_what_is_asked_of_them_come_back() -> None:
    schema = SCHEMAS[Task.BINARY]
    plan = Plan(grid_of(log(Task.BINARY, 200), schema), schema, DAILY, NOW)
    axes = Axis("region", True, (0, -1, 1)), Axis("channel", False, (0, 1))
    asked = LeafPlan(plan, axes, Split((), (3, 4)))
    back = LeafPlan.from_json(json.loads(json.dumps(asked.to_json())))
    assert (back.axes, back.split, back.plan.grid.id) == (axes, asked.split, plan.grid.id)
    for rows in (0, 3):
        leaves = Leaves(np.arange(2 * rows).reshape(rows, 2), np.full((4, rows), 0.5))
        found = unpack_leaves(pack_leaves(leaves))
        np.testing.assert_array_equal(found.codes, leaves.codes)
        np.testing.assert_array_equal(found.sums, leaves.sums)


def test_messages_follow_each_other_on_a_pipe() -> None:
    pipe = io.BytesIO()
    send(pipe, ANSWER, b"one")
    send(pipe, ANSWER, b"")
    pipe.seek(0)
    assert [receive(pipe), receive(pipe), receive(pipe)] == [(ANSWER, b"one"), (ANSWER, b""), None]


@pytest.mark.parametrize("length", [0, 5, 11])
def test_a_message_cut_short_is_the_end(length: int) -> None:
    pipe = io.BytesIO()
    send(pipe, ANSWER, b"one")
    assert receive(io.BytesIO(pipe.getvalue()[:length])) is None
