"""What a run leaves in alerts.json is read back as it was; what is no such file is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from report.build_result import ALL
from wane.errors import SourceError
from wane.report.alerts_file import NAME, render
from wane.report.earlier import of_directory, of_result

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", [name for name in ALL if name != "large"])
def test_what_was_written_is_read_back(name: str, tmp_path: Path) -> None:
    result = ALL[name]()
    (tmp_path / NAME).write_text(render(result), encoding="utf-8")
    told = of_result(result)
    plain = tuple(replace(alert, finding=None) for alert in told.alerts)
    assert of_directory(tmp_path) == replace(told, alerts=plain)


def test_before_the_first_run_there_is_nothing(tmp_path: Path) -> None:
    assert of_directory(tmp_path) is None
    assert of_directory(tmp_path / "not there") is None


GOOD = json.loads(render(ALL["declining"]()))


def spoilt(**changed: object) -> str:
    first = {**GOOD["alerts"][0], **changed}
    return json.dumps({**GOOD, "alerts": [first]})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ("[" * 100_000, "Invalid JSON"),
        ("[]", "object"),
        (json.dumps({**GOOD, "schema_version": 2}), "schema_version"),
        (json.dumps({**GOOD, "model": None}), "model"),
        (json.dumps({key: value for key, value in GOOD.items() if key != "alerts"}), "alerts"),
        (spoilt(severity="terrible"), "alerts.0.severity"),
        (spoilt(window_start="soon"), "alerts.0.window_start"),
        (spoilt(window_start="2026-10-09"), "alerts.0.window_start"),
        (spoilt(value="much"), "alerts.0.value"),
        (spoilt(value=0.5).replace("0.5,", "1e999,"), "alerts.0.value"),
        (spoilt(n=-1), "alerts.0.n"),
    ],
)
def test_what_is_not_such_a_file_is_refused(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="is not the alerts of an earlier run") as refused:
        of_directory(tmp_path)
    assert told in str(refused.value)
    assert refused.value.__cause__ is not None


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"model": "\xff"}')
    with pytest.raises(SourceError):
        of_directory(tmp_path)


def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(SourceError, match=r"alerts\.json cannot be read"):
        of_directory(tmp_path)


def test_keys_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    later = {**GOOD, "new": 1, "alerts": [{**alert, "new": 1} for alert in GOOD["alerts"]]}
    (tmp_path / NAME).write_text(json.dumps(later), encoding="utf-8")
    assert of_directory(tmp_path) == of_result(ALL["declining"]())
