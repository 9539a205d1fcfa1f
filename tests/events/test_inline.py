from __future__ import annotations

from events.sent import NOW, predictions
from wane.events.event import Label
from wane.events.identity import identify
from wane.events.inline import inline_labels


def test_labels_become_events_of_their_own() -> None:
    events = predictions([{"id": "a", "label": 0}, {"id": "b"}, {"id": "c", "label": "yes"}]).events
    assert inline_labels(events) == [
        Label(id="a", label=0, timestamp=NOW),
        Label(id="c", label="yes", timestamp=NOW),
    ]
    assert [event.label for event in events] == [None] * 3
    assert inline_labels(events) == []


def test_ids_are_made_by_the_place_in_the_batch() -> None:
    decoded = predictions([{}, {"id": 3}, {"id": "mine"}, {}])
    identify(decoded, lambda index: f"made-{index}")
    assert [event.id for event in decoded.events] == ["made-0", "mine", "made-3"]
