"""What features tell of labels beyond scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from metrics.build_scored import QUIET, SCHEMA, log_of
from streams import SCHEMAS, grid_of, log
from wane.profile.cells import CategoryCells
from wane.profile.effects import feature_effects
from wane.profile.grid import Part
from wane.schema import Task

SAMPLE = log_of([QUIET], 30_000, seed=3)
GRID = grid_of(SAMPLE, SCHEMA)


def test_rows_by_mobile_are_more_often_positive_than_scores_say() -> None:
    effects = feature_effects(SAMPLE, SCHEMA, GRID)
    assert effects is not None
    assert effects.shape == (2, GRID.starts[-1])
    cells = GRID.columns[GRID.of_part(Part.FEATURE)[0]].cells
    assert isinstance(cells, CategoryCells)
    mobile, web = cells.cell_of["mobile"], cells.cell_of["web"]
    for own in effects:
        assert own[mobile] == pytest.approx(0.7 / 0.3 * -own[web], rel=0.25)
        assert 0.05 < own[mobile] < 0.25
    others = effects[:, GRID.starts[1] :]
    assert not others.any()


def test_where_features_tell_nothing_more_effects_are_small() -> None:
    mixed = SAMPLE.set_column(
        SAMPLE.column_names.index("channel"),
        "channel",
        pa.array(np.random.default_rng(1).permutation(SAMPLE["channel"].to_numpy())),
    )
    effects = feature_effects(mixed, SCHEMA, GRID)
    assert effects is not None
    assert np.abs(effects).max() < 0.02


def test_right_answers_of_many_classes() -> None:
    table = log(Task.MULTICLASS, 5_000)
    schema = SCHEMAS[Task.MULTICLASS]
    effects = feature_effects(table, schema, grid_of(table, schema))
    assert effects is not None
    assert effects.shape[0] == 1
    assert np.abs(effects).max() < 0.2


@pytest.mark.parametrize(
    "schema",
    [
        replace(SCHEMA, features=()),
        replace(SCHEMA, label=None),
        replace(SCHEMA, score=None),
        replace(SCHEMA, task=Task.NONE, score=None, prediction=None, label=None, classes=()),
    ],
    ids=["no features", "no label", "no score", "no task"],
)
def test_nothing_to_learn_from(schema: object) -> None:
    assert isinstance(schema, type(SCHEMA))
    assert feature_effects(SAMPLE, schema, grid_of(SAMPLE, schema)) is None


def test_few_rows_and_none() -> None:
    for rows in (0, 400):
        assert feature_effects(SAMPLE.slice(0, rows), SCHEMA, GRID) is None
