from dataclasses import replace
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from report import build_result as build
from report.drawing import classes, parse
from wane.report.chart_since_when import MEDIUM, NARROW, SMALL, WIDE, View, draw
from wane.report.result import Result
from wane.report.since_when import charted_metric, since_when

DRAWN = ("declining", "healthy", "without_labels", "by_rows", "regression", "series", "hostile")


def drawing(result: Result, view: View = WIDE) -> Element:
    key = charted_metric(result)
    assert key is not None
    chart = since_when(result, key)
    assert chart is not None
    return parse(draw(chart, view, "a finding"))


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("view", [WIDE, MEDIUM, NARROW, SMALL])
def test_every_text_lies_inside_the_drawing(name: str, view: View) -> None:
    root = drawing(build.ALL[name](), view)
    height = float(root.get("viewBox", "").split()[3])
    for text in root.iter("text"):
        size = len(text.text or "") * 6.6
        left = float(text.get("x", "nan")) - size * {"middle": 0.5, "end": 1.0}.get(
            text.get("text-anchor", ""), 0.0
        )
        assert left > -1, text.text
        assert left + size < view.width + 1, text.text
        assert 0 < float(text.get("y", "nan")) < height


def test_everything_is_there() -> None:
    found = classes(drawing(build.declining()))
    assert {"line", "band", "reference", "rule", "mark", "bar", "unusual", "tint", "grid"} <= found


def test_the_drawing_has_a_role_and_a_name() -> None:
    root = drawing(build.declining())
    assert root.get("role") == "img"
    assert root.get("aria-label") == "a finding"


def test_gaps_in_time_and_undefined_windows_break_the_line() -> None:
    for result in (build.regression(), build.by_rows()):
        line = next(part for part in drawing(result).iter("path") if part.get("class") == "line")
        assert line.get("d", "").count("M") == 2


def test_row_windows_are_labelled_with_row_numbers() -> None:
    labels = [text.text for text in drawing(build.by_rows()).iter("text")]
    assert "100,000" in labels


def test_a_single_window_is_a_dot() -> None:
    result = build.series()
    one = build.Recorder(result.measurements.windows[:1])
    one.add("accuracy", [0.9], margin=0.1)
    chart = since_when(_with(result, one), "accuracy")
    assert chart is not None
    root = parse(draw(chart, WIDE, "one"))
    assert "dot" in classes(root)


def test_thousands_of_windows_are_thinned() -> None:
    result = build.series()
    many = build.Recorder(build.days(6000))
    random = np.random.default_rng(1)
    many.add("accuracy", random.random(6000), margin=0.1)
    chart = since_when(_with(result, many), "accuracy")
    assert chart is not None
    assert len(draw(chart, WIDE, "many")) < 80_000
    assert len(draw(chart, NARROW, "many")) < 25_000


def test_a_constant_metric_is_a_line_in_the_drawing() -> None:
    result = build.series()
    flat = build.Recorder(build.days(5))
    flat.add("accuracy", [0.0] * 5)
    chart = since_when(_with(result, flat), "accuracy")
    assert chart is not None
    assert "NaN" not in draw(chart, WIDE, "flat")
    assert "nan" not in draw(chart, WIDE, "flat")


def _with(result: Result, recorder: build.Recorder) -> Result:
    return replace(result, measurements=recorder.measurements(), alerts=())
