"""Messages that would have been sent, as a table for a terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wane.report.digest import Table
from wane.report.layout import table_lines
from wane.report.numbers import format_count
from wane.report.plain import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.alert.due import Item
    from wane.alert.preview import Previewed

SHOWN = 20
"""Messages that are listed."""


def sent_lines(sent: Sequence[Previewed], width: int) -> list[str]:
    """How many messages, then the first that are no reminders; one line where there is none.

    Args:
        sent: In order of time.
        width: Columns of the terminal.
    """
    if not sent:
        return ["Nobody would have been told of anything."]
    news = [one for one in sent if not one.reminder]
    header = ("would have been sent (UTC)", "to", "alerts", "the first of them")
    rows = tuple(
        (
            f"{one.at:%Y-%m-%d %H:%M}",
            printable(one.sending.receiver),
            format_count(len(one.sending.items)),
            printable(_line(one.sending.items[0])),
        )
        for one in news[:SHOWN]
    )
    more = len(news) - len(rows)
    return [
        *_counts(sent),
        "",
        *table_lines(Table("", header, rows, frozenset({2})), width),
        *([f"and {format_count(more)} more"] if more else []),
    ]


def sent_objects(sent: Sequence[Previewed]) -> list[dict[str, Any]]:
    """All of them for JSON: see docs/json.md."""
    return [
        {
            "at": one.at.isoformat(),
            "receiver": one.sending.receiver,
            "reminder": one.reminder,
            "alerts": [
                {
                    "state": item.news.value,
                    "severity": item.watched.incident.signal.severity.value,
                    "rule": item.watched.incident.signal.rule,
                    "reason": item.watched.incident.signal.reason,
                }
                for item in one.sending.items
            ],
        }
        for one in sent
    ]


def _counts(sent: Sequence[Previewed]) -> list[str]:
    """A sentence for each receiver."""
    of: dict[str, list[bool]] = {}
    for one in sent:
        of.setdefault(one.sending.receiver, []).append(one.reminder)
    return [
        f"{printable(receiver)} would have had {format_count(len(reminders))} messages, "
        f"{format_count(sum(reminders))} of them reminders, as nobody acknowledged anything."
        for receiver, reminders in of.items()
    ]


def _line(item: Item) -> str:
    """What is told, without the evidence."""
    signal = item.watched.incident.signal
    return f"{item.news.value}, {signal.severity.value}: {signal.reason.partition(';')[0]}"
