from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from alert.signals import FIRST, NOW, signal
from pipeline.test_notify import Inbox, Office
from wane.pipeline.course import course_of
from wane.report.parts import MEASUREMENTS
from wane.report.picture import SIGNATURE, picture
from wane.store.memory import MemoryStore
from wane.store.records import Evaluated
from wane.window import DAY

VALUES = [0.95, 0.94, 0.95, 0.94, 0.95, 0.8, 0.79]


def table() -> bytes:
    """Two series of seven days, in no order."""
    rows = []
    for segment, moved in ((None, 0.0), ("site=north", 0.1)):
        rows += [
            {
                "window_start": (FIRST + day * DAY),
                "metric": "accuracy",
                "column": None,
                "segment": segment,
                "value": value - moved,
            }
            for day, value in enumerate(VALUES)
        ]
    made = pa.Table.from_pylist(rows[::-1])
    at = made.schema.get_field_index("window_start")
    made = made.set_column(at, "window_start", made["window_start"].cast(pa.timestamp("us", "UTC")))
    sink = io.BytesIO()
    pq.write_table(made, sink)
    return sink.getvalue()


def test_the_course_of_the_series_of_an_incident() -> None:
    store = MemoryStore()
    model = store.open_model("default", "churn", NOW).id
    assert course_of(store, model, signal(5, 6)) is None
    store.evaluated(model, Evaluated("", {}, (), {}, {MEASUREMENTS: table()}), NOW)
    fired = np.arange(7) >= 5
    assert course_of(store, model, signal(5, 6)) == picture(np.array(VALUES), 0.9, fired)
    north = course_of(store, model, replace(signal(5, 6), segment="site=north"))
    assert north == picture(np.array(VALUES) - 0.1, 0.9, fired)
    assert course_of(store, model, signal(5, metric="f1")) is None


def test_only_channels_that_show_pictures_are_given_one() -> None:
    office = Office(mail=Inbox(pictures=True))
    outcome = Evaluated("", {}, (), {}, {MEASUREMENTS: table()})
    office.store.evaluated(office.model, outcome, NOW)
    office.evaluate(signal(5, 6))
    office.notify()
    assert office.pager.groups[0].messages[0].picture is None
    told = office.mail.groups[0].messages[0].picture
    assert told is not None
    assert told.startswith(SIGNATURE)
