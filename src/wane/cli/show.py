"""How a run ends: files, log, the result on stdout, the exit code."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import typer

from wane.cli.say import emit, knows_unicode, log
from wane.detect.severity import Severity
from wane.report import github, json_report, junit, markdown, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wane.config import Settings
    from wane.report.result import Result

FORMATS: Mapping[str, Callable[[Result], str]] = {
    "json": lambda result: json_report.render(result) + "\n",
    "md": markdown.render,
    "junit": junit.render,
    "github": github.render,
}
ALERTS = 1
PIPED_WIDTH = 120


def finish(result: Result, settings: Settings, *, quiet: bool) -> None:
    """Write --out, log what was assumed, print the result.

    Raises:
        typer.Exit: With code 1, when an alert is at or above `fail_on`.
        UsageError: --out cannot be written.
    """
    if not quiet:
        log([f"assumed: {sentence}" for sentence in result.assumptions])
        log([f"note: {sentence}" for sentence in result.notes])
    written = _write(result, settings.out)
    emit(_rendered(result, settings.format))
    if settings.format == "table" and written:
        emit(f"Report: {written}\n")
    elif written and not quiet:
        log([f"report: {written}"])
    code = exit_code(result, settings.fail_on)
    if code:
        raise typer.Exit(code)


def exit_code(result: Result, fail_on: str) -> int:
    """0, or 1 when an alert is at least as severe as `fail_on` ("never": always 0)."""
    if fail_on == "never":
        return 0
    least = Severity(fail_on).rank
    return ALERTS if any(alert.severity.rank >= least for alert in result.alerts) else 0


def width() -> int:
    """Columns that stdout has; what goes into a pipe gets as many as read well."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED_WIDTH


def _rendered(result: Result, form: str) -> str:
    if form in FORMATS:
        return FORMATS[form](result)
    terminal = sys.stdout.isatty()
    return text.render(
        result,
        width=width(),
        unicode=knows_unicode(sys.stdout.encoding),
        colour=terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
    )


def _write(result: Result, directory: str | None) -> str | None:
    """Path of the report, when an output directory is wanted."""
    if directory is None:
        return None
    from wane.report.outputs import write_outputs

    return str(write_outputs(result, directory)[0])
