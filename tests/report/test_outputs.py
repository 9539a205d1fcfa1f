from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from report.build_result import declining, series
from wane.errors import UsageError
from wane.report.outputs import write_bytes, write_outputs

if TYPE_CHECKING:
    from pathlib import Path


def names(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_everything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    result = replace(series(), profiles={"reference": b"r", "2025-01-01T00:00:00Z": b"p"})
    written = write_outputs(result, out)
    assert written[0] == out / "report.html"
    assert names(out) == {
        *("report.html", "measurements.csv", "measurements.parquet", "alerts.json"),
        *("profiles/reference.profile", "profiles/2025-01-01T00_00_00Z.profile"),
    }
    assert {str(path.relative_to(out)) for path in written} == names(out)
    assert pq.read_table(out / "measurements.parquet").equals(result.measurements.to_arrow())
    alerts = json.loads((out / "alerts.json").read_text())["alerts"]
    assert [alert["metric"] for alert in alerts] == [a.key.metric for a in result.alerts]
    assert (out / "profiles/reference.profile").read_bytes() == b"r"


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    write_outputs(replace(series(), profiles={"old": b"1", "kept": b"1"}), tmp_path)
    (tmp_path / "mine.txt").write_text("stays")
    write_outputs(replace(series(), profiles={"kept": b"2"}), tmp_path)
    assert "profiles/old.profile" not in names(tmp_path)
    assert (tmp_path / "profiles/kept.profile").read_bytes() == b"2"
    assert (tmp_path / "mine.txt").read_text() == "stays"


def test_profile_names_cannot_leave_the_directory_or_meet(tmp_path: Path) -> None:
    profiles = {"../x": b"1", "a/b": b"2", "a:b": b"3", "": b"4", ".hidden": b"5"}
    out = tmp_path / "out"
    write_outputs(replace(series(), profiles=profiles), out)
    found = sorted((out / "profiles").iterdir())
    assert sorted(path.read_bytes() for path in found) == [b"1", b"2", b"3", b"4", b"5"]
    assert list(tmp_path.iterdir()) == [out]


def test_without_profiles_there_is_no_directory(tmp_path: Path) -> None:
    write_outputs(declining(), tmp_path)
    assert not (tmp_path / "profiles").exists()


def test_a_place_that_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"cannot write to .*file"):
        write_outputs(series(), tmp_path / "file")
    with pytest.raises(UsageError, match="cannot write"):
        write_bytes(tmp_path / "none" / "file", b"x")


def test_a_failed_write_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "alerts.json").mkdir()
    with pytest.raises(UsageError):
        write_outputs(series(), tmp_path)
    assert not [name for name in names(tmp_path) if name.startswith(".")]
