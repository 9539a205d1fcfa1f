from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from report.build_result import ALL
from wane.cli import main
from wane.report import json_report
from wane.report.outputs import write_outputs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["series", "by_rows", "hostile"])
def test_a_run_goes_out_as_it_came(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = ALL[name]()
    write_outputs(result, tmp_path / "out")
    (tmp_path / "result.json").write_text(json_report.render(result), encoding="utf-8")
    table = result.measurements.to_arrow()
    for run in (tmp_path / "out", tmp_path / "out/measurements.parquet", tmp_path / "result.json"):
        assert main(["export", str(run), "--format", "csv"]) == 0
        rows = list(csv.reader(io.StringIO(capsys.readouterr().out, newline="")))
        assert len(rows) == table.num_rows + 1
        assert main(["export", str(run), "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["measurements"] == json_report.as_object(result)["measurements"]
        target = tmp_path / "again.parquet"
        assert main(["export", str(run), "--format", "parquet", "--to", str(target)]) == 0
        assert pq.read_table(target).equals(table)


def test_a_written_export_reads_again(tmp_path: Path) -> None:
    write_outputs(ALL["series"](), tmp_path)
    again = tmp_path / "again.json"
    assert main(["export", str(tmp_path), "--format", "json", "--to", str(again)]) == 0
    assert main(["export", str(again), "--format", "csv", "--to", str(tmp_path / "a.csv")]) == 0
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "measurements.csv").read_text()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", b"{"),
        ("x.json", b"[]"),
        ("x.json", b'{"measurements": [{}]}'),
        ("x.json", b'{"measurements": 3}'),
        ("x.json", b'{"measurements": [{"window_start": "noon"}]}'),
        ("x.json", b"\xff"),
        ("x.parquet", b"PAR1"),
        ("none", None),
    ],
)
def test_what_is_no_run_is_a_data_error(
    name: str, content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["export", str(tmp_path / name)]) == 3
    assert "is not a run of wane" in capsys.readouterr().err


def test_an_empty_directory_and_another_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path)]) == 3
    pq.write_table(ALL["series"]().measurements.to_arrow().select(["value"]), tmp_path / "x")
    assert main(["export", str(tmp_path / "x")]) == 3
    assert "does not hold measurements" in capsys.readouterr().err


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    write_outputs(ALL["series"](), tmp_path)
    assert main(["export", str(tmp_path), "--to", str(tmp_path / "none/x.csv")]) == 2
