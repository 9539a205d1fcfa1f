"""Laying out a table in columns of a fixed width."""

from __future__ import annotations

import textwrap
import unicodedata
from itertools import zip_longest
from typing import TYPE_CHECKING

from wane.report.words import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.report.digest import Table

INDENT = "  "
GAP = "  "
WIDEST = 34
"""Of any column but the last; longer names are cut in the middle."""
NARROWEST_LAST = 24


def table_lines(table: Table, width: int) -> list[str]:
    """Header and rows; the last column takes what is left and is wrapped.

    Args:
        table: What to show; its texts are already harmless.
        width: Columns of the terminal.
    """
    cells = [table.header, *table.rows]
    heads = [[shorten(cell, WIDEST) for cell in row[:-1]] for row in cells]
    widths = [max(map(display_width, column)) for column in zip(*heads, strict=True)]
    used = len(INDENT) + sum(widths) + len(GAP) * len(widths)
    room = max(width - used, NARROWEST_LAST)
    last_width = max(min(display_width(row[-1]), room) for row in cells)
    lines: list[str] = []
    for head, row in zip(heads, cells, strict=True):
        last = textwrap.wrap(row[-1], room) or [""]
        columns = [[cell] for cell in head] + [last]
        lines += [
            _line(parts, [*widths, last_width], table.numbers)
            for parts in zip_longest(*columns, fillvalue="")
        ]
    return lines


def display_width(text: str) -> int:
    """Columns a text takes on a terminal: East Asian wide letters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def _line(parts: Sequence[str], widths: Sequence[int], numbers: frozenset[int]) -> str:
    padded = [
        _padded(part, width, right=column in numbers)
        for column, (part, width) in enumerate(zip(parts, widths, strict=True))
    ]
    return f"{INDENT}{GAP.join(padded)}".rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * max(0, width - display_width(text))
    return f"{space}{text}" if right else f"{text}{space}"
