"""What must hold for every result, whatever the input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema

from wane.report import json_report

if TYPE_CHECKING:
    from wane.report.result import Result

VALIDATOR = jsonschema.Draft202012Validator(json_report.json_schema())


def sound(text: str) -> dict[str, Any]:
    """The JSON of a result: valid, every row accounted for, no value missing without a reason."""
    found: dict[str, Any] = json.loads(text)
    every = found["measurements"]
    some = every[:: 1 + len(every) // 500]  # the schema takes its time, and all are made alike
    errors = VALIDATOR.iter_errors(found | {"measurements": some})
    assert [error.message for error in errors] == []
    rows = found["rows"]
    assert rows["read"] == rows["used"] + sum(one["count"] for one in rows["rejected"])
    for one in every:
        assert (one["value"] is None) == (one["reason"] is not None), one
    return found


def shown(result: Result) -> dict[str, Any]:
    """The same for a result in memory, which must also draw itself."""
    assert "</html>" in result.to_html()
    assert result._repr_html_()
    return sound(result.to_json())
