"""The result as Markdown, for a pull request, a wiki or a job summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wane.report.digest import Table, digest
from wane.report.numbers import MINUS, SPACE
from wane.report.plain import printable

if TYPE_CHECKING:
    from wane.report.result import Result

SIGNS = re.compile(r"([\\`*_\[\]|~#!])")
HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
"""Entities instead of marks that would open a tag or call a person."""


def render(result: Result) -> str:
    """Heading, verdict, tables and facts; names from data cannot become markup."""
    said = digest(result)
    parts = [f"## {_safe(said.title)}", f"**{_safe(said.state)}**: {_safe(said.sentence)}"]
    parts += [_safe(text) for text in (said.advice, said.now) if text]
    parts += [_table(table) for table in said.tables]
    parts.append("\n".join(f"- {_safe(fact)}" for fact in (*said.facts, *result.notes)))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    marks = ["---:" if column in table.numbers else "---" for column in range(len(table.header))]
    lines = [_row(table.header), f"| {' | '.join(marks)} |"]
    lines += [_row([_safe(cell) for cell in row]) for row in table.rows]
    more = f"\n\n{_safe(table.left_out)}" if table.left_out else ""
    return f"### {table.title}\n\n" + "\n".join(lines) + more


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _safe(text: str) -> str:
    plain = printable(text).replace(MINUS, "-").replace(SPACE, " ")
    return SIGNS.sub(r"\\\1", plain).translate(HTML)
