"""Reference and current distribution of one column in a small drawing.

The current rows are filled bars, the reference is an outline over them, so that the two are told
apart by form as well as by colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.report.svg import bar_path, element, number

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.diagnose.change import Bar

WIDTH, HEIGHT, TOP = 128, 32, 2
TALLEST = 3.0
"""A bar is cut off at this multiple of the third tallest, so that one spike hides nothing else."""


def draw(bars: tuple[Bar, ...], label: str | None = None) -> Markup | None:
    """Bars of the current rows under the outline of the reference rows.

    Args:
        bars: Left to right; their widths add up to 1. Heights are shares per width.
        label: What a screen reader says; None hides it.

    Returns:
        The drawing; None without bars or rows.
    """
    top = _tallest(bars)
    if top <= 0:
        return None
    total = sum(bar.width for bar in bars)
    scale = (WIDTH - 2) / total
    left, filled, outline = 1.0, "", ""
    for bar in bars:
        width = bar.width * scale
        gap = 1.0 if width > 4 else 0.0
        height = _height(bar.current, bar.width, top)
        if height:
            filled += bar_path(left + gap / 2, HEIGHT - 1, width - gap, height)
        if bar.reference is not None:
            y = number(HEIGHT - 1 - _height(bar.reference, bar.width, top))
            outline += f"{'V' if outline else f'M{number(left)} '}{y}H{number(left + width)}"
        left += width
    return element(
        "svg",
        element("path", d=filled, class_="cur"),
        element("path", d=outline, class_="ref") if outline else "",
        class_="histogram",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img" if label else None,
        aria_label=label,
        aria_hidden=None if label else "true",
    )


def _tallest(bars: tuple[Bar, ...]) -> float:
    heights = sorted(
        share / bar.width for bar in bars for share in (bar.current, bar.reference or 0.0)
    )
    if not heights:
        return 0.0
    usual = heights[-min(3, len(heights))]
    return min(heights[-1], usual * TALLEST) if usual > 0 else heights[-1]


def _height(share: float, width: float, top: float) -> float:
    """Pixels; what is there at all is at least half a pixel high."""
    room = HEIGHT - 1 - TOP
    return max(min(share / width / top, 1.0) * room, 0.5) if share > 0 else 0.0
