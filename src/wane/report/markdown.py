"""The result as Markdown, for a pull request, a wiki or a job summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wane.report.digest import Table, digest, mapped
from wane.report.numbers import MINUS, SPACE
from wane.report.plain import printable
from wane.report.words import readable

if TYPE_CHECKING:
    from wane.report.result import Result

SIGNS = re.compile(r"([\\`*_\[\]|~#!])")
HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
"""Entities instead of marks that would open a tag or call a person."""


def render(result: Result) -> str:
    """Heading, verdict, tables and facts; names from data cannot become markup."""
    said = mapped(digest(result), escaped)
    parts = [f"## {said.title}", f"**{said.state}**: {said.sentence}"]
    parts += [text for text in (said.advice, said.now) if text]
    parts += [table_text(table) for table in said.tables]
    parts.append("\n".join(f"- {fact}" for fact in (*said.facts, *map(escaped, result.notes))))
    return "\n\n".join(parts) + "\n"


def table_text(table: Table) -> str:
    """A heading and a Markdown table; its texts are already escaped."""
    marks = ["---:" if column in table.numbers else "---" for column in range(len(table.header))]
    lines = [_row(table.header), f"| {' | '.join(marks)} |"]
    lines += [_row(row) for row in table.rows]
    more = f"\n\n{table.left_out}" if table.left_out else ""
    return f"### {table.title}\n\n" + "\n".join(lines) + more


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    plain = readable(printable(text)).replace(MINUS, "-").replace(SPACE, " ")
    return SIGNS.sub(r"\\\1", plain).translate(HTML)
