"""The course of the series of an incident, as a picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wane.report.parts import MEASUREMENTS
from wane.report.picture import picture

if TYPE_CHECKING:
    from wane.alert.signal import Signal
    from wane.store.store import Store

SHOWN = 60
"""Windows, the newest ones."""


def course_of(store: Store, model: int, signal: Signal) -> bytes | None:
    """The newest windows of a series and when its condition held, as a PNG.

    Args:
        store: Where the newest evaluation is.
        model: Number of the model.
        signal: The condition.

    Returns:
        None where too little is known of the series.
    """
    found = store.result(model, MEASUREMENTS)
    if found is None:
        return None
    wanted = pc.field("metric") == signal.metric
    for name, value in (("column", signal.column), ("segment", signal.segment)):
        wanted &= pc.field(name).is_null() if value is None else pc.field(name) == value
    table = pq.read_table(
        io.BytesIO(found.body), columns=["window_start", "value"], filters=wanted
    ).sort_by("window_start")
    newest = table.slice(max(0, table.num_rows - SHOWN))
    starts = newest["window_start"].cast(pa.int64()).to_numpy()
    values = newest["value"].to_numpy()
    fired = np.isin(starts, np.array(signal.windows, dtype=np.int64))
    return picture(values.astype(np.float64), signal.threshold, fired)
