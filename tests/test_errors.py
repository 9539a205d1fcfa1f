"""Every error says what, expected, got and what to do, and knows its exit code."""

from __future__ import annotations

import inspect

import pytest

from wane import errors
from wane.errors import (
    ConfigError,
    DataError,
    ProfileError,
    SchemaError,
    SourceError,
    StoreError,
    UsageError,
    WaneError,
    did_you_mean,
)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({}, "it broke"),
        ({"expected": "a"}, "it broke: expected a"),
        ({"got": "b"}, "it broke: got b"),
        ({"expected": "a", "got": "b"}, "it broke: expected a, got b"),
        ({"hint": "Fix it."}, "it broke. Fix it."),
        (
            {"expected": "a", "got": "b", "hint": "Fix it."},
            "it broke: expected a, got b. Fix it.",
        ),
    ],
)
def test_the_message(facts: dict[str, str], message: str) -> None:
    error = WaneError("it broke", **facts)
    assert str(error) == error.message == message
    assert (error.what, error.expected) == ("it broke", facts.get("expected"))


def test_exit_codes() -> None:
    codes = {
        WaneError: 4,
        ProfileError: 4,
        UsageError: 2,
        ConfigError: 2,
        DataError: 3,
        SourceError: 3,
        SchemaError: 3,
        StoreError: 3,
    }
    assert {kind: kind.exit_code for kind in codes} == codes
    every = {kind for _, kind in inspect.getmembers(errors, inspect.isclass)}
    assert every == set(codes)


def test_the_tree_is_the_one_the_module_shows() -> None:
    for kind in (UsageError, ConfigError, DataError, SourceError, SchemaError, ProfileError):
        assert issubclass(kind, WaneError)
        assert f"─ {kind.__name__} " in str(errors.__doc__)


def test_a_missing_column_is_named_with_what_there_is() -> None:
    error = SchemaError.missing_column(
        "lable", role="label", where="log.csv", available=["id", "label"]
    )
    assert str(error) == (
        "log.csv has no column 'lable', named as label: expected one of id, label. "
        "Did you mean 'label'?"
    )
    many = [f"feature_{i}" for i in range(20)]
    error = SchemaError.missing_column("zzz", role="label", where="log.csv", available=many)
    assert "feature_11 and 8 more" in str(error)
    assert "leave it out" in str(error)
    none = SchemaError.missing_column("y", role="label", where="log.csv", available=[])
    assert "expected at least one column" in str(none)


def test_did_you_mean() -> None:
    assert did_you_mean("acuracy", ["accuracy", "f1"]) == "Did you mean 'accuracy'?"
    assert did_you_mean("zzz", iter(["accuracy", "f1"])) is None
    assert did_you_mean("x", []) is None
