from __future__ import annotations

import csv
import datetime as dt
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.build_result import ALL
from wane.report.csv_table import to_csv

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.one_of(st.none(), st.text(max_size=8)), max_size=5))
def test_text_reads_back_and_never_starts_a_formula(cells: list[str | None]) -> None:
    table = pa.table({"n": list(range(len(cells))), "text": pa.array(cells, pa.string())})
    rows = read(to_csv(table))[1:]
    assert len(rows) == len(cells)
    for row, cell in zip(rows, cells, strict=True):
        assert not row[1].startswith(FORMULAS)
        original = cell or ""
        assert row[1] == (f"'{original}" if original.startswith(FORMULAS) else original)


@pytest.mark.parametrize("start", FORMULAS)
def test_text_that_a_spreadsheet_would_run_is_escaped(start: str) -> None:
    table = pa.table({f"{start}name": [f"{start}1+1"]})
    assert read(to_csv(table)) == [[f"'{start}name"], [f"'{start}1+1"]]


def test_dictionaries_and_large_text_are_text_too() -> None:
    values = ["=1", "a=1"]
    table = pa.table(
        {
            "dictionary": pa.array(values).dictionary_encode(),
            "large": pa.array(values, pa.large_string()),
        }
    )
    assert read(to_csv(table))[1:] == [["'=1", "'=1"], ["a=1", "a=1"]]


def test_numbers_stay_numbers() -> None:
    table = pa.table({"value": [-1.5, None, 0.1], "n": [-1, 2, 3]})
    assert to_csv(table) == '"value","n"\n-1.5,-1\n,2\n0.1,3\n'


def test_times_are_iso_in_utc() -> None:
    times = [dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2025, 1, 1, 0, 0, 1, 500, dt.UTC)]
    table = pa.table({"at": pa.array([*times, None], pa.timestamp("us", "UTC")), "n": [1, 2, 3]})
    assert [row[0] for row in read(to_csv(table))] == [
        *("at", "2025-01-01T00:00:00Z", "2025-01-01T00:00:01.000500Z", "")
    ]


def test_several_chunks_are_one_table() -> None:
    part = pa.table({"text": ["=1"]})
    assert read(to_csv(pa.concat_tables([part, part]))) == [["text"], ["'=1"], ["'=1"]]


@pytest.mark.parametrize("name", ["hostile", "no_data", "by_rows"])
def test_results_are_rectangular(name: str) -> None:
    table = ALL[name]().measurements.to_arrow()
    rows = read(to_csv(table))
    assert len(rows) == table.num_rows + 1
    assert {len(row) for row in rows} == {11}
