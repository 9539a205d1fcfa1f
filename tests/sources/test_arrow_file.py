from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather

from sources.whole import whole
from wane.errors import SourceError
from wane.sources.arrow_file import ArrowSource

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pa.table({"x": np.arange(100_000), "s": pa.array(["a", "b"] * 50_000).dictionary_encode()})


def opened(*paths: Path) -> ArrowSource:
    return ArrowSource("log", [str(path) for path in paths])


def write_stream(path: Path, table: pa.Table) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize("form", ["file", "packed", "stream"])
def test_both_formats(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.arrow"
    if form == "stream":
        write_stream(path, TABLE)
    else:
        feather.write_feather(
            TABLE, path, compression="zstd" if form == "packed" else "uncompressed"
        )
    source = opened(path)
    assert max(batch.num_rows for batch in source.batches(["x"])) <= 65_536
    assert whole(source) == TABLE.to_pydict()
    description = source.describe(sample_rows=500)
    assert description.rows == 100_000
    assert description.ranges == {"x": (0, 99_999)}
    assert description.sample.num_rows == 500
    assert (np.diff(description.sample.column("x").to_numpy()) > 0).all()


def test_several_files(tmp_path: Path) -> None:
    write_stream(tmp_path / "a.arrow", pa.table({"x": [1]}))
    write_stream(tmp_path / "b.arrow", pa.table({"x": [0.5], "y": [1]}))
    source = opened(tmp_path / "a.arrow", tmp_path / "b.arrow")
    assert whole(source) == {"x": [1.0, 0.5]}
    assert "'y'" in source.notes()[0]


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"not arrow at all"])
def test_what_is_no_arrow_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.arrow").write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.arrow cannot be read"):
        opened(tmp_path / "a.arrow")


def test_a_file_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    write_stream(path, TABLE)
    path.write_bytes(path.read_bytes()[:400_000])
    with pytest.raises(SourceError, match=r"a\.arrow cannot be read"):
        whole(opened(path))


def test_no_rows(tmp_path: Path) -> None:
    write_stream(tmp_path / "a.arrow", TABLE.slice(0, 0))
    with pytest.raises(SourceError, match="has no rows"):
        opened(tmp_path / "a.arrow").describe()
