"""Counting outcomes: failures, label ages, score cells and confusion against plain counts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import confusion_matrix

from streams import SCHEMAS, START, count, grid_of, log
from wane.profile.clock import to_times
from wane.profile.counters import (
    AGE_LIMITS_HOURS,
    HOURS_OF_WEEK,
    MOST_CLASSES_APART,
    Error,
    Score,
    Total,
)
from wane.profile.outcomes import failures, label_ages
from wane.schema import Schema, Task
from wane.window import DAY, SECOND

NAN = float("nan")
HOUR = 3_600 * SECOND
FLAGS = {
    "boolean": (pa.array([True, False, None]), [1, 0, NAN]),
    "integer": (pa.array([0, 500, None]), [0, 1, NAN]),
    "float": (pa.array([0.0, 1.0, NAN, None]), [0, 1, NAN, NAN]),
    "text": (pa.array(["", "OK", "timeout", " False ", "200", None]), [0, 0, 1, 0, 0, 0]),
    "dictionary": (pa.array(["no", "E42"]).dictionary_encode(), [0, 1]),
    "dictionary of flags": (pa.array([True, False]).dictionary_encode(), [1, 0]),
    "null": (pa.nulls(2), [0, 0]),
    "list": (pa.array([["boom"], None]), [1, 0]),
}


@pytest.mark.parametrize("name", FLAGS)
def test_failures_of_every_type(name: str) -> None:
    array, expected = FLAGS[name]
    np.testing.assert_array_equal(failures(array), expected)


def test_label_ages_in_hours() -> None:
    at = pa.array([START + HOUR, None, START - HOUR], pa.timestamp("us"))
    ages = label_ages(to_times(at), np.full(3, START))
    np.testing.assert_array_equal(ages, [1, NAN, -1])


def test_labels_are_counted_by_age() -> None:
    hours = [0.5, 2, 30 * 24, 800 * 24, None]
    table = pa.table(
        {
            "at": pa.array([START] * 5, pa.timestamp("us")),
            "score": [0.9] * 5,
            "prediction": ["yes"] * 5,
            "label": ["yes", "no", "yes", "yes", "yes"],
            "known_at": pa.array(
                [None if h is None else START + int(h * HOUR) for h in hours], pa.timestamp("us")
            ),
        }
    )
    schema = SCHEMAS[Task.BINARY]
    counters = count(table, schema, grid_of(table, schema)).whole.total().counters
    ages, by_age = counters.ages, counters.ages.sum(axis=1)
    assert by_age.sum() == 4
    cells = [sum(limit < h for limit in AGE_LIMITS_HOURS) for h in hours if h]
    assert np.flatnonzero(by_age).tolist() == sorted(cells)
    assert counters.latest_label.tolist() == [START + 800 * 24 * HOUR]
    assert ages[cells[1]].tolist() == [0, 0, 0, 1, 0, 0, 0]  # predicted yes, label no


def test_a_label_that_comes_at_a_limit_is_in_its_cell() -> None:
    """A rule such as "after seven days" has all its labels by the age of seven days."""
    hours = [-3, 0, 1, 168, 17_520, 17_521]
    table = pa.table(
        {
            "at": pa.array([START] * 6, pa.timestamp("us")),
            "score": [0.9] * 6,
            "prediction": ["yes"] * 6,
            "label": ["yes"] * 6,
            "known_at": pa.array([START + h * HOUR for h in hours], pa.timestamp("us")),
        }
    )
    schema = SCHEMAS[Task.BINARY]
    ages = count(table, schema, grid_of(table, schema)).whole.total().counters.ages.sum(axis=1)
    limits = list(AGE_LIMITS_HOURS)
    assert [ages[limits.index(hour)] for hour in (0, 1, 168, 17_520)] == [2, 1, 1, 1]
    assert ages[-1] == 1


def test_totals_and_hours_are_those_of_the_rows() -> None:
    table, schema = log(Task.BINARY, 500), SCHEMAS[Task.BINARY]
    counters = count(table, schema, grid_of(table, schema)).whole.total().counters
    totals = counters.totals
    prediction, label = table["prediction"].to_pandas(), table["label"].to_pandas()
    assert totals[Total.ROWS] == totals[Total.WEIGHT] == 500
    assert totals[Total.PREDICTED] == prediction.notna().sum()
    assert totals[Total.LABELLED] == (prediction.notna() & label.notna()).sum()
    failed = table["failed"].to_pandas()
    assert totals[Total.ERROR_KNOWN] == failed.notna().sum()
    assert totals[Total.ERRORS] == (failed == True).sum()  # noqa: E712 - None is neither
    at = table["at"].to_pandas()
    hours = np.bincount(at.dt.day_of_week * 24 + at.dt.hour, minlength=HOURS_OF_WEEK)
    assert counters.hours.tolist() == hours.tolist()
    assert counters.latest[0] - counters.earliest[0] < 5 * DAY


def test_confusion_is_scikit_learns() -> None:
    table, schema = log(Task.MULTICLASS, 600), SCHEMAS[Task.MULTICLASS]
    counters = count(table, schema, grid_of(table, schema)).whole.total().counters
    rows = table.select(["prediction", "label"]).to_pandas()
    known = rows.dropna()
    expected = confusion_matrix(known["label"], known["prediction"], labels=list(schema.classes)).T
    assert counters.confusion[:, :-1].tolist() == expected.tolist()
    late = rows[rows["prediction"].notna() & rows["label"].isna()]
    assert counters.confusion[:, -1].sum() == len(late)


def test_score_cells_hold_the_sums_of_their_rows() -> None:
    table, schema = log(Task.BINARY, 600), SCHEMAS[Task.BINARY]
    score = count(table, schema, grid_of(table, schema)).whole.total().counters.score
    rows = table.select(["score", "prediction", "label"]).to_pandas()
    rows = rows[rows["prediction"].notna()]
    for predicted, answer in enumerate(schema.classes):
        for state, label in enumerate((*schema.classes, None)):
            is_label = rows["label"].isna() if label is None else rows["label"] == label
            chosen = rows[(rows["prediction"] == answer) & is_label]
            s = chosen["score"].to_numpy()
            valid = s[s <= 1]
            assert score[:, predicted, state, Score.WEIGHT].sum() == len(chosen)
            assert score[:-1, predicted, state, Score.WEIGHT].sum() == len(valid)
            sums = score[:, predicted, state, 1:].sum(axis=0)
            logs = (np.log(valid).sum(), np.log1p(-valid).sum())
            np.testing.assert_allclose(sums, [valid.sum(), (valid**2).sum(), *logs])


def test_each_class_has_cells_of_its_score_by_what_was_predicted() -> None:
    table, schema = log(Task.MULTICLASS, 600), SCHEMAS[Task.MULTICLASS]
    counters = count(table, schema, grid_of(table, schema)).whole.total().counters
    rows = table.to_pandas()
    scores = rows[list(schema.scores.values())].to_numpy(dtype=float)
    scores = np.where((scores >= 0) & (scores <= 1), scores, np.nan)
    for at, name in enumerate(schema.classes):
        predicted, known = rows["prediction"] == name, rows["label"].notna()
        valid = np.isfinite(scores[:, at])
        for answer in (0, 1):
            for state, chosen in enumerate(
                (known & (rows["label"] != name), rows["label"] == name, ~known)
            ):
                mine = (predicted == answer) & chosen
                found = counters.class_scores[at, :, answer, state]
                assert found.sum() == mine.sum()
                assert found[:-1].sum() == (mine & valid).sum()
    share = scores / scores.sum(axis=1, keepdims=True)
    usable = np.isfinite(share[:, 0])
    weight, loss = np.moveaxis(counters.class_losses.sum(axis=1), -1, 0)
    assert weight.tolist() == [usable.sum()] * len(schema.classes)
    np.testing.assert_allclose(loss, -np.log(share[usable]).sum(axis=0))


def test_of_very_many_classes_little_is_kept() -> None:
    names = tuple(f"c{at:02}" for at in range(MOST_CLASSES_APART + 1))
    scores = np.random.default_rng(1).dirichlet(np.ones(len(names)), 200)
    picked = np.array(names)[scores.argmax(axis=1)]
    columns = {f"p_{name}": scores[:, at] for at, name in enumerate(names)}
    table = pa.table({**columns, "prediction": picked, "label": picked})
    schema = Schema(
        task=Task.MULTICLASS,
        prediction="prediction",
        label="label",
        scores={name: f"p_{name}" for name in names},
        classes=names,
        features=(),
    )
    counters = count(table, schema, grid_of(table, schema), every=None).whole.total().counters
    assert counters.class_scores.shape[2:] == (1, 3)
    assert counters.class_scores[:, :, 0, 1].sum() == 200
    assert not counters.class_losses.size


def test_error_moments_are_those_of_the_rows() -> None:
    table, schema = log(Task.REGRESSION, 400), SCHEMAS[Task.REGRESSION]
    errors = count(table, schema, grid_of(table, schema)).whole.total().counters.errors
    rows = table.select(["prediction", "label"]).to_pandas().dropna()
    e, y = (rows["prediction"] - rows["label"]).to_numpy(), rows["label"].to_numpy()
    sums = errors.sum(axis=0)
    expected = {
        Error.WEIGHT: len(e),
        Error.SUM: e.sum(),
        Error.ABSOLUTE: np.abs(e).sum(),
        Error.SQUARES: (e**2).sum(),
        Error.FOURTH_POWERS: (e**4).sum(),
        Error.LABEL: y.sum(),
        Error.PERCENT_WEIGHT: (y != 0).sum(),
    }
    for position, total in expected.items():
        np.testing.assert_allclose(sums[position], total, err_msg=position.name)
