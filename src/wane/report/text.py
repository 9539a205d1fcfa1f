"""The result as a table for a terminal, as wide as it is, in colour only when asked for."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING

from wane.report.digest import Digest, digest, mapped
from wane.report.layout import table_lines
from wane.report.numbers import MINUS, SPACE
from wane.report.plain import printable, to_ascii
from wane.report.words import readable

if TYPE_CHECKING:
    from wane.report.result import Result

NARROWEST = 40
ASCII_CUT = "~"
"""Stands for the ellipsis in names that were cut, at the same width."""
RED, YELLOW, GREEN, BOLD, RESET = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
COLOURS = {
    "healthy": GREEN,
    "needs attention": YELLOW,
    "broken": RED,
    "critical": RED,
    "warning": YELLOW,
}


def render(result: Result, *, width: int = 100, unicode: bool = True, colour: bool = False) -> str:
    """A screenful: verdict, current value, changes, alerts, what changed, rows.

    Args:
        result: What a run found.
        width: Columns of the terminal; at least 40 are taken.
        unicode: Whether the output knows more than ASCII.
        colour: Whether to mark states and severities with ANSI colours.

    Returns:
        Lines that end with a line feed. Control characters in names are spelled out, so that
        data cannot act on the terminal.
    """
    said = mapped(digest(result), partial(_clean, unicode=unicode))
    text = "\n".join(_lines(said, max(width, NARROWEST))) + "\n"
    text = text if unicode else text.replace("…", ASCII_CUT)
    return _coloured(text) if colour else text


def _clean(text: str, *, unicode: bool) -> str:
    """One piece of text as this terminal can show it, before it is laid out."""
    plain = readable(printable(text)).replace(MINUS, "-").replace(SPACE, " ")
    return plain if unicode else to_ascii(plain)


def _lines(said: Digest, width: int) -> list[str]:
    lines = [said.title, "", *_wrapped(f"{said.state.upper()}: {said.sentence}", width)]
    lines += [*_wrapped(said.advice, width), *_wrapped(said.now, width)]
    for table in said.tables:
        lines += ["", table.title, *table_lines(table, width)]
        lines += [f"  {table.left_out}"] if table.left_out else []
    return [*lines, "", *(line for fact in said.facts for line in _wrapped(fact, width))]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _coloured(text: str) -> str:
    """Colour on the first word of a verdict, on severities, and bold on the title."""
    lines = text.split("\n")
    lines[0] = f"{BOLD}{lines[0]}{RESET}"
    return "\n".join(_coloured_line(line) for line in lines)


def _coloured_line(line: str) -> str:
    for word, colour in COLOURS.items():
        for form in (f"{word.upper()}:", f"  {word} "):
            start = line.find(form)
            if start >= 0:
                end = start + len(form)
                return f"{line[:start]}{colour}{form}{RESET}{line[end:]}"
    return line
