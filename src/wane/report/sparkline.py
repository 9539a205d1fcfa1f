"""A line the size of a word: the course of a number, without axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.report.runs import runs
from wane.report.scale import Linear
from wane.report.svg import element, line_path, number
from wane.report.thin import thin

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray

MOST_POINTS = 40


def draw(
    values: NDArray[np.float64],
    label: str | None = None,
    *,
    width: int = 100,
    height: int = 24,
    tone: str = "",
    from_zero: bool = False,
) -> Markup | None:
    """The course of `values` over the windows, gaps as gaps, a dot on the last one.

    Args:
        values: Shape [W]; NaN where undefined.
        label: What a screen reader says; None hides it, because the numbers stand beside it.
        width: In pixels of the drawing, which is stretched to its place.
        height: The same.
        tone: A CSS class.
        from_zero: Whether zero is the bottom (counts and shares).

    Returns:
        The drawing; None when nothing is defined.
    """
    kept = thin(values, MOST_POINTS)
    defined = np.flatnonzero(~np.isnan(values[kept]))
    if not len(defined):
        return None
    x = Linear(0, max(len(values) - 1, 1), 2, width - 3)
    y = _vertical(values, height, from_zero=from_zero)
    points = [(x(index), y(values[index])) for index in kept]
    unbroken = runs(np.zeros(len(kept), np.int64), ~np.isnan(values[kept]))
    path = "".join(line_path(points[first:end]) for first, end in unbroken if end - first > 1)
    dots = [first for first, end in unbroken if end - first == 1] + [int(defined[-1])]
    marks = "".join(
        f"M{number(points[dot][0])} {number(points[dot][1])}h0" for dot in dict.fromkeys(dots)
    )
    return element(
        "svg",
        element("path", d=path) if path else "",
        element("path", d=marks, class_="dot"),
        class_=f"spark {tone}".strip(),
        viewBox=f"0 0 {width} {height}",
        preserveAspectRatio="none",
        role="img" if label else None,
        aria_label=label,
        aria_hidden=None if label else "true",
    )


def _vertical(values: NDArray[np.float64], height: int, *, from_zero: bool) -> Linear:
    low = min(0.0, float(np.nanmin(values))) if from_zero else float(np.nanmin(values))
    high = float(np.nanmax(values))
    if high == low and from_zero:
        return Linear(low, low + 1, height - 3, 3)
    return Linear(low, high, height - 3, 3)
