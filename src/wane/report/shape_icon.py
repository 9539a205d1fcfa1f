"""The shape of an event as a picture the size of a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.shape import Shape
from wane.report.svg import element, line_path

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, HEIGHT = 26, 14
WORDS = {
    Shape.SPIKE: "spike",
    Shape.STEP: "sudden step",
    Shape.RAMP: "gradual change",
    Shape.SEASON: "season gone",
}
COURSES = {
    Shape.SPIKE: ((1, 12), (9, 12), (13, 2), (17, 12), (25, 12)),
    Shape.STEP: ((1, 12), (13, 12), (13, 3), (25, 3)),
    Shape.RAMP: ((1, 12), (9, 12), (25, 2)),
    Shape.SEASON: ((1, 7), (3, 2), (6, 12), (9, 2), (12, 12), (14, 7), (25, 7)),
}
"""Corners of a rise; a fall is the same upside down."""


def draw(shape: Shape, side: int) -> Markup:
    """The course of such a change; hidden from screen readers, as its word stands beside it.

    Args:
        shape: What kind of change.
        side: 1 for a rise, -1 for a fall.
    """
    course = [(x, y if side > 0 else HEIGHT - y) for x, y in COURSES[shape]]
    return element(
        "svg",
        element("path", d=line_path(course)),
        class_="shape",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        aria_hidden="true",
    )
