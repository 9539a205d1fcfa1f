"""When predictions are asked for: the hours of the week, darker for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.report.numbers import format_value
from wane.report.svg import bar_path, element, join

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEVELS = 6
LEFT, CELL_HEIGHT = 34, 18
WIDTHS = {"wide": 1092, "medium": 690, "narrow": 330}


def draw(hours: NDArray[np.float64], view: str, label: str) -> Markup:
    """Seven rows of 24 cells.

    Args:
        hours: [7, 24] shares of rows, Monday first.
        view: A key of WIDTHS.
        label: What a screen reader says.
    """
    width = WIDTHS[view]
    cell = (width - LEFT) / 24
    levels = np.ceil(hours / (float(hours.max()) or 1.0) * LEVELS).astype(int)
    paths = (
        element("path", d=_cells(levels == level, cell), class_=f"heat heat{level}")
        for level in range(LEVELS + 1)
        if (levels == level).any()
    )
    days = (
        element("text", day, x=LEFT - 6, y=row * CELL_HEIGHT + 13, text_anchor="end")
        for row, day in enumerate(DAYS)
    )
    foot = 7 * CELL_HEIGHT + 16
    clock = (
        element("text", f"{hour}:00" if width > 400 else str(hour), x=LEFT + hour * cell, y=foot)
        for hour in range(0, 24, 3)
    )
    return element(
        "svg",
        join([*paths, *days, *clock]),
        class_=f"chart {view}",
        viewBox=f"0 0 {width} {foot + 6}",
        role="img",
        aria_label=label,
    )


def finding(hours: NDArray[np.float64]) -> str:
    """The busiest hour, and how much of the traffic comes at the weekend."""
    day, hour = divmod(int(np.argmax(hours)), 24)
    weekend = format_value(float(hours[5:].sum()), percent=True)
    return f"Busiest on {DAYS[day]} at {hour}:00; {weekend} of predictions come at the weekend"


def table(hours: NDArray[np.float64]) -> tuple[tuple[str, ...], ...]:
    """The day and its 24 shares as text, Monday first."""
    return tuple(
        (day, *(format_value(float(share), percent=True) for share in row))
        for day, row in zip(DAYS, hours, strict=True)
    )


def _cells(wanted: NDArray[np.bool_], cell: float) -> str:
    return "".join(
        bar_path(LEFT + hour * cell + 1, (day + 1) * CELL_HEIGHT - 1, cell - 2, CELL_HEIGHT - 2)
        for day, hour in np.argwhere(wanted)
    )
