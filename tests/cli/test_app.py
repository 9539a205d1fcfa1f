from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from wane.cli import main
from wane.cli.app import run
from wane.errors import ConfigError, DataError, ProfileError

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("numpy", "scipy", "pyarrow", "duckdb", "jinja2", "pandas", "polars", "rich")


def python(code: str, *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)  # noqa: S603 - our own interpreter


@pytest.mark.parametrize(
    ("before", "banned"),
    [
        ("pass", (*HEAVY, "pydantic")),
        ("main(['--help'])", (*HEAVY, "pydantic")),
        ("main(['--version'])", (*HEAVY, "pydantic")),
        ("main(['check', '--help'])", HEAVY),  # typer itself loads pydantic to show types
    ],
)
def test_nothing_heavy_is_imported_before_a_command_runs(
    before: str, banned: tuple[str, ...]
) -> None:
    loaded = f"[name for name in {banned!r} if name in sys.modules]"
    found = python(
        f"import sys; from wane.cli import main; {before}; print({loaded}, file=sys.stderr)"
    )
    assert found.stderr.strip() == "[]"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in ("check", "series", "init", "export", "schema", "metrics"):
        assert f"  {command} " in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip().count(".") >= 2


ISSUE_FLAGS = (
    *("reference", "config", "timestamp", "id", "prediction", "score", "label", "features"),
    *("segment", "latency", "error", "version-column", "weight", "task", "every", "timezone"),
    *("where", "labels", "rule", "out", "format", "fail-on", "model"),
)


@pytest.mark.parametrize("flag", ISSUE_FLAGS)
def test_check_has_every_flag(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--help"])
    assert f"--{flag} " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["chek"], "Did you mean 'check'"),
        (["check", "x.csv", "--labl", "y"], "--label"),
        (["check"], "nothing to check"),
        (["check", "x.csv", "--format", "jsno"], "Did you mean 'json'?"),
        (["check", "x.csv", "--fail-on", "eror"], "--fail-on"),
        (["check", "x.csv", "--task", "binry"], "Did you mean 'binary'?"),
        (["check", "x.csv", "--every", "3 days"], "not a window size"),
        (["check", "x.csv", "--config", "none.toml"], "none.toml cannot be read"),
        (["check", "x.csv", "--rule", "f1 dorps 5%"], "Did you mean 'drops'?"),
        (["check", "x.csv", "--now", "yesterday"], "--now is not a time"),
        (["check", "x.csv", "--top-k", "ten"], "--top-k entry 1"),
        (["series", "x.csv", "--fail-on", "warnin"], "Did you mean 'warning'?"),
        (["schema", "resutl"], "Did you mean 'result'?"),
        (["metrics", "--format", "tabel"], "Did you mean 'table'?"),
        (["export", "x", "--format", "cvs"], "Did you mean 'csv'?"),
    ],
)
def test_usage_errors(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("key"), 2),
        (DataError("file"), 3),
        (ProfileError("bytes"), 4),
        (ZeroDivisionError("ten\nlines"), 4),
        (typer.Exit(1), 1),
        (SystemExit(), 0),
        (SystemExit("words"), 4),
    ],
)
def test_every_ending_is_an_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    application = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)

    @application.command()
    def fail() -> None:
        raise error

    assert run(application, []) == code
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    assert len(shown.splitlines()) <= 1


def test_debug_shows_the_way_to_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--debug"]) == 2
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert shown.splitlines()[-1].startswith("wane: nothing to check")


def test_a_reader_that_goes_away_is_nobodys_error() -> None:
    code = "from wane.cli import main; raise SystemExit(main(['schema', 'config']))"
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [(["--version"], 0, "."), (["chek"], 2, "Did you mean 'check'")],
)
def test_a_process_ends_when_all_is_said_and_tidied(words: list[str], code: int, said: str) -> None:
    ended = python(
        f"import atexit, sys; sys.argv[1:] = {words!r}; atexit.register(print, 'tidied'); "
        "from wane.cli import main; main(); print('too far')"
    )
    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr
    assert ended.stdout.endswith("tidied\n")


def test_ascii_output_does_not_fail(tmp_path: Path) -> None:
    code = (
        "import sys; sys.stdout.reconfigure(encoding='ascii'); "
        "sys.stderr.reconfigure(encoding='ascii'); from wane.cli import main; "
        "raise SystemExit(main(['check', 'x', '--every', 'über']))"
    )
    found = python(code, cwd=tmp_path)
    assert found.returncode == 2
    assert "not a window size" in found.stderr
