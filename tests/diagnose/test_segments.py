from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from report.build_result import Recorder, days
from wane.diagnose.segments import segment_changes

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements


def measured(metric: str, found: dict[str, tuple[float, float]]) -> Measurements:
    recorder = Recorder(days(1))
    recorder.add(metric, [0.9], reference=0.9)
    for segment, (value, reference) in found.items():
        recorder.add("volume", [50], segment=segment, n=50)
        recorder.add(metric, [value], segment=segment, reference=reference, margin=0.01)
    return recorder.measurements()


FOUND = {
    "channel=web": (0.90, 0.92),
    "channel=fax": (math.nan, 0.9),
    "channel=mobile": (0.80, 0.93),
    "channel=new": (0.70, math.nan),
    "channel=branch": (0.95, 0.91),
}


def test_worst_change_first_undefined_last() -> None:
    changes = segment_changes(measured("accuracy", FOUND), "accuracy")
    names = [change.segment.removeprefix("channel=") for change in changes]
    assert names == ["mobile", "web", "branch", "new", "fax"]
    assert changes[0].rows == 50
    assert changes[0].low == pytest.approx(0.79)
    assert changes[0].high == pytest.approx(0.81)
    assert (changes[-1].value, changes[-1].reason) == (None, "undefined here")


def test_for_errors_the_largest_rise_is_the_worst() -> None:
    changes = segment_changes(measured("mae", FOUND), "mae")
    names = [change.segment.removeprefix("channel=") for change in changes]
    assert names == ["branch", "web", "mobile", "new", "fax"]


def test_without_a_main_metric_there_is_nothing_to_tell() -> None:
    assert segment_changes(measured("accuracy", FOUND), None) == ()
    assert segment_changes(measured("accuracy", {}), "accuracy") == ()
