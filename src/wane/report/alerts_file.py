"""The file alerts.json of `--out`: the alerts of a run, and enough to compare a later run with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wane.report.json_report import SCHEMA_VERSION, alert_object, withdrawn_object
from wane.report.moment import timezone_of

if TYPE_CHECKING:
    from wane.report.result import Result

NAME = "alerts.json"


def render(result: Result) -> str:
    """The text of the file: indented JSON, never NaN or Infinity, with a line feed at its end."""
    told = {
        "schema_version": SCHEMA_VERSION,
        "model": result.model,
        "every": result.every.text if result.every else None,
        "timezone": timezone_of(result),
        "alerts": [alert_object(alert) for alert in result.alerts],
        "withdrawn": [withdrawn_object(one) for one in result.withdrawn],
    }
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
