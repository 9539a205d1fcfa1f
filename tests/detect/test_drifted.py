"""Columns that drift, as findings: information, until the drift is large and lasts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detect.build_runs import found_in, only, recorder
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.detect.watched import Choice
from wane.metrics.measurement import SeriesKey

if TYPE_CHECKING:
    from report.build_result import Recorder

COLUMNS = 12


def drifted(height: float, first: int = 40, last: int = 59, windows: int = 60) -> Recorder:
    """PSI of quiet columns, and of one that drifts."""
    random = np.random.default_rng(0)
    measured = recorder(windows)
    for column in range(COLUMNS):
        psi = random.chisquare(10, windows) * 1e-3
        psi[:7] = np.nan
        if column == 0:
            psi[first : last + 1] = height
            psi[last + 1 :] = 0.01
        measured.add("psi_recent", psi, column=f"column {column}")
    return measured


@pytest.mark.parametrize(
    ("height", "last", "severity"),
    [(0.15, 59, Severity.INFO), (0.3, 59, Severity.WARNING), (0.3, 40, None)],
)
def test_drift_warns_only_where_it_is_large_and_lasts(
    height: float, last: int, severity: Severity | None
) -> None:
    found = found_in(drifted(height, last=last)).findings
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_one_window_of_large_drift_is_no_warning() -> None:
    measured = drifted(0.15)
    key = SeriesKey("psi_recent", "column 0")
    values = measured.series[key].values.copy()
    values[45] = 0.5
    measured.series[key] = replace(measured.series[key], values=values)
    assert only(found_in(measured)).severity is Severity.INFO


def test_drift_is_dated_and_measured_against_its_own_past() -> None:
    finding = only(found_in(drifted(0.3)))
    assert finding.key == SeriesKey("psi_recent", "column 0")
    assert (finding.detector, finding.shape, finding.side) == ("drift", Shape.STEP, 1)
    assert (finding.first, finding.raised, finding.last) == (40, 41, 59)
    assert finding.recovered is None
    assert finding.before < finding.usual_high < 0.03
    assert finding.now == 0.3
    assert "psi_recent of column 0 rose from 0.0" in finding.reason


def test_drift_that_is_over_says_since_when() -> None:
    finding = only(found_in(drifted(0.3, last=45)))
    assert (finding.first, finding.last, finding.recovered) == (40, 45, 46)
    assert not finding.stands


def test_columns_are_told_by_the_name_that_default_rules_have() -> None:
    judged = found_in(drifted(0.3)).judged_from
    assert set(judged) == {SeriesKey("psi", f"column {at}") for at in range(COLUMNS)}
    assert set(judged.values()) == {23}


def test_drift_of_a_holiday_is_not_judged() -> None:
    both = Choice(days_off=frozenset({40, 41}))
    assert found_in(drifted(0.3, last=41), both).findings == ()
    assert len(found_in(drifted(0.3, last=41)).findings) == 1


def test_columns_that_one_fault_changed_are_one_event() -> None:
    measured = drifted(0.3)
    for column in range(1, 5):
        key = SeriesKey("psi_recent", f"column {column}")
        series = measured.series[key]
        values = series.values.copy()
        values[40:] = 0.25
        measured.series[key] = replace(series, values=values)
    finding = only(found_in(measured))
    named = [key.column for key in (finding.key, *finding.also)]
    assert sorted(map(str, named)) == [f"column {at}" for at in range(5)]
