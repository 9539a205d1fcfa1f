from __future__ import annotations

import math

from report.build_result import Recorder, days
from wane.diagnose.summary import Summary, summarise_series

A: dict[str, list[float]] = {
    "accuracy": [0.97, 0.96, 0.97, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89],
    "prediction_volume": [500, 520, 510, 540, 550, 560, 590, 600, 610, 620],
    "avg_confidence": [0.95, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.88, 0.87],
}
B: dict[str, list[float]] = {
    "accuracy": [0.96, 0.96, 0.95, 0.94, 0.94, 0.92, 0.91, 0.90, 0.89, 0.87],
    "precision": [0.95, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.87, 0.85],
    "f1_score": [0.945, 0.94, 0.935, 0.925, 0.915, 0.905, 0.89, 0.88, 0.865, 0.845],
}


def summaries(table: dict[str, list[float]]) -> dict[str, Summary]:
    recorder = Recorder(days(10))
    for name, values in table.items():
        recorder.add(name, values)
    return summarise_series(recorder.measurements())


def test_means_and_changes_come_out_as_a_person_would_write_them() -> None:
    assert [summary.mean for summary in summaries(A).values()] == [0.934, 560, 0.914]
    assert [summary.change for summary in summaries(B).values()] == [-0.09, -0.1, -0.1]
    assert summaries(A)["accuracy"] == Summary(0.97, 0.89, -0.08, 0.934)


def test_windows_without_a_value_do_not_count() -> None:
    recorder = Recorder(days(4))
    recorder.add("accuracy", [math.nan, 0.8, 0.9, math.nan])
    recorder.add("f1", [math.nan] * 4)
    found = summarise_series(recorder.measurements())
    assert found == {"accuracy": Summary(0.8, 0.9, 0.1, 0.85)}


def test_columns_and_segments_are_left_out() -> None:
    recorder = Recorder(days(2))
    recorder.add("psi", [0.1, 0.2], column="age")
    recorder.add("accuracy", [0.1, 0.2], segment="channel=web")
    assert summarise_series(recorder.measurements()) == {}
