"""A very small SVG writer: elements are text that is already safe; escaping happens here only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither XML nor UTF-8 can carry."""


def element(tag: str, *children: str, **attributes: str | float | None) -> Markup:
    """One element.

    Args:
        tag: Its name, of ours: it is not escaped, nor are the names of attributes.
        children: Markup is taken as it is, plain text is escaped.
        attributes: `class_` becomes class, `aria_label` becomes aria-label; None is left out;
            numbers are rounded to one decimal.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup(f"<{tag}{written}/>")  # noqa: S704 - written is escaped
    content = join(escape(printable(child)) for child in children)
    return Markup(f"<{tag}{written}>{content}</{tag}>")  # noqa: S704 - so is content


def join(parts: Iterable[Markup]) -> Markup:
    """Elements one after the other."""
    return Markup("").join(parts)


def printable(text: str) -> str:
    """The text with characters that no page can carry replaced by U+FFFD; markup stays markup."""
    return type(text)(UNPRINTABLE.sub("\ufffd", text))


def number(value: float) -> str:
    """A coordinate: one decimal at most, which is a tenth of a pixel."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def line_path(points: Iterable[tuple[float, float]]) -> str:
    """The `d` of a line through the points; empty for none."""
    pairs = [f"{number(x)} {number(y)}" for x, y in points]
    return f"M{'L'.join(pairs)}" if pairs else ""


def bar_path(x: float, y: float, width: float, height: float) -> str:
    """The `d` of a rectangle that stands on y and goes up by `height`."""
    return f"M{number(x)} {number(y)}v{number(-height)}h{number(width)}v{number(height)}z"


def _value(value: str | float) -> str:
    """Escaped, as markup is that stands in an attribute."""
    return escape(printable(value)) if isinstance(value, str) else number(value)
