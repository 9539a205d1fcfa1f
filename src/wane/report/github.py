"""The result as GitHub workflow commands, which show up as annotations of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.report.firings import firings
from wane.report.numbers import format_date
from wane.report.plain import printable

if TYPE_CHECKING:
    from wane.report.firings import Firing
    from wane.report.result import Result

COMMANDS = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
"""As the runner's own toolkit escapes them: actions/toolkit, packages/core/src/command.ts."""


def render(result: Result) -> str:
    """One annotation per rule and series that fired, or event; most severe first; the verdict."""
    lines = [_annotation(firing) for firing in firings(result.alerts)]
    verdict = f"{result.verdict.state}: {result.verdict.sentence}"
    return "\n".join([*lines, _command("notice", f"wane {result.model}", verdict)]) + "\n"


def _annotation(firing: Firing) -> str:
    latest = firing.latest
    if firing.finding is not None:
        return _command(COMMANDS[latest.severity], firing.name, latest.reason)
    since = format_date(firing.first.window, year=True)
    often = f"; in {firing.often} since {since}" if firing.windows > 1 else ""
    message = f"{format_date(latest.window, year=True)}: {latest.reason}{often}"
    return _command(COMMANDS[latest.severity], firing.name, message)


def _command(name: str, title: str, message: str) -> str:
    return (
        f"::{name} title={_lines_apart(title).translate(PROPERTY)}"
        f"::{_lines_apart(message).translate(MESSAGE)}"
    )


def _lines_apart(text: str) -> str:
    """Text without acting characters, line ends apart, which the escaping keeps."""
    return "\n".join(printable(line) for line in text.split("\n"))
