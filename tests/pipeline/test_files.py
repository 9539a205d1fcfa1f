"""Files of every kind, also broken ones, through the command line."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

import wane
from build_log import log
from sound import sound
from wane.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
ROWS = 400
LOG = log(4, 100, seed=2)
NASTY = 'a"; drop table x; --'

Run = tuple[int, dict[str, Any], str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """`wane check` on a file or glob of the test's directory: exit code, JSON, log."""

    def check(name: str, *words: str) -> Run:
        path = str(tmp_path / name)
        command = ["check", path, *words, "--now", "2026-11-22", "--format", "json"]
        code = main([*command, "--fail-on", "never"])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, sound(out) if code == 0 else {}, err

    return check


@pytest.fixture(scope="module")
def measurements() -> list[Any]:
    """Those of the rows in memory."""
    found: list[Any] = sound(wane.check(LOG, now=NOW).to_json())["measurements"]
    return found


def csv_lines(table: pa.Table = LOG) -> list[str]:
    sink = pa.BufferOutputStream()
    pc.write_csv(table, sink)
    return str(sink.getvalue().to_pybytes(), "utf-8").splitlines()


def write_csv(path: Path, table: pa.Table = LOG) -> None:
    path.write_text("\n".join(csv_lines(table)) + "\n")


def write_tsv(path: Path) -> None:
    pc.write_csv(LOG, path, pc.WriteOptions(delimiter="\t"))


def write_ndjson(path: Path) -> None:
    rows = [row | {"timestamp": row["timestamp"].isoformat()} for row in LOG.to_pylist()]
    path.write_text("\n".join(map(json.dumps, rows)))


def write_arrow(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, LOG.schema) as writer:
        writer.write_table(LOG)


def write_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress("\n".join(csv_lines()).encode()))


def write_parquet(path: Path) -> None:
    pq.write_table(LOG, path)


WRITERS = {
    "log.csv": write_csv,
    "log.tsv": write_tsv,
    "log.ndjson": write_ndjson,
    "log.arrow": write_arrow,
    "log.csv.gz": write_gzip,
    "log.parquet": write_parquet,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_result(
    name: str, run: Callable[..., Run], tmp_path: Path, measurements: list[Any]
) -> None:
    WRITERS[name](tmp_path / name)
    code, found, _ = run(name)
    assert code == 0
    assert found["rows"] == {"read": ROWS, "used": ROWS, "rejected": []}
    assert found["measurements"] == measurements


@pytest.mark.parametrize("name", ["part-*.parquet", "."])
def test_globs_and_directories_are_one_log(
    name: str, run: Callable[..., Run], tmp_path: Path, measurements: list[Any]
) -> None:
    for part in range(4):
        pq.write_table(LOG.slice(part * 100, 100), tmp_path / f"part-{part}.parquet")
    _, found, _ = run(name)
    assert found["rows"]["used"] == ROWS
    assert found["measurements"] == measurements


SINK = pa.BufferOutputStream()
pq.write_table(LOG, SINK)
PARQUET = SINK.getvalue().to_pybytes()
NOISE = random.Random(5).randbytes(4000)  # noqa: S311 - no secret
BROKEN = {
    "empty.csv": b"",
    "empty.parquet": b"",
    "empty.ndjson": b"",
    "header.csv": b"timestamp,age,label\n",
    "cut.parquet": PARQUET[: len(PARQUET) // 2],
    "noise.parquet": NOISE,
    "framed.parquet": b"PAR1" + NOISE + b"PAR1",
    "noise.arrow": NOISE,
    "noise.csv": NOISE,
    "noise.ndjson": NOISE,
    "cut.csv.gz": gzip.compress("\n".join(csv_lines()).encode())[:2000],
    "notes.docx": b"words",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_line_that_names_it(
    name: str, run: Callable[..., Run], tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])
    code, _, err = run(name)
    assert code == 3
    assert name in err
    assert err.startswith("wane: ")
    assert len(err.splitlines()) == 1
    assert "expected" in err


def test_bits_that_flipped_do_not_take_the_process_down(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    for seed in range(2):
        damaged = bytearray(PARQUET)
        for place in random.Random(seed).sample(range(4, len(damaged) // 2), 60):  # noqa: S311
            damaged[place] ^= 255
        (tmp_path / "bits.parquet").write_bytes(bytes(damaged))
        code, _, err = run("bits.parquet")
        assert code in (0, 3)
        assert code == 0 or "bits.parquet" in err


def test_a_missing_column_is_named_with_what_was_meant(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    write_parquet(tmp_path / "log.parquet")
    for flag, role in (("--label", "the label"), ("--features", "a feature")):
        code, _, err = run("log.parquet", flag, "labl")
        assert code == 3
        assert f"has no column 'labl', named as {role}" in err
        assert "Did you mean 'label'?" in err


def test_ragged_lines_are_counted(run: Callable[..., Run], tmp_path: Path) -> None:
    lines = csv_lines()
    lines[10] += ",one,two"
    lines[20] = "2026-11-01 00:00:00Z,3"
    (tmp_path / "log.csv").write_text("\n".join(lines))
    code, found, _ = run("log.csv")
    assert code == 0
    assert found["rows"]["used"] == ROWS - 2
    assert sum(one["count"] for one in found["rows"]["rejected"]) == 2


def test_a_few_cells_that_are_no_numbers_are_counted_as_such(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    lines = csv_lines()
    for row in (10, 320):
        cells = lines[row].split(",")
        cells[lines[0].split(",").index('"age"')] = "#REF!"
        lines[row] = ",".join(cells)
    (tmp_path / "log.csv").write_text("\n".join(lines))
    _, found, err = run("log.csv", "--every", "1d")
    told = "column 'age': cells that are not numbers are left out (2, for example '#REF!')"
    assert err.count(told) == 1
    shares = [
        one["value"]
        for one in found["measurements"]
        if one["metric"] == "wrong_type_share" and one["column"] == "age" and not one["segment"]
    ]
    assert shares == [0.01, 0, 0, 0.01]


def test_a_score_outside_0_and_1_is_counted_as_such(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    scores = LOG["score"].to_pylist()
    scores[5] = 17.0
    place = LOG.column_names.index("score")
    pq.write_table(LOG.set_column(place, "score", pa.array(scores)), tmp_path / "log.parquet")
    _, found, err = run("log.parquet", "--every", "1d")
    assert "some values lie outside [0, 1]" in err
    shares = [one["value"] for one in found["measurements"] if one["metric"] == "invalid_share"]
    assert shares == [0.01, 0, 0, 0]
    percent = pa.array(100 * LOG["score"].to_numpy())
    pq.write_table(LOG.set_column(place, "score", percent), tmp_path / "log.parquet")
    _, _, err = run("log.parquet")
    assert "`probability = 'score / 100'`" in err


def test_lines_that_are_no_objects_are_counted(run: Callable[..., Run], tmp_path: Path) -> None:
    write_ndjson(tmp_path / "log.ndjson")
    lines = (tmp_path / "log.ndjson").read_text().splitlines()
    lines[3], lines[7] = "{broken", "[1, 2]"
    (tmp_path / "log.ndjson").write_text("\n".join(lines))
    _, found, _ = run("log.ndjson")
    assert found["rows"]["read"] == ROWS
    assert found["rows"]["used"] == ROWS - 2


def test_a_hostile_column_name_is_a_name(run: Callable[..., Run], tmp_path: Path) -> None:
    hostile = LOG.append_column(NASTY, LOG["age"]).append_column("", LOG["channel"])
    pq.write_table(hostile, tmp_path / "log.parquet")
    write_csv(tmp_path / "log.csv", LOG.append_column(NASTY, LOG["age"]))
    quoted = NASTY.replace('"', '""')
    for name in ("log.parquet", "log.csv"):
        code, found, _ = run(name, "--where", f'"{quoted}" > 30')
        assert code == 0
        assert 0 < found["rows"]["used"] < ROWS
        assert NASTY in {one["column"] for one in found["measurements"]}


@pytest.mark.parametrize(
    ("where", "code", "words"),
    [
        ("age > 1000", 3, "No row fulfils `where`"),
        ("agee > 10", 2, "Did you mean 'age'?"),
        ("age > > 1", 2, "`where` is not a usable expression"),
        ("1 = 1; drop table x", 2, "`where` is not a usable expression"),
        ("(SELECT count(*) FROM read_csv('x.csv')) > 0", 2, "subselect"),
    ],
)
def test_filters_that_keep_nothing_or_cannot_be_read(
    where: str, code: int, words: str, run: Callable[..., Run], tmp_path: Path
) -> None:
    write_parquet(tmp_path / "log.parquet")
    found, _, err = run("log.parquet", "--where", where)
    assert found == code
    assert words in err


def test_labels_of_another_file(run: Callable[..., Run], tmp_path: Path) -> None:
    """The last label of an id counts; rows without one are not labelled yet."""
    ids = pa.array([f"k{i}" for i in range(ROWS)])
    pq.write_table(LOG.drop_columns(["label"]).append_column("id", ids), tmp_path / "log.parquet")
    answers = pa.table({"id": ids, "outcome": LOG["label"]})
    wrong = pa.table({"id": ids, "outcome": pa.array(1 - LOG["label"].to_numpy())}).slice(0, 50)
    pc.write_csv(pa.concat_tables([wrong, answers.slice(0, 300)]), tmp_path / "labels.csv")
    _, found, err = run("log.parquet", "--labels", str(tmp_path / "labels.csv"), "--every", "1d")
    assert "50 of 350 rows repeat an id" in err
    whole = sound(wane.check(LOG.slice(0, 300), every="1d", now=NOW).to_json())
    assert found["summary"]["accuracy"] == whole["summary"]["accuracy"]


def test_labels_whose_columns_are_called_otherwise(run: Callable[..., Run], tmp_path: Path) -> None:
    ids = pa.array([f"k{i}" for i in range(ROWS)])
    pq.write_table(LOG.drop_columns(["label"]).append_column("id", ids), tmp_path / "log.parquet")
    pc.write_csv(pa.table({"pid": ids, "truth": LOG["label"]}), tmp_path / "labels.csv")
    labels = f'{{path = "{tmp_path / "labels.csv"}", id = "pid", label = "truth"}}'
    (tmp_path / "own.toml").write_text(f'id = "id"\nevery = "1d"\nlabels = {labels}\n')
    _, found, _ = run("log.parquet", "--config", str(tmp_path / "own.toml"))
    whole = sound(wane.check(LOG, every="1d", now=NOW).to_json())
    assert found["summary"]["accuracy"] == whole["summary"]["accuracy"]


def test_labels_that_cannot_be_joined(run: Callable[..., Run], tmp_path: Path) -> None:
    ids = pa.array(np.arange(ROWS))
    pq.write_table(LOG.drop_columns(["label"]).append_column("id", ids), tmp_path / "log.parquet")
    (tmp_path / "odd.csv").write_text("foo,bar,baz\n1,2,3\n")
    code, _, err = run("log.parquet", "--labels", str(tmp_path / "odd.csv"))
    assert code == 3
    assert "Name them in wane.toml: labels = {" in err
    (tmp_path / "none.csv").write_text("id,label\nzz,1\n")
    code, _, err = run("log.parquet", "--labels", str(tmp_path / "none.csv"))
    assert code == 0
    assert "1 of 1 ids match no row" in err
    (tmp_path / "noise.parquet").write_bytes(NOISE)
    code, _, err = run("log.parquet", "--labels", str(tmp_path / "noise.parquet"))
    assert code == 3
    assert "noise.parquet" in err


def test_files_of_two_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_csv(tmp_path / "log.csv")
    write_parquet(tmp_path / "log.parquet")
    paths = [str(tmp_path / "log.csv"), str(tmp_path / "log.parquet")]
    assert main(["check", *paths]) == 3
    assert "different formats" in capsys.readouterr().err


def test_a_file_that_is_given_twice_is_not_counted_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.parquet"
    write_parquet(path)
    (tmp_path / "link.parquet").symlink_to(path)
    for other in (path, tmp_path / "link.parquet", tmp_path / "l*.parquet"):
        assert main(["check", str(path), str(other)]) == 3
        assert "is given twice" in capsys.readouterr().err
