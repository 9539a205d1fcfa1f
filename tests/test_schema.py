from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from wane.errors import ConfigError
from wane.schema import Column, Kind, Role, Schema, Task


def test_everything_is_optional() -> None:
    schema = Schema()
    assert schema.roles() == {}
    assert schema.column_names() == ()
    assert schema.features is None


def test_roles_by_column_name() -> None:
    schema = Schema(timestamp="at", label="y", scores={"a": "p_a", "b": "p_b"}, segments=("at",))
    assert schema.roles() == {
        "at": Role.TIMESTAMP,
        "y": Role.LABEL,
        "p_a": Role.SCORE,
        "p_b": Role.SCORE,
    }


def test_every_role_but_features_and_segments_is_a_field() -> None:
    single = [role for role in Role if role not in (Role.FEATURE, Role.SEGMENT)]
    named: dict[str, Any] = {role.value: f"column {role.value}" for role in single}
    assert set(Schema(**named).roles().values()) == set(single)


def test_columns_to_read_once_each_roles_first() -> None:
    features = (Column("x", Kind.NUMERIC), Column("y"), Column("country"))
    schema = Schema(prediction="p", label="y", segments=("country", "p"), features=features)
    assert schema.column_names() == ("p", "y", "country", "x")


def test_features_may_be_plain_names() -> None:
    names: Any = ("x", Column("y", Kind.CATEGORICAL))
    assert Schema(features=names).features == (Column("x"), Column("y", Kind.CATEGORICAL))


def test_a_feature_named_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="a feature is named twice: got 'x'"):
        Schema(features=(Column("x"), Column("x", Kind.NUMERIC)))


@pytest.mark.parametrize("classes", [("a",), ("a", "b", "c")])
def test_a_binary_task_has_two_classes(classes: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="two classes"):
        Schema(task=Task.BINARY, classes=classes)
    assert Schema(task=Task.MULTICLASS, classes=classes).classes == classes


def test_what_people_write_as_well_is_understood() -> None:
    given: Any = {"task": "binary", "classes": [0, 1.0], "segments": "lat", "features": "x"}
    schema = Schema(**given)
    assert schema.task is Task.BINARY
    assert (schema.classes, schema.segments) == (("0", "1"), ("lat",))
    assert schema.features == (Column("x"),)
    truths: Any = [False, True]
    assert Schema(classes=truths).classes == ("false", "true")


def test_an_unknown_task_is_refused() -> None:
    wrong: Any = "binry"
    with pytest.raises(ConfigError, match=r"unknown task: expected 'binary', .* got 'binry'"):
        Schema(task=wrong)


def test_a_schema_is_a_value() -> None:
    schema: Any = Schema(label="y")
    with pytest.raises(FrozenInstanceError):
        schema.label = "z"


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ({"prediction": "y"}, "prediction"),
        ({"score": "y"}, "score"),
        ({"scores": {"a": "p", "b": "y"}}, "scores"),
    ],
)
def test_a_model_is_not_judged_by_its_own_answers(roles: dict[str, object], role: str) -> None:
    with pytest.raises(ConfigError, match=f"the label and the {role} are the same column.*'y'"):
        Schema(label="y", **roles)  # type: ignore[arg-type]
