from report.build_result import declining, segments
from report.drawing import parse
from wane.diagnose.segment import SegmentChange
from wane.report import dumbbell
from wane.report.scale import Linear
from wane.report.segments import finding, segment_rows


def test_reference_and_now_are_different_marks() -> None:
    scale = Linear(0.8, 1.0, dumbbell.EDGE, dumbbell.WIDTH - dumbbell.EDGE)
    drawn = dumbbell.draw(segments()[0], scale, "worse", "mobile")
    assert drawn is not None
    root = parse(drawn)
    assert [found.get("class") for found in root.iter("circle")] == ["ref", "cur"]
    assert root.get("aria-label") == "mobile"


def test_undefined_is_not_drawn() -> None:
    undefined = SegmentChange("a=b", 3, "accuracy", 0.9, None, None, None, "no labels")
    assert dumbbell.draw(undefined, Linear(0, 1, 0, 1), "same", "") is None


def test_an_interval_outside_the_scale_is_cut_off() -> None:
    scale = Linear(0.8, 1.0, dumbbell.EDGE, dumbbell.WIDTH - dumbbell.EDGE)
    wide = SegmentChange("a=b", 31, "accuracy", 0.9, 0.9, 0.1, 0.99)
    drawn = dumbbell.draw(wide, scale, "same", "")
    assert drawn is not None
    assert f"M{dumbbell.EDGE} 10H" in drawn


def test_small_segments_are_grey_and_undefined_ones_say_why() -> None:
    rows = {row.segment: row for row in segment_rows(declining())}
    assert rows["channel=phone"].is_small
    assert not rows["channel=mobile"].is_small
    assert rows["region=islands"].reason == "no labels in this segment"
    assert rows["region=islands"].drawing is None


def test_the_title_names_the_worst_segment() -> None:
    assert "channel=mobile" in finding(declining())
