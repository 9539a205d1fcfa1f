from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from wane.errors import SchemaError
from wane.schema import Column, Kind, Schema, Task
from wane.sources.frame import FrameSource
from wane.sources.infer import Inferred, infer

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 120
CHANCE = np.random.default_rng(0)
SHARES = CHANCE.random(ROWS)
CODES = CHANCE.integers(0, 2, ROWS)
TIMES = [dt.datetime(2026, 1, 1) + dt.timedelta(hours=hour) for hour in range(ROWS)]  # noqa: DTZ001 - naive on purpose


def inferred(columns: dict[str, Any], **given: Any) -> Inferred:  # noqa: ANN401 - any columns
    return infer(FrameSource(columns).describe(), Schema(**given))


def kinds(found: Inferred) -> dict[str, Kind | None]:
    return {column.name: column.kind for column in found.schema.features or ()}


def test_a_log_with_everything() -> None:
    found = inferred(
        {
            "prediction_id": np.arange(ROWS),
            "timestamp": TIMES,
            "age": SHARES * 90,
            "country": ["AT", "DE", "CH"] * 40,
            "prediction": CODES,
            "score": SHARES,
            "label": CODES[::-1].copy(),
            "label_time": TIMES,
            "latency_ms": SHARES,
            "is_error": [False] * ROWS,
            "model_version": ["1.0", "1.1"] * 60,
            "sample_weight": SHARES,
        }
    )
    schema = found.schema
    assert {name: role.value for name, role in schema.roles().items()} == {
        "timestamp": "timestamp",
        "prediction_id": "id",
        "prediction": "prediction",
        "score": "score",
        "label": "label",
        "label_time": "label_time",
        "latency_ms": "latency",
        "is_error": "error",
        "model_version": "version",
        "sample_weight": "weight",
    }
    assert schema.task is Task.BINARY
    assert schema.classes == ("0", "1")
    assert kinds(found) == {"age": Kind.NUMERIC, "country": Kind.CATEGORICAL}
    assert found.questions == ()
    assert "timestamp = `timestamp` (by its name; change with --timestamp)" in found.assumptions
    assert all("change with" in sentence for sentence in found.assumptions)


def test_what_is_given_wins() -> None:
    columns = {"prediction": CODES, "y": SHARES, "label": CODES, "x": SHARES}
    found = inferred(
        columns, label="y", prediction="x", features=(Column("label"), Column("prediction"))
    )
    assert found.schema.label == "y"
    assert found.schema.prediction == "x"
    assert found.schema.task is Task.REGRESSION
    assert kinds(found) == {"label": Kind.NUMERIC, "prediction": Kind.NUMERIC}
    assert not any(sentence.startswith(("label", "prediction")) for sentence in found.assumptions)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"timestamp": "tiem"}, "no column 'tiem', named as the timestamp.*Did you mean 'time'"),
        ({"features": (Column("agee"),)}, "'agee', named as a feature.*Did you mean 'age'"),
        ({"segments": ("region",)}, "'region', named as a segment"),
        ({"scores": {"a": "p_a"}}, "'p_a', named as the score"),
        ({"timestamp": "word"}, "holds no times"),
        ({"task": Task.BINARY, "label": "word"}, "two classes"),
    ],
)
def test_what_is_given_and_cannot_be(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        inferred({"time": TIMES, "age": SHARES, "word": ["a", "b", "c"] * 40}, **given)


@pytest.mark.parametrize(
    ("columns", "timestamp"),
    [
        ({"TX_DATETIME": TIMES}, "TX_DATETIME"),
        ({"seen": TIMES, "date": SHARES}, "seen"),
        ({"ts": [time.isoformat() for time in TIMES]}, "ts"),
        ({"ts": [1_767_225_600 + second for second in range(ROWS)]}, "ts"),
        ({"date": ["2026-01"] * ROWS, "ts": TIMES}, "ts"),
        ({"first seen": TIMES, "event date": TIMES}, "event date"),
        ({"createdAt": TIMES, "birthday": TIMES}, "createdAt"),
        ({"born": TIMES, "seen": TIMES}, None),
        ({"time": np.arange(ROWS)}, None),
        ({"when": [time.isoformat() for time in TIMES]}, None),
    ],
)
def test_timestamps(columns: dict[str, Any], timestamp: str | None) -> None:
    found = inferred({**columns, "x": SHARES})
    assert found.schema.timestamp == timestamp
    assert any("--timestamp" in sentence for sentence in found.questions) == (timestamp is None)


@pytest.mark.parametrize(
    ("label", "prediction", "task", "classes"),
    [
        ([0, 1], [1, 0], Task.BINARY, ("0", "1")),
        ([0.0, 1.0], [1, 0], Task.BINARY, ("0", "1")),
        ([True, False], [1, 0], Task.BINARY, ("0", "1")),
        ([True, False], [False, True], Task.BINARY, ("false", "true")),
        (["True", "False"], [False, True], Task.BINARY, ("false", "true")),
        (["yes", "no"], ["no", "no"], Task.BINARY, ("no", "yes")),
        (["yes", "maybe no"], None, Task.BINARY, ("maybe no", "yes")),
        (["UP", "DOWN"], None, Task.BINARY, ("DOWN", "UP")),
        ([-1, 1], [1, 1], Task.BINARY, ("-1", "1")),
        ([1, 2], [1, 1], Task.BINARY, ("1", "2")),
        ([0, 0], [0, 0], Task.BINARY, ("0", "1")),
        ([1, None], None, Task.BINARY, ("0", "1")),
        (["a", "b"], ["c", "a"], Task.MULTICLASS, ("a", "b", "c")),
        (["a", "a"], None, Task.MULTICLASS, ("a",)),
        ([1, 2, 10], [10, 2, 1], Task.MULTICLASS, ("1", "2", "10")),
        ([1, 2, 3], [1.5, 2.0, 3.0], Task.REGRESSION, ()),
        ([1, 2, 3], [4, 5, 6], Task.REGRESSION, ()),
        (list(range(40)), list(range(40)), Task.REGRESSION, ()),
        ([5.0, 5.0], [5.0, 5.0], Task.REGRESSION, ()),
    ],
)
def test_task_and_classes(
    label: list[Any], prediction: list[Any] | None, task: Task, classes: tuple[str, ...]
) -> None:
    columns = {"label": label} | ({"prediction": prediction} if prediction else {})
    schema = inferred(columns).schema
    assert (schema.task, schema.classes) == (task, classes)


def test_a_probability_called_prediction_is_a_score() -> None:
    found = inferred({"prediction": SHARES, "label": CODES})
    assert found.schema.prediction is None
    assert found.schema.score == "prediction"
    assert found.schema.task is Task.BINARY
    assert inferred({"prediction": SHARES, "label": SHARES}).schema.task is Task.REGRESSION


def test_a_score_alone_is_a_binary_task() -> None:
    schema = inferred({"proba": SHARES}).schema
    assert (schema.task, schema.score, schema.classes) == (Task.BINARY, "proba", ("0", "1"))


def test_a_score_lies_between_0_and_1() -> None:
    found = inferred({"score": SHARES * 2, "label": CODES})
    assert found.schema.score is None
    assert kinds(found) == {"score": Kind.NUMERIC}


def spoilt(values: NDArray[Any], value: float) -> NDArray[Any]:
    return np.concatenate([values, [value]])


def test_a_score_keeps_its_role_where_few_values_lie_outside() -> None:
    found = inferred({"score": spoilt(SHARES, 1.7), "label": spoilt(CODES, 1)})
    assert found.schema.score == "score"
    told = next(each for each in found.assumptions if each.startswith("score = `score`"))
    assert f"some values lie outside [0, 1], from {SHARES.min():.6g} to 1.7," in told
    assert "count as invalid" in told
    four_in_a_hundred = np.concatenate([SHARES, [1.7] * 5])
    assert inferred({"score": four_in_a_hundred, "label": [*CODES, *[1] * 5]}).schema.score
    more = np.concatenate([SHARES, [1.7] * 7])
    assert inferred({"score": more, "label": [*CODES, *[1] * 7]}).schema.score is None


def test_other_scores_keep_their_roles_where_few_values_lie_outside() -> None:
    found = inferred({"prediction": spoilt(SHARES, 1.7), "label": spoilt(CODES, 1)})
    assert found.schema.score == "prediction"
    assert any("outside [0, 1]" in each for each in found.assumptions)
    shares = {f"proba_{name}": spoilt(SHARES / 3, -9) for name in "abc"}
    found = inferred({"prediction": [*"abc" * 40, "a"], **shares})
    assert found.schema.scores == {name: f"proba_{name}" for name in "abc"}
    assert any("outside [0, 1]" in each for each in found.assumptions)
    sure = spoilt(0.5 + SHARES / 2, 1.7)
    found = inferred({"prediction": spoilt(CODES, 0), "confidence": sure})
    assert found.schema.score is None


@pytest.mark.parametrize(
    ("column", "values", "formula"),
    [
        ("score", SHARES * 90 + 5, "score / 100"),
        ("risk_score", SHARES * 8 - 4, "1 / (1 + exp(-risk_score))"),
        ("Model Score", SHARES * 100, '"Model Score" / 100'),
        ("score", SHARES * 500 + 350, f"score / {(SHARES * 500 + 350).max():g}"),
    ],
)
def test_a_score_that_is_no_probability_is_asked_about(
    column: str,
    values: NDArray[np.float64],
    formula: str,
) -> None:
    found = inferred({"ts": TIMES, "prediction": CODES, "label": CODES, column: values})
    assert found.schema.score is None
    (question,) = found.questions
    assert question == (
        f"`{column}` holds values from {values.min():.6g} to {values.max():.6g}, so it is not "
        f"taken for a probability: derive one, for example `probability = '{formula}'` under "
        "[derive] of wane.toml"
    )


def test_a_score_is_not_asked_for_where_none_is_needed() -> None:
    columns = {"ts": TIMES, "score": SHARES * 90}
    regression = inferred({**columns, "y_pred": SHARES * 9, "y_true": SHARES * 8})
    assert regression.questions == ()
    given = inferred({**columns, "label": CODES, "proba": SHARES}, score="proba")
    assert given.questions == ()


def test_the_confidence_in_the_answer_is_not_a_score() -> None:
    columns = {"prediction": CODES, "confidence": 0.5 + SHARES / 2, "label": CODES}
    found = inferred(columns)
    assert found.schema.score is None
    assert any("CASE WHEN prediction = '1' THEN confidence" in each for each in found.questions)
    assert inferred(columns, score="confidence").schema.score == "confidence"
    answers = ["a", "b", "c"] * 40
    several = {"prediction": answers, "confidence": columns["confidence"], "label": answers}
    assert inferred(several).schema.score == "confidence"


BAV = np.where(SHARES > 0.6, "bav", "kiv")


@pytest.mark.parametrize(
    ("columns", "positive", "why"),
    [
        ({"prediction": BAV, "score": SHARES}, "bav", "its mean score is the higher: 0.8"),
        ({"label": BAV, "score": SHARES}, "bav", "its mean score is the higher: 0.8"),
        ({"label": BAV, "score": 1 - SHARES}, "kiv", "its mean score is the higher: 0.7"),
        ({"label": BAV, "prediction": BAV}, "kiv", "the last by the alphabet"),
        ({"prediction": BAV, "score": np.full(ROWS, 0.3)}, "kiv", "the last by the alphabet"),
        ({"prediction": BAV, "confidence": 1 - SHARES / 2}, "kiv", "the last by the alphabet"),
        ({"label": np.where(SHARES > 0.6, "fraud", "kiv"), "score": 1 - SHARES}, "fraud", "by its"),
        ({"label": np.where(SHARES > 0.6, 2, 1), "score": 1 - SHARES}, "2", "the larger number"),
    ],
)
def test_the_positive_one_of_two_classes(columns: dict[str, Any], positive: str, why: str) -> None:
    found = inferred(columns)
    assert found.schema.task is Task.BINARY
    assert found.schema.classes[1] == positive
    (told,) = (each for each in found.assumptions if each.startswith("classes"))
    assert f"of which `{positive}` is positive ({why}" in told


def test_predictions_tell_the_positive_class_also_of_a_model_that_has_failed() -> None:
    failed = np.where(BAV == "bav", "kiv", "bav")
    found = inferred({"prediction": BAV, "label": failed, "score": SHARES})
    assert found.schema.classes == ("kiv", "bav")


def test_a_regression_has_no_score() -> None:
    found = inferred({"y_pred": SHARES * 9, "y_true": SHARES * 8, "score": SHARES})
    assert found.schema.score is None
    assert kinds(found) == {"score": Kind.NUMERIC}


def test_scores_for_each_class() -> None:
    columns = {f"proba_{name}": SHARES / 3 for name in ("cat", "Big dog", "3")}
    answers = ["cat", "Big dog", "3"] * 40
    found = inferred({"prediction": answers, **columns, "proba_other": SHARES})
    assert found.schema.scores == {name: f"proba_{name}" for name in ("3", "Big dog", "cat")}
    assert list(kinds(found)) == ["proba_other"]
    alone = inferred(columns).schema
    assert alone.task is Task.MULTICLASS
    assert set(alone.scores) == set(alone.classes) == {"cat", "Big dog", "3"}
    binary = inferred({"label": CODES, "proba_0": SHARES, "proba_1": 1 - SHARES}).schema
    assert binary.score == "proba_1"


def test_ranking_needs_query_item_and_relevance() -> None:
    columns = dict.fromkeys(("query_id", "item_id", "position", "click"), CODES)
    schema = inferred(columns).schema
    assert schema.task is Task.RANKING
    assert [schema.query, schema.item, schema.rank, schema.relevance] == list(columns)
    del columns["click"]
    assert inferred(columns).schema.task is Task.NONE


def test_kinds_of_features() -> None:
    found = inferred(
        {
            "text": ["a", "b"] * 60,
            "digits": ["1", "2"] * 60,
            "coded": pa.array(["u", "v"] * 60).dictionary_encode(),
            "flag": [True, False] * 60,
            "float": SHARES,
            "whole": np.arange(ROWS),
            "decimal": pa.array(np.arange(ROWS)).cast(pa.decimal128(21, 2)),
            "constant": [1.5] * ROWS,
            "zero_one": CODES,
            "empty": pa.nulls(ROWS),
        }
    )
    numeric = {name for name, kind in kinds(found).items() if kind is Kind.NUMERIC}
    assert numeric == {"float", "whole", "decimal", "constant", "zero_one"}
    assert len(kinds(found)) == 10
    assert not any("categor" in question for question in found.questions)


def test_columns_that_are_no_features() -> None:
    found = inferred(
        {
            "timestamp": TIMES,
            "delivered": TIMES,
            "user_name": [f"user {index}" for index in range(ROWS)],
            "session_": CODES,
            "__index_level_0__": np.arange(ROWS),
            "split": ["train", "test"] * 60,
            "period": ["morning", "evening"] * 60,
            "x": SHARES,
        }
    )
    assert list(kinds(found)) == ["period", "x"]
    told = " ".join(found.assumptions)
    for name in ("delivered", "user_name", "session_", "__index_level_0__", "split"):
        assert f"`{name}`" in told


def test_three_rows_are_enough_to_have_text_features() -> None:
    assert list(kinds(inferred({"name": ["a", "b", "c"]}))) == ["name"]


def test_few_whole_numbers_are_asked_about() -> None:
    (question, *_) = inferred({"grade": [1, 2, 3, 4.0, 5] * 24, "ts": TIMES}).questions
    assert question == (
        "`grade` has 5 whole values: a category? It is counted as numbers; write "
        '{name = "grade", kind = "categorical"} in `features` of wane.toml'
    )
    given = (Column("grade", Kind.CATEGORICAL),)
    told = inferred({"grade": [1, 2, 3, 4, 5] * 24, "ts": TIMES}, features=given)
    assert kinds(told) == {"grade": Kind.CATEGORICAL}
    assert not any("grade" in each for each in told.questions)


def test_many_classes_are_capped() -> None:
    names = [f"c{index}" for index in range(300)]
    schema = inferred({"label": names * 2, "prediction": [*names[:200] * 3]}).schema
    assert schema.task is Task.MULTICLASS
    assert schema.classes == tuple(sorted(names[:200]))


def test_what_is_missing_is_asked_for() -> None:
    assert "--labels" in inferred({"ts": TIMES, "y_pred": CODES}).questions[-1]
    assert "--prediction" in inferred({"ts": TIMES, "label": CODES}).questions[-1]
    nothing = inferred({"ts": TIMES, "x": SHARES})
    assert nothing.schema.task is Task.NONE
    assert "only traffic, data quality and drift" in nothing.questions[-1]


def test_a_label_that_is_not_known_yet() -> None:
    schema = inferred({"y_pred": CODES, "label": pa.nulls(ROWS)}).schema
    assert (schema.label, schema.task, schema.classes) == ("label", Task.BINARY, ("0", "1"))


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        (np.arange(20_260_101, 20_260_101 + ROWS), "around 1970-08-23"),
        (np.arange(ROWS), "around 1970-01-01"),
        (np.arange(ROWS) + 1_767_225_600, None),
        (np.arange(ROWS) + 1_767_225_600_000, None),
        (TIMES, None),
    ],
)
def test_numbers_that_are_hardly_times_are_asked_about(values: Any, asked: str | None) -> None:  # noqa: ANN401 - any column
    found = inferred({"ts": values, "x": SHARES, "label": CODES}, timestamp="ts")
    doubts = [each for each in found.questions if "read as Unix times" in each]
    assert [str(asked) in each for each in doubts] == ([] if asked is None else [True])
    assert ("20260131" in "".join(doubts)) == (asked == "around 1970-08-23")
