"""What `import wane` offers: changing this list is changing a promise."""

import pytest

import wane

FACE = [
    "Action",
    "Alert",
    "Column",
    "Comparison",
    "ConfigError",
    "DataError",
    "Kind",
    "Ledger",
    "Measurement",
    "Measurements",
    "Monitor",
    "Profile",
    "ProfileError",
    "Result",
    "Retraining",
    "Role",
    "Rule",
    "Schema",
    "SchemaError",
    "Series",
    "SeriesKey",
    "Severity",
    "SourceError",
    "State",
    "Task",
    "UsageError",
    "Verdict",
    "WaneError",
    "backtest",
    "check",
    "compare",
    "decode",
    "encode",
    "merge",
    "propose",
    "series",
    "would_retraining_help",
]


def test_the_public_face_is_this() -> None:
    assert wane.__all__ == FACE
    assert sorted(FACE) == FACE


@pytest.mark.parametrize("name", FACE)
def test_every_name_is_there(name: str) -> None:
    assert getattr(wane, name).__doc__


def test_nothing_else_is() -> None:
    with pytest.raises(AttributeError, match="no attribute 'drift'"):
        _ = wane.drift
