"""Two parts of a change as bars from zero, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.report.svg import element, number

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.diagnose.decomposition import Estimate
    from wane.report.scale import Linear

WIDTH, HEIGHT, EDGE, BAR = 220, 28, 4, 9


def draw(mix: Estimate, rates: Estimate, scale: Linear, label: str) -> Markup:
    """Both bars, the mix above.

    Args:
        mix: What other inputs add.
        rates: What other answers add.
        scale: From values to [EDGE, WIDTH - EDGE], with 0 in the middle.
        label: What a screen reader says.
    """
    zero = scale(0.0)
    parts = []
    for part, top, name in ((mix, 3, "mix"), (rates, 16, "rates")):
        left, right = sorted((zero, scale.clamped(part.value)))
        middle = top + BAR / 2
        whisker = f"M{number(scale.clamped(part.low))} {number(middle)}"
        parts += [
            element("rect", x=left, y=top, width=max(right - left, 0.5), height=BAR, class_=name),
            element("path", d=f"{whisker}H{number(scale.clamped(part.high))}", class_="interval"),
        ]
    axis = element("path", d=f"M{number(zero)} 0V{HEIGHT}", class_="grid")
    return element(
        "svg",
        axis,
        *parts,
        class_="parts",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=label,
    )
