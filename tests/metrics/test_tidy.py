from __future__ import annotations

import math

import pyarrow as pa
import pytest

from report.build_result import ALL, Recorder, days
from wane.metrics.measurement import Measurements
from wane.metrics.tidy import NAMES, TIME, from_objects, tidy_table, to_objects
from wane.report.json_report import measurement_objects


@pytest.mark.parametrize("name", list(ALL))
def test_the_table_holds_what_the_measurements_hold(name: str) -> None:
    measurements = ALL[name]().measurements
    table = tidy_table(measurements)
    assert table.column_names == list(NAMES)
    assert table.num_rows == len(measurements)
    assert to_objects(table) == list(measurement_objects(measurements))
    assert from_objects(to_objects(table)).equals(table)


def test_types() -> None:
    schema = tidy_table(ALL["series"]().measurements).schema
    assert schema.field("window_start").type == TIME
    assert schema.field("n").type == pa.int64()
    assert schema.field("segment").type == pa.string()
    by_rows = tidy_table(ALL["by_rows"]().measurements).schema
    assert by_rows.field("window_start").type == pa.int64()


def test_nothing_measured_keeps_the_types() -> None:
    empty = tidy_table(Measurements((), {}))
    assert empty.num_rows == 0
    assert empty.schema == tidy_table(ALL["series"]().measurements).schema


def test_rows_are_series_after_series() -> None:
    recorder = Recorder(days(2))
    recorder.add("accuracy", [0.9, math.nan], segment="channel=web", reason="no labels")
    recorder.add("psi", [0.1, 0.2], column="age", reference=0.0)
    rows = tidy_table(recorder.measurements()).to_pylist()
    assert [(row["metric"], row["column"], row["segment"]) for row in rows] == [
        *[("accuracy", None, "channel=web")] * 2,
        *[("psi", "age", None)] * 2,
    ]
    assert [row["value"] for row in rows] == [0.9, None, 0.1, 0.2]
    assert [row["reason"] for row in rows] == [None, "no labels", None, None]
    assert rows[2]["reference_value"] == 0.0
