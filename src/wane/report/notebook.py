"""The result inside a notebook: verdict, tiles and main chart, with a style that stays inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.report.environment import fill, style
from wane.report.page import page

if TYPE_CHECKING:
    from wane.report.result import Result


def render_inline(result: Result) -> str:
    """A fragment for `_repr_html_`: no ids, no script, every rule of the style under `.wane`."""
    return fill("notebook.html.j2", {"page": page(result), "style": style()})
