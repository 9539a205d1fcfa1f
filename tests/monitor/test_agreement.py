"""What the monitor sends is what the service reads."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wane
from wane.events.arrow import decode_label_stream, decode_prediction_stream
from wane.events.decode import NDJSON, decode_labels, decode_predictions
from wane.events.event import RESERVED as RESERVED_BY_THE_SERVICE
from wane.events.policy import Policy
from wane.monitor.event import LabelEvent, PredictionEvent
from wane.monitor.parcel import Accepted, Answer, Form, Kind, Parcel
from wane.monitor.roles import RESERVED

if TYPE_CHECKING:
    from wane.events.decode import Decoded

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
NANOSECONDS = int(NOW.timestamp()) * 1_000_000_000
FOREVER = dt.timedelta(days=36_500)
POLICY = Policy(now=NOW, oldest=NOW - FOREVER, newest=NOW + FOREVER)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.binary(),
    st.decimals(),
    st.datetimes(),
    st.dates(),
    st.timedeltas(),
    st.uuids(),
    st.complex_numbers(),
    st.lists(st.integers(), max_size=3),
    st.floats(width=32).map(np.float32),
)
NAMES = st.one_of(
    st.text(st.characters(), max_size=300), st.integers(), st.sampled_from([*RESERVED])
)


def test_the_same_names_are_kept_for_roles() -> None:
    assert RESERVED == RESERVED_BY_THE_SERVICE


@given(
    features=st.dictionaries(NAMES, ANYTHING, max_size=5),
    prediction=ANYTHING,
    score=ANYTHING,
    error=ANYTHING,
    query=ANYTHING,
    version=ANYTHING,
    timestamp=ANYTHING,
    scores=st.dictionaries(NAMES, ANYTHING, max_size=3),
)
def test_no_row_is_rejected_for_its_values(
    features: dict[Any, object], scores: dict[Any, object], **roles: object
) -> None:
    line = PredictionEvent("a", NANOSECONDS, {**roles, "scores": scores}, features).line()
    decoded = decode_predictions(line.body, NDJSON, POLICY)
    rejected = [each for each in decoded.rejected if "_timestamp" not in each.code]
    assert rejected == []


@given(label=st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1))
def test_labels_are_read(label: Any) -> None:  # noqa: ANN401
    line = LabelEvent("a", NANOSECONDS, label).line()
    decoded = decode_labels(line.body, NDJSON, POLICY)
    assert [event.label for event in decoded.events] == [label]


class Read:
    """Reads parcels as the service does."""

    destination = "the service"

    def __init__(self) -> None:
        self.found: dict[Kind, list[Any]] = {Kind.PREDICTIONS: [], Kind.LABELS: []}

    def send(self, parcel: Parcel) -> Answer:
        decoded: Decoded[Any]
        match parcel.kind, parcel.form:
            case Kind.PREDICTIONS, Form.NDJSON:
                decoded = decode_predictions(parcel.body(), NDJSON, POLICY)
            case Kind.PREDICTIONS, _:
                decoded = decode_prediction_stream(parcel.body(), POLICY)
            case _, Form.NDJSON:
                decoded = decode_labels(parcel.body(), NDJSON, POLICY)
            case _:
                decoded = decode_label_stream(parcel.body(), POLICY)
        self.found[parcel.kind] += decoded.events
        return Accepted(0, {each.code: 1 for each in decoded.rejected})

    def close(self) -> None:
        pass


@pytest.mark.parametrize("batch", [True, False])
def test_a_frame_says_the_same_as_its_rows(*, batch: bool) -> None:
    rows = [
        {
            "id": "a",
            "prediction": 1,
            "score": 0.25,
            "latency": 2,
            "error": False,
            "x": 1.5,
            "c": "u",
        },
        {
            "id": "b",
            "prediction": 0,
            "score": None,
            "latency": 3,
            "error": True,
            "x": None,
            "c": "v",
        },
    ]
    frame = pd.DataFrame(rows).assign(timestamp=NOW, when=pd.Timestamp("2026-01-01 12:00"))
    read = Read()
    with wane.Monitor("churn", version="12", transport=read, strict=True) as monitor:
        if batch:
            monitor.log_batch(frame, latency="latency", error="error")
            monitor.label_batch({"id": ["a"], "label": [True], "timestamp": [NOW]})
        else:
            for row in frame.to_dict("records"):
                features = {name: row.pop(name) for name in ("x", "c", "when")}
                monitor.log(features=features, **row)
            monitor.label(id="a", label=True, timestamp=NOW)
    assert monitor.counts.rejected == {}
    first, second = read.found[Kind.PREDICTIONS]
    assert (first.id, first.timestamp, first.version) == ("a", NOW, "12")
    assert (first.prediction, first.score, first.latency, first.error) == (1, 0.25, 2.0, False)
    assert first.features == {"x": 1.5, "c": "u", "when": "2026-01-01T12:00:00Z"}
    assert (second.score, second.error, second.features.get("x")) == (None, True, None)
    (label,) = read.found[Kind.LABELS]
    assert (label.id, label.label, label.timestamp) == ("a", True, NOW)
