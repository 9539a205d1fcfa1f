"""A replayed history as a table for a terminal, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wane.report.digest import Table, budget_facts
from wane.report.layout import table_lines
from wane.report.moment import bounds
from wane.report.numbers import MINUS, SPACE, format_count, format_date, format_value
from wane.report.plain import printable, to_ascii
from wane.report.sent import sent_lines, sent_objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.alert.preview import Previewed
    from wane.diagnose.replay import Backtest, Replayed
    from wane.report.result import Result

SHOWN = 8
"""Dates listed of one rule or detector."""


def render(
    replayed: Backtest,
    result: Result,
    sent: Sequence[Previewed] | None = None,
    *,
    width: int = 100,
    unicode: bool = True,
) -> str:
    """A table for a terminal: what fired how often, how many a month, and when.

    Args:
        replayed: What fired.
        result: The run it was taken from.
        sent: Messages that would have been sent; None where nobody is named who is told.
        width: Columns of the terminal.
        unicode: Whether the output knows more than ASCII.
    """
    timezone = result.every.timezone if result.every else "UTC"
    rows = tuple(_row(one, timezone) for one in replayed.replayed)
    header = ("rule or detector", "events", "windows", "a month", "raised on")
    table = Table("", header, rows, frozenset({1, 2, 3}))
    unit = "windows" if _by_rows(result) else "days"
    lines = [
        f"{printable(result.model)}: {replayed.days:,.0f} {unit} replayed",
        "",
        *(table_lines(table, width) if rows else ["nothing to replay: no rules, no windows"]),
        "",
        f"Learned limits were allowed {replayed.allowed:.2g} false alarms in that time.",
        *budget_facts(result.found),
        *([] if sent is None else ["", *sent_lines(sent, width)]),
    ]
    text = "\n".join(lines).replace(MINUS, "-").replace(SPACE, " ") + "\n"
    return text if unicode else to_ascii(text)


def as_json(replayed: Backtest, sent: Sequence[Previewed] | None = None) -> str:
    """One object: `days`, `allowed`, `replayed`, and `sent` where it is known; see docs/json.md."""
    found: dict[str, Any] = {
        "schema_version": 1,
        "days": replayed.days,
        "allowed_false_alarms": replayed.allowed,
        "replayed": [
            {
                "name": one.name,
                "kind": "detector" if one.learned else "rule",
                "events": one.events,
                "windows": one.windows,
                "per_month": one.per_month,
                "raised": [bounds(window)[0] for window in one.starts],
            }
            for one in replayed.replayed
        ],
    }
    if sent is not None:
        found["sent"] = sent_objects(sent)
    return json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n"


def _row(one: Replayed, timezone: str) -> tuple[str, ...]:
    dates = [format_date(window, timezone, year=True) for window in one.starts[:SHOWN]]
    more = len(one.starts) - len(dates)
    listed = ", ".join(dates) + (f" and {format_count(more)} more" if more else "")
    name = f"learned: {one.name}" if one.learned else printable(one.name)
    events, windows = format_count(one.events), format_count(one.windows)
    return name, events, windows, format_value(round(one.per_month, 3)), listed


def _by_rows(result: Result) -> bool:
    windows = result.measurements.windows
    return bool(windows) and windows[0].by_rows
