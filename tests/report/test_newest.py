from __future__ import annotations

import numpy as np
import pytest

from report.build_result import ALL, declining, eventful
from wane.report.newest import last_window, newest_chart, newest_events, newest_measured, since_of
from wane.report.page import page, page_since
from wane.report.since_when import since_when
from wane.window import DAY


def test_a_range_begins_where_its_windows_do() -> None:
    result = declining(windows=60)
    windows = result.measurements.windows
    assert since_of(result, 7 * DAY) == windows[-7].start
    assert since_of(result, 7 * DAY + DAY // 2) == windows[-7].start
    assert since_of(result, 60 * DAY) is None
    assert since_of(result, 365 * DAY) is None


@pytest.mark.parametrize("name", ["by_rows", "no_data"])
def test_without_a_clock_there_is_no_range(name: str) -> None:
    assert since_of(ALL[name](), 7 * DAY) is None


def test_measurements_and_their_summary_are_those_of_the_range() -> None:
    result = declining(windows=60)
    since = result.measurements.windows[-10].start
    newest = newest_measured(result, since)
    assert newest.measurements.windows == result.measurements.windows[-10:]
    for key, series in result.measurements.series.items():
        if key.column is not None or key.segment is not None:
            continue
        np.testing.assert_array_equal(newest.measurements.series[key].values, series.values[-10:])
    accuracy = result.measurements.get("accuracy")
    assert accuracy is not None
    assert newest.summary["accuracy"].first == accuracy.values[-10]
    assert newest.summary["accuracy"].last == accuracy.values[-1]
    assert {alert.window.start >= since for alert in newest.alerts} == {True}


def test_events_that_were_over_before_are_left_out() -> None:
    result = eventful()
    windows = result.measurements.windows
    for since in (windows[0].start, windows[len(windows) // 2].start, windows[-1].start):
        kept = newest_events(result, since).found.findings
        assert kept == tuple(f for f in result.found.findings if windows[f.last].start >= since)
    assert len(newest_events(result, windows[-1].start).found.findings) < len(result.found.findings)


def test_a_chart_is_cut_off_at_its_begin() -> None:
    result = declining(windows=60)
    whole = since_when(result, "accuracy")
    assert whole is not None
    since = whole.windows[-7].start
    chart = newest_chart(whole, since)
    assert len(chart.windows) == len(chart.values) == len(chart.volume) == 7
    assert chart.values.tolist() == whole.values[-7:].tolist()
    assert all(span.start >= since for span in chart.spans)
    assert all(mark.at >= since for mark in chart.marks)
    assert all(change.earliest >= since for change in chart.changes)
    assert chart.reference is None


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_result_has_a_page_of_its_newest_window(name: str) -> None:
    result = ALL[name]()
    windows = result.measurements.windows
    if windows:
        shown = page_since(page(result), result, windows[-1].start)
        assert shown.header == page(result).header
        assert shown.tiles == page(result).tiles
        assert shown.chart is None or len(shown.chart.rows) == 1


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_last_window_is_the_newest_of_each_series(name: str) -> None:
    measurements = ALL[name]().measurements
    last = last_window(measurements)
    assert last.windows == measurements.windows[-1:]
    assert last.series.keys() == measurements.series.keys()
    assert list(last) == [
        measurements.at(series, len(measurements.windows) - 1)
        for series in measurements.series.values()
        if measurements.windows
    ]
