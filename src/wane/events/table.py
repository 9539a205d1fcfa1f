"""Events as Arrow tables: the columns of the raw files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from wane.events.column import column
from wane.events.event import SCORES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from wane.events.event import Prediction, Scalar

TIME = pa.timestamp("us", tz="UTC")
PLAIN = ("prediction", "query", "item")
NUMBERS = ("score", "latency", "weight", "rank", "relevance")


def prediction_table(events: Sequence[Prediction], received: Sequence[dt.datetime]) -> pa.Table:
    """Predictions as a table, oldest first.

    Args:
        events: With id and time; labels are left out, they lie in files of their own.
        received: When each of them came.

    Returns:
        Columns id, timestamp, received; of the other roles those that any event has; scores per
        class as "scores.<class>"; then every feature that any event has.
    """
    order = sorted(range(len(events)), key=lambda i: (events[i].timestamp, events[i].id))
    rows = [events[i] for i in order]
    arrays: dict[str, pa.Array] = {
        "id": pa.array([row.id for row in rows], pa.string()),
        "timestamp": pa.array([row.timestamp for row in rows], TIME),
        "received": pa.array([received[i] for i in order], TIME),
    }
    for name in PLAIN:
        _put(arrays, name, [getattr(row, name) for row in rows])
    for name in NUMBERS:
        values = [getattr(row, name) for row in rows]
        if any(value is not None for value in values):
            arrays[name] = pa.array(values, pa.float64())
    _put(arrays, "error", [row.error for row in rows])
    _put(arrays, "version", [row.version for row in rows])
    for name in dict.fromkeys(key for row in rows for key in row.scores):
        scores = [row.scores.get(name) for row in rows]
        arrays[f"{SCORES}{name}"] = pa.array(scores, pa.float64())
    for name in dict.fromkeys(key for row in rows for key in row.features):
        arrays[name] = column([row.features.get(name) for row in rows])
    return pa.table(arrays)


def _put(arrays: dict[str, pa.Array], name: str, values: Sequence[Scalar]) -> None:
    """Add a column, if any event has a value."""
    if any(value is not None for value in values):
        arrays[name] = column(values)
