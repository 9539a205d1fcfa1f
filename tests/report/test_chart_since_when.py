from dataclasses import replace
from xml.etree.ElementTree import Element

import numpy as np
import pytest

from report import build_result as build
from report.drawing import classes, parse
from wane.report.chart_since_when import (
    MEDIUM,
    MOST_LETTERS,
    NARROW,
    SLIM,
    SMALL,
    WIDE,
    View,
    draw,
)
from wane.report.result import Result
from wane.report.since_when import charted_metric, since_when

DRAWN = (
    "declining",
    "eventful",
    "late",
    "estimated",
    "unlabelled",
    "taken_apart",
    "learning",
    "healthy",
    "without_labels",
    "by_rows",
    "regression",
    "series",
    "hostile",
)


def drawing(result: Result, view: View = WIDE) -> Element:
    key = charted_metric(result)
    assert key is not None
    chart = since_when(result, key)
    assert chart is not None
    return parse(draw(chart, view, "a finding"))


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("view", [WIDE, MEDIUM, NARROW, SMALL, SLIM])
def test_every_text_lies_inside_the_drawing(name: str, view: View) -> None:
    root = drawing(build.ALL[name](), view)
    _, top, _, height = (float(part) for part in root.get("viewBox", "").split())
    for text in root.iter("text"):
        size = len(text.text or "") * 6.6
        left = float(text.get("x", "nan")) - size * {"middle": 0.5, "end": 1.0}.get(
            text.get("text-anchor", ""), 0.0
        )
        assert left > -1, text.text
        assert left + size < view.width + 1, text.text
        assert top < float(text.get("y", "nan")) < top + height


def test_everything_is_there() -> None:
    found = classes(drawing(build.declining()))
    assert {"line", "band", "reference", "rule", "mark", "bar", "unusual", "tint", "grid"} <= found


def test_corrected_values_are_open_marks_on_a_broken_line() -> None:
    root = drawing(build.late())
    rings = [part for part in root.iter("circle") if part.get("class") == "adjusted"]
    assert len(rings) == 3
    (line,) = [part for part in root.iter("path") if part.get("class") == "adjusted"]
    assert line.get("d", "").count("L") == 2
    assert "adjusted" not in classes(drawing(build.declining()))


def test_what_is_estimated_has_a_style_of_its_own() -> None:
    """Open squares on a broken line between the ends of its interval, beside the solid line."""
    root = drawing(build.estimated())
    squares = [part for part in root.iter("rect") if part.get("class") == "estimated"]
    assert len(squares) == 4
    (line,) = [part for part in root.iter("path") if part.get("class") == "estimated"]
    assert line.get("d", "").count("L") == 3
    (doubt,) = [part for part in root.iter("path") if part.get("class") == "doubt"]
    assert doubt.get("d", "").count("M") == 2
    assert "line" in classes(root)
    assert not {"estimated", "doubt"} & classes(drawing(build.late()))


def test_where_no_label_is_known_no_line_is_drawn_as_known() -> None:
    found = classes(drawing(build.unlabelled()))
    assert {"estimated", "doubt"} <= found
    assert not {"line", "band"} & found


def test_new_versions_are_marked_where_they_begin() -> None:
    """A dotted line each, with the name beside it; none where no version is new."""
    root = drawing(build.taken_apart())
    lines = [part for part in root.iter("path") if part.get("class") == "release"]
    names = [part.text for part in root.iter("text") if part.get("class") == "on release"]
    assert len(lines) == 2
    assert names[0] == "2026.10.1"
    assert len(names[1] or "") <= MOST_LETTERS
    assert "release" not in classes(drawing(build.declining()))


def test_what_is_usual_and_since_when_it_changed_are_drawn() -> None:
    root = drawing(build.eventful())
    assert {"usual", "began", "since"} <= classes(root)
    usual = next(part for part in root.iter("path") if part.get("class") == "usual")
    assert usual.get("d", "").count("M") == 2
    assert "since 9\u00a0Oct" in [text.text for text in root.iter("text")]


@pytest.mark.parametrize("view", [WIDE, NARROW])
def test_a_standing_change_is_held_to_the_right_edge(view: View) -> None:
    root = drawing(build.eventful(), view)
    line = next(part for part in root.iter("path") if part.get("class") == "since")
    assert line.get("d", "").endswith(f"H{view.width - 8}")


def test_the_scale_shows_what_is_usual_but_not_what_is_far_off() -> None:
    result = build.eventful()
    usual = result.found.usual[build.ACCURACY]
    far = replace(usual, low=usual.low - 9)
    wild = replace(result, found=replace(result.found, usual={build.ACCURACY: far}))
    parts = {part.get("class"): part.get("d", "") for part in drawing(wild).iter("path")}
    assert parts["usual"].count("M") == 1


@pytest.mark.parametrize("view", [WIDE, MEDIUM, NARROW, SMALL, SLIM])
@pytest.mark.parametrize("seed", range(4))
def test_no_label_of_a_level_lies_on_the_curve(view: View, seed: int) -> None:
    random = np.random.default_rng(seed)
    recorder = build.Recorder(build.days(60))
    values = 0.8 + 0.1 * random.standard_normal(60)
    recorder.add("accuracy", values)
    result = _with(build.series(), recorder)
    chart = since_when(replace(result, rules=("accuracy < 0.8", "accuracy < 0.78")), "accuracy")
    assert chart is not None
    root = parse(draw(chart, view, "a finding"))
    line = next(part.get("d", "") for part in root.iter("path") if part.get("class") == "line")
    points = np.array([pair.split() for pair in line.lstrip("M").split("L")], dtype=float)
    fine = np.linspace(points[0, 0], points[-1, 0], 2000)
    course = np.interp(fine, points[:, 0], points[:, 1])
    labels = [text for text in root.iter("text") if "rule" in text.get("class", "")]
    assert len(labels) == 2
    for text in labels:
        x, y = float(text.get("x", "nan")), float(text.get("y", "nan"))
        under = (fine > x) & (fine < x + 6.6 * len(text.text or ""))
        assert not (under & (course > y - 10) & (course < y + 2)).any()


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
