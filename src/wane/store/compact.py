"""Many small raw files of a day into one, as safely as a move.

The new file is written first; then one transaction enters it in place of the old ones, which are
retired. A crash before the transaction leaves a file that no manifest knows, which `sweep` sets
aside. Readers may go on with the old files until the next upkeep deletes them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from wane.errors import StoreError
from wane.store.durable import write_durably
from wane.store.parquet import PARQUET_OPTIONS, damage
from wane.store.records import RawFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wane.store.store import Store

FEW = 4
"""Fewer small files side by side are left as they are."""
SMALL = 100_000
"""Rows of a file that is worth reading less often."""
MOST_FILES = 500
"""In one go, for their footers are all held at once."""
PLAIN_NUMBERS = (pa.bool_(), pa.int64(), pa.float64())
"""From narrow to wide: each holds the values of those before it."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction found and wrote.

    Attributes:
        old: Files whose rows lie in a new one.
        new: The new ones.
        damaged: Files that turned out not to be readable -> why.
    """

    old: list[RawFile] = field(default_factory=list)
    new: list[RawFile] = field(default_factory=list)
    damaged: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """Files side by side whose types fit together, and the columns of all."""

    files: tuple[RawFile, ...]
    schema: pa.Schema


def compact(store: Store, directory: Path, model: int) -> Compacted:
    """Merge what is small and lies side by side.

    Args:
        store: The store; only one process and thread may compact at a time.
        directory: Of raw files.
        model: Number of the model.

    Returns:
        What was done.

    Raises:
        StoreError: A file cannot be written.
    """
    found = merge(store.files(model), directory)
    if found.damaged:
        store.put_damage(model, found.damaged)
    if found.old:
        store.replace_files(model, found.old, found.new)
    return found


def merge(files: Iterable[RawFile], directory: Path) -> Compacted:
    """Write merged files, for `Store.replace_files` to enter."""
    found = Compacted()
    for run in runs(files):
        try:
            _merge(run, directory, found)
        except (pa.ArrowException, OSError, ValueError, StoreError) as error:
            told = {file.name: damage(directory / file.name) for file in run}
            lame = {name: reason for name, reason in told.items() if reason}
            if not lame:  # all can be read, so something else is wrong
                raise StoreError(
                    f"cannot merge {len(run)} files of {run[0].day}", got=str(error)
                ) from error
            found.damaged.update(lame)
    return found


def runs(files: Iterable[RawFile]) -> list[list[RawFile]]:
    """Small files of one kind and day that lie side by side in the order of their names.

    Labels with the same time count in the order of files, so only neighbours are merged.
    """
    of_day: dict[tuple[str, object], list[RawFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.name):
        of_day[file.kind, file.day].append(file)
    found: list[list[RawFile]] = []
    for neighbours in of_day.values():
        run: list[RawFile] = []
        for file in neighbours:
            small = file.rows < SMALL and not file.damage
            if not small or len(run) == MOST_FILES:
                found.append(run)
                run = []
            if small:
                run.append(file)
        found.append(run)
    return [run for run in found if len(run) >= FEW]


def unified(schemas: Sequence[pa.Schema]) -> pa.Schema | None:
    """The columns of all, each of a type that holds its values as they are read side by side.

    Returns:
        None where a column is text in one and a number in another: readers take the type of the
        first file, and what a value counts as must not depend on whether files were merged.
    """
    types: dict[str, pa.DataType] = {}
    for schema in schemas:
        for column in schema:
            wider = _wider(types.get(column.name, pa.null()), column.type)
            if wider is None:
                return None
            types[column.name] = wider
    return pa.schema(list(types.items()))


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if one in PLAIN_NUMBERS and other in PLAIN_NUMBERS:
        return max(one, other, key=PLAIN_NUMBERS.index)
    return None


def _merge(run: Sequence[RawFile], directory: Path, found: Compacted) -> None:
    """Merge a run, or the parts of it whose types fit together."""
    schemas = [pq.read_schema(directory / file.name) for file in run]
    for part in _fitting(run, schemas):
        files = part.files
        if len(files) < FEW:
            continue
        first, last = files[0], files[-1]
        name = PurePosixPath(first.name).with_name(f"{_ends(first)[0]}-{_ends(last)[1]}.parquet")
        paths = [directory / file.name for file in files]
        size = write_durably(directory / name, partial(_write, paths, part.schema))
        rows = sum(file.rows for file in files)
        found.old.extend(files)
        found.new.append(RawFile(first.model, first.kind, first.day, str(name), rows, size))


def _fitting(run: Sequence[RawFile], schemas: Sequence[pa.Schema]) -> Iterator[_Part]:
    """The run cut where types clash."""
    part = _Part((), pa.schema([]))
    for file, own in zip(run, schemas, strict=True):
        schema = unified([part.schema, own])
        if schema is None:
            yield part
            part = _Part((file,), own)
        else:
            part = _Part((*part.files, file), schema)
    yield part


def _ends(file: RawFile) -> tuple[str, str]:
    """Sequences of the first and last batch in a file."""
    first, _, last = PurePosixPath(file.name).stem.partition("-")
    return first, last


def _write(paths: Sequence[Path], schema: pa.Schema, to: Path) -> None:
    """Stream files into one, in their order."""
    with pq.ParquetWriter(to, schema, **PARQUET_OPTIONS) as writer:
        for path in paths:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                for batch in file.iter_batches():
                    writer.write_batch(_as(batch, schema))


def _as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    have = dict(zip(batch.schema.names, batch.columns, strict=True))
    arrays = [
        have[field.name].cast(field.type, safe=False)
        if field.name in have
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
