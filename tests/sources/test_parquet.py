from __future__ import annotations

import contextlib
import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.whole import whole
from wane.errors import SourceError, WaneError
from wane.sources.parquet import ParquetSource

if TYPE_CHECKING:
    from pathlib import Path


def written(directory: Path, table: pa.Table, name: str = "a.parquet", **options: object) -> Path:
    path = directory / name
    pq.write_table(table, path, **options)
    return path


def opened(*paths: Path) -> ParquetSource:
    return ParquetSource("log", [str(path) for path in paths])


def test_rows_come_in_order_and_in_bounded_batches(tmp_path: Path) -> None:
    table = pa.table({"x": np.arange(150_000), "s": np.arange(150_000).astype(str)})
    source = opened(written(tmp_path, table, row_group_size=100_000))
    sizes = [batch.num_rows for batch in source.batches(["x"])]
    assert max(sizes) <= 65_536
    assert whole(source, "x")["x"] == list(range(150_000))
    assert source.rejected() == ()


def test_wide_tables_come_in_short_batches(tmp_path: Path) -> None:
    table = pa.table({f"c{index}": np.zeros(3_000) for index in range(5_000)})
    source = opened(written(tmp_path, table))
    batches = list(source.batches(table.column_names))
    assert max(batch.num_rows for batch in batches) <= 2_000
    assert sum(batch.num_rows for batch in batches) == 3_000


@pytest.mark.parametrize("group", [1_000, 10_000, 100_000])
def test_the_sample_is_spread_over_all_row_groups(tmp_path: Path, group: int) -> None:
    source = opened(written(tmp_path, pa.table({"x": np.arange(100_000)}), row_group_size=group))
    sample = source.describe(sample_rows=1_000).sample.column("x").to_numpy()
    assert 900 <= len(sample) <= 1_000
    assert (np.diff(sample) > 0).all()
    tenths = np.bincount(sample // 10_000, minlength=10)
    assert tenths.min() >= 50


def test_a_small_file_is_its_own_sample(tmp_path: Path) -> None:
    table = pa.table({"x": [3, 1, 2], "s": ["a", None, "a"]})
    description = opened(written(tmp_path, table)).describe()
    assert description.rows == 3
    assert description.sample.to_pydict() == table.to_pydict()


def test_ranges_come_from_the_statistics(tmp_path: Path) -> None:
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    micros = day.timestamp() * 1e6
    table = pa.table(
        {
            "nested": [{"a": 1, "b": [1]}, {"a": 2, "b": []}],
            "int": [3, -1],
            "float": [0.5, float("nan")],
            "inf": [0.5, float("inf")],
            "bool": [True, False],
            "text": ["a", "b"],
            "null": pa.array([None, None], pa.float64()),
            "decimal": [Decimal("1.50"), Decimal("2.25")],
            "date": pa.array([day.date(), None]),
            **{
                unit: pa.array([day, day]).cast(pa.timestamp(unit, "Europe/Vienna"))
                for unit in ("s", "ms", "us", "ns")
            },
        }
    )
    ranges = opened(written(tmp_path, table, row_group_size=1)).describe().ranges
    assert ranges == {
        "int": (-1, 3),
        "bool": (0, 1),
        "decimal": (1.5, 2.25),
        "date": (micros, micros),
        **dict.fromkeys(("s", "ms", "us", "ns"), (micros, micros)),
    }


def test_no_statistics_no_ranges(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"x": [1, 2]}), write_statistics=False)
    assert opened(path).describe().ranges == {}


def test_types_are_handed_on_plainly(tmp_path: Path) -> None:
    table = pa.table(
        {
            "coded": pa.array(["a", "b"]).dictionary_encode(),
            "large": pa.array(["a", "b"], pa.large_string()),
            "half": pa.array(np.array([1, 2], np.float16)),
            "whole": pa.array([1, 2], pa.decimal128(10, 0)),
            "money": pa.array([1, 2], pa.decimal128(10, 2)),
            "list": [[1], [2]],
            "bytes": [b"a", b"b"],
            "clock": pa.array([1, 2], pa.time32("s")),
            "null": pa.nulls(2),
        }
    )
    source = opened(written(tmp_path, table))
    kinds = source.fields()
    assert list(kinds) == ["coded", "large", "half", "whole", "money", "null"]
    assert kinds["half"] == pa.float32()
    assert kinds["whole"] == pa.int64()
    assert kinds["money"] == pa.float64()
    assert whole(source)["coded"] == ["a", "b"]
    assert [note.split(" ", 2)[1] for note in source.notes()] == ["'list'", "'bytes'", "'clock'"]
    assert source.describe().notes == source.notes()


def test_text_is_read_as_a_dictionary_where_the_file_has_one(tmp_path: Path) -> None:
    table = pa.table(
        {"few": ["a", "b"] * 50_000, "many": [f"a long identifier {i}" for i in range(100_000)]}
    )
    kinds = opened(written(tmp_path, table)).fields()
    assert pa.types.is_dictionary(kinds["few"])
    assert kinds["many"] == pa.string()


def test_the_first_file_rules(tmp_path: Path) -> None:
    first = written(
        tmp_path,
        pa.table(
            {"n": [1, 2], "s": ["a", "b"], "gone": [1, 2], "clash": [1, 2], "late": pa.nulls(2)}
        ),
    )
    wide = pa.array(["c"], pa.large_string())
    table = pa.table({"new": [0], "clash": ["x"], "s": wide, "n": [2.5], "late": ["z"]})
    second = written(tmp_path, table, "b.parquet")
    source = opened(first, second)
    assert whole(source) == {
        "n": [1.0, 2.0, 2.5],
        "s": ["a", "b", "c"],
        "gone": [1, 2, None],
        "clash": [1, 2, None],
        "late": [None, None, "z"],
    }
    told = "; ".join(source.notes())
    assert "no column 'gone': missing there" in told
    assert "a column 'new'" in told
    assert "column 'clash' holds int64" in told
    assert source.describe().ranges["n"] == (1, 2.5)


def test_columns_of_one_name_and_hostile_names(tmp_path: Path) -> None:
    names = ["x", "x", "x (2)", "a.b", "a", 'a"; drop table x; --', "", "ü\n"]
    table = pa.Table.from_arrays([pa.array([index]) for index in range(8)], names=names)
    source = opened(written(tmp_path, table))
    found = whole(source)
    assert list(found) == ["x", "x (3)", "x (2)", *names[3:]]
    assert [value for (value,) in found.values()] == list(range(8))
    assert whole(source, "x (3)", "a") == {"x (3)": [1], "a": [4]}
    assert "column 'x' occurs more than once" in source.notes()[0]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"a,b\n1,2\n"])
def test_what_is_no_parquet_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.parquet cannot be read") as caught:
        opened(path)
    assert caught.value.expected == "a Parquet file"
    assert caught.value.hint
    assert caught.value.__cause__


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        opened(tmp_path / "a.parquet")


def test_no_rows(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="log has no rows"):
        opened(written(tmp_path, pa.table({"x": pa.array([], pa.int64())}))).describe()


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    lies = pa.array([b"fine", b"\xff\xfe"]).view(pa.string())
    source = opened(written(tmp_path, pa.table({"s": lies})))
    with pytest.raises(SourceError, match="UTF8"):
        whole(source)


def test_a_damaged_file_gives_rows_or_an_error_of_ours(tmp_path: Path) -> None:
    table = pa.table({"a": list(range(500)), "s": [f"x{index % 7}" for index in range(500)]})
    path = written(tmp_path, table, row_group_size=100)
    sound = path.read_bytes()
    chance = random.Random(1)  # noqa: S311 - not for secrets
    for _ in range(150):
        end = chance.choice([len(sound), len(sound), chance.randrange(1, len(sound))])
        damaged = bytearray(sound[:end])
        for _ in range(chance.choice([1, 4])):
            damaged[chance.randrange(end)] = chance.randrange(256)
        path.write_bytes(damaged)
        with contextlib.suppress(WaneError):
            source = opened(path)
            source.describe()
            whole(source)


def test_columns_that_only_later_files_have(tmp_path: Path) -> None:
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(pa.table({"x": [1]}), paths[0])
    pq.write_table(pa.table({"y": [2.5], "x": [3]}), paths[1])
    source = ParquetSource("log", [str(path) for path in paths], any_file=True)
    table = pa.Table.from_batches(list(source.batches(["x", "y"])))
    assert table.to_pydict() == {"x": [1, 3], "y": [None, 2.5]}
    assert source.notes() == ()


def test_a_page_that_does_not_match_its_checksum(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    table = pa.table({"x": list(range(1_000))})
    pq.write_table(table, path, compression="none", write_page_checksum=True, use_dictionary=False)
    damaged = bytearray(path.read_bytes())
    damaged[2_000] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(SourceError, match=r"log\.parquet"):
        list(ParquetSource("log", [str(path)]).batches(["x"]))
