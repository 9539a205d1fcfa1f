from __future__ import annotations

import pytest

from report.build_result import ALL, declining
from wane.report.column_charts import column_charts


def test_every_metric_of_a_column_is_told_once() -> None:
    result = declining()
    found = column_charts(result.measurements.to_arrow(), "income", "UTC")
    metrics = {key.metric for key in result.measurements.series if key.column == "income"}
    assert metrics
    assert len(found.charts) + len(found.steady) == len(metrics)
    assert found.charts[0].title.startswith("PSI")
    for chart in found.charts:
        assert len(chart.drawings) == 2
        assert all("<svg" in drawing for drawing in chart.drawings)


def test_a_column_that_was_not_measured_has_none() -> None:
    found = column_charts(declining().measurements.to_arrow(), "nobody", "UTC")
    assert found.charts == ()
    assert found.steady == ()


@pytest.mark.parametrize("name", ["hostile", "undefined", "without_labels"])
def test_names_and_gaps_do_no_harm(name: str) -> None:
    result = ALL[name]()
    table = result.measurements.to_arrow()
    for column in {key.column for key in result.measurements.series if key.column}:
        for chart in column_charts(table, column, "Europe/Vienna").charts:
            assert not any("<script" in drawing or "nan" in drawing for drawing in chart.drawings)
