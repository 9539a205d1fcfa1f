"""Samples of large Parquet files: cheap, spread out, and not fooled by sorted files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wane.sources.parquet_file import ParquetFile
from wane.sources.parquet_sample import sample_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

ROWS = 40_000


class Watched(ParquetFile):
    """A file that tells how many rows of it were decoded."""

    def batches(
        self, fields: Mapping[str, pa.DataType], rows: int, groups: Sequence[int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        for batch in super().batches(fields, rows, groups):
            DECODED.append(batch.num_rows * batch.num_columns)
            yield batch


DECODED: list[int] = []


def sampled(tmp_path: Path, columns: dict[str, object], group: int = ROWS) -> pa.Table:
    table = pa.table({"at": np.arange(ROWS), "x": np.random.default_rng(1).random(ROWS), **columns})
    path = tmp_path / "log.parquet"
    pq.write_table(table, path, row_group_size=group)
    DECODED.clear()
    file = Watched.look(str(path))
    fields = dict(zip(table.column_names, table.schema.types, strict=True))
    return pa.concat_tables(sample_of([file], fields, 400, affordable=ROWS))


def test_of_a_large_file_only_the_first_rows_of_some_row_groups_are_decoded(tmp_path: Path) -> None:
    at = sampled(tmp_path, {}, group=1_000)["at"].to_numpy()
    assert sum(DECODED) < ROWS
    assert 380 <= len(at) <= 420
    assert (np.bincount(at // 10_000, minlength=4) > 50).all()
    assert (np.diff(at) > 0).all()


def test_one_row_group_of_mixed_rows_is_sampled_from_its_start(tmp_path: Path) -> None:
    label = np.random.default_rng(2).integers(0, 2, ROWS)
    assert sampled(tmp_path, {"label": label})["at"].to_pylist() == list(range(400))


@pytest.mark.parametrize(
    "values",
    [
        np.repeat([0, 1], ROWS // 2),
        pa.array(["no", "yes"]).take(pa.array(np.repeat([0, 1], ROWS // 2))),
        pa.array(["a", None]).take(pa.array(np.repeat([0, 1], ROWS // 2))),
        np.repeat([0.0, np.nan], ROWS // 2),
    ],
    ids=["numbers", "texts", "null at the end", "nan at the end"],
)
def test_one_row_group_sorted_by_a_column_is_sampled_throughout(
    tmp_path: Path, values: object
) -> None:
    found = sampled(tmp_path, {"label": values})
    at = found["at"].to_numpy()
    assert (np.bincount(at // 10_000, minlength=4) >= 90).all()
    assert found["label"].to_pylist()[0] != found["label"].to_pylist()[-1]


def test_a_rare_value_further_on_is_worth_no_second_look(tmp_path: Path) -> None:
    flag = (np.arange(ROWS) % 1_000 == 999).astype(np.int64)
    assert sampled(tmp_path, {"flag": flag})["at"].to_pylist() == list(range(400))
