from __future__ import annotations

import datetime as dt

import pyarrow as pa

from events.sent import NOW, predictions
from wane.events.event import Prediction
from wane.events.table import prediction_table

HOUR = dt.timedelta(hours=1)


def test_oldest_first_with_the_columns_that_any_event_has() -> None:
    events = predictions(
        [
            {"id": "b", "timestamp": "2026-11-26T10:00:00Z", "features": {"x": 1, "y": None}},
            {"id": "a", "timestamp": "2026-11-26T10:00:00Z", "features": {"x": 2.5, "z": "t"}},
            {
                "id": "c",
                "timestamp": "2026-11-26T09:00:00Z",
                "prediction": 1,
                "scores": {"no": 0.5},
                "latency": 0,
                "error": True,
                "label": 1,
            },
        ]
    ).events
    table = prediction_table(events, [NOW, NOW + HOUR, NOW])
    assert table.to_pydict() == {
        "id": ["c", "a", "b"],
        "timestamp": [NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - 2 * HOUR],
        "received": [NOW, NOW + HOUR, NOW],
        "prediction": [1, None, None],
        "latency": [0.0, None, None],
        "error": [True, None, None],
        "scores.no": [0.5, None, None],
        "x": [None, 2.5, 1.0],
        "y": [None, None, None],
        "z": [None, "t", None],
    }
    assert table.schema.field("timestamp").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("latency").type == pa.float64()


def test_no_events_make_an_empty_table() -> None:
    table = prediction_table([], [])
    assert table.num_rows == 0
    assert table.column_names == ["id", "timestamp", "received"]


def test_times_of_any_zone_are_kept_in_utc() -> None:
    vienna = dt.timezone(HOUR)
    event = Prediction(id="a", timestamp=dt.datetime(2026, 11, 26, 13, tzinfo=vienna))
    table = prediction_table([event], [NOW])
    assert table["timestamp"].to_pylist() == [NOW]
