from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import typer

from report.build_result import declining, healthy, series
from report.drawing import parse
from wane.cli.show import exit_code, finish
from wane.config import Settings, merge
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from pathlib import Path

NEVER = Settings(fail_on="never")


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        (Severity.CRITICAL, "critical", 1),
        (Severity.WARNING, "critical", 0),
        (Severity.WARNING, "warning", 1),
        (Severity.INFO, "info", 1),
        (Severity.INFO, "warning", 0),
        (Severity.CRITICAL, "never", 0),
    ],
)
def test_exit_codes(severity: Severity, fail_on: str, code: int) -> None:
    result = series()
    alerts = tuple(replace(alert, severity=severity) for alert in result.alerts)
    assert exit_code(replace(result, alerts=alerts), fail_on) == code
    assert exit_code(replace(result, alerts=()), fail_on) == 0


def test_alerts_end_with_code_one_after_printing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        finish(series(), Settings(), quiet=False)
    assert caught.value.exit_code == 1
    assert "accuracy" in capsys.readouterr().out


def test_data_on_stdout_words_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    finish(declining(), merge(NEVER, format="json"), quiet=False)
    shown = capsys.readouterr()
    assert json.loads(shown.out)["schema_version"] == 1
    assert "assumed: `p` is the score" in shown.err
    assert "note: 12 ids occur twice" in shown.err


def test_quiet_says_nothing_on_stderr(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    finish(declining(), merge(NEVER, format="json", out=str(tmp_path)), quiet=True)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("form", "start"),
    [("table", "credit-risk: "), ("md", "## credit-risk"), ("github", "::error title=")],
)
def test_formats(form: str, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    finish(declining(), merge(NEVER, format=form), quiet=True)
    assert capsys.readouterr().out.startswith(start)


def test_junit_is_xml(capsys: pytest.CaptureFixture[str]) -> None:
    finish(declining(), merge(NEVER, format="junit"), quiet=True)
    assert parse(capsys.readouterr().out).tag == "testsuites"


def test_the_table_says_where_the_report_lies(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    finish(healthy(), Settings(out=str(tmp_path / "out")), quiet=False)
    assert f"Report: {tmp_path / 'out' / 'report.html'}" in capsys.readouterr().out
    finish(healthy(), Settings(out=str(tmp_path / "out"), format="md"), quiet=False)
    shown = capsys.readouterr()
    assert "Report:" not in shown.out
    assert "report.html" in shown.err
