"""CSV, TSV and NDJSON files, read with DuckDB."""

from __future__ import annotations

import codecs
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from wane.errors import SourceError
from wane.sources.columns import batch_rows, conform, listed, select
from wane.sources.connection import connection, literal_path, select_sql
from wane.sources.csv_file import look_at_csv
from wane.sources.described import described
from wane.sources.late_types import with_late_types
from wane.sources.ndjson_file import look_at_ndjson
from wane.sources.reading import no_rows, reading
from wane.sources.source import MEMORY_LIMIT_BYTES, SAMPLE_ROWS
from wane.sources.text_file import (
    BROKEN_QUOTE,
    EMPTY,
    TEXT,
    TOO_LONG,
    UNKNOWN,
    Cell,
    TextFile,
    joint_type,
)
from wane.sources.wrong_cells import with_wrong_cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wane.sources.description import Description

EXPECTED = {
    "csv": "a CSV file with a header line",
    "tsv": "a TSV file with a header line",
    "ndjson": "one JSON object a line",
}
COLUMN_BYTES = 393_216
"""What DuckDB needs for the vectors of a column, on top of its limit: very wide files."""
UTF_16 = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
MOST_SWALLOWED = 0.1
"""Share of the lines that a broken quote may cost; with more the file cannot be judged."""
WIDE = 5_000
"""Columns allowed for while their number is not known yet."""
ARROW = {
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
    TEXT: pa.string(),
    UNKNOWN: pa.null(),
}
SPOKEN = {
    "BOOLEAN": "true or false",
    "BIGINT": "whole numbers",
    "DOUBLE": "numbers",
    "DATE": "dates",
    "TIMESTAMP": "times",
    "TIMESTAMP WITH TIME ZONE": "times",
}


class TextSource:
    """One or more text files of the same format, in the order of their names.

    Columns are those of the first file. A cell that does not parse as its column's type is
    counted in `notes`; it is null, or among numbers left as text (see `wrong_cells`). A line that
    cannot be split into cells is counted in `rejected`.
    """

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        file_format: str,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self._name = name
        self._format = file_format
        self._memory_limit_bytes = memory_limit_bytes
        self._files = [self._look(path) for path in paths]
        self._types = _joint_types(self._files)
        self._rejected: Counter[str] = Counter()
        self._wrong: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return {name: ARROW[kind] for name, kind in self._types.items()}

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`. Reads every row once."""
        return described(self, sample_rows)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self.fields(), columns, where=self._name)
        self._rejected, self._wrong, self._examples = Counter(), Counter(), {}
        for file in self._files:
            yield from self._read(file, fields)

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """See `Source.rejected`."""
        return tuple(sorted(self._rejected.items()))

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        wrong = tuple(
            f"column {name!r}: cells that are not {SPOKEN[self._types[name]]} are left out "
            f"({count:,}, for example {self._examples[name]!r})"
            for name, count in self._wrong.items()
        )
        return (*self._static_notes(), *wrong)

    def _static_notes(self) -> tuple[str, ...]:
        notes = [note for file in self._files for note in file.notes]
        for file in self._files[1:]:
            missing = [name for name in self._types if name not in file.cells]
            extra = [name for name in file.cells if name not in self._types]
            if missing:
                notes.append(f"{file.path} has no column {listed(missing)}: missing there")
            if extra:
                first = self._files[0].path
                notes.append(
                    f"{file.path} has a column {listed(extra)} that {first} has not: not read"
                )
        return tuple(dict.fromkeys(notes))

    def _look(self, path: str) -> TextFile:
        with self._session(path, WIDE) as session:
            if self._format == "ndjson":
                file = look_at_ndjson(session, path)
            else:
                file = look_at_csv(session, path, "\t" if self._format == "tsv" else None)
            return with_late_types(session, file)

    @contextmanager
    def _session(self, path: str, columns: int) -> Iterator[duckdb.DuckDBPyConnection]:
        allowed = [literal_path(path), path]
        with reading(path, expected=EXPECTED[self._format], foreign=(duckdb.Error,)):
            if Path(path).stat().st_size == 0:
                raise no_rows(path)
            _require_utf8(path)
            with connection(self._memory_limit_bytes + columns * COLUMN_BYTES, allowed) as session:
                yield session

    def _read(self, file: TextFile, fields: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
        cells = [self._cell(file, name) for name in fields]
        values = [f"{cell.value()} AS v{index}" for index, cell in enumerate(cells)]
        typed = [index for index, cell in enumerate(cells) if cell.type not in {UNKNOWN, TEXT}]
        unread = [f"{cells[index].unread()} AS u{index}" for index in typed]
        items = [*values, *unread, f"{file.row_is_broken} AS broken"]
        with self._session(file.path, len(file.cells)) as session:
            reader = session.sql(select_sql(items, file.relation))
            rows = 0
            for batch in reader.to_arrow_reader(batch_rows(len(fields))):
                rows += len(batch)
                yield self._kept(batch, fields, typed)
            if file.rejects:
                rejected = dict(session.execute(file.rejects).fetchall())
                self._rejected.update(rejected | _swallowed(session, file, rows, rejected))

    def _cell(self, file: TextFile, name: str) -> Cell:
        """How the file gives the column, in the type that all files share."""
        cell = file.cells.get(name, Cell("NULL::VARCHAR", UNKNOWN))
        shared = self._types[name]
        return replace(cell, type=shared, format=cell.format if cell.type == shared else None)

    def _kept(
        self, batch: pa.RecordBatch, fields: Mapping[str, pa.DataType], typed: Sequence[int]
    ) -> pa.RecordBatch:
        """The values of the rows that could be parsed; the others, and wrong cells, counted."""
        names, kinds = list(fields), list(fields.values())
        arrays = [
            conform(_without_nan(batch.column(index)), kind) for index, kind in enumerate(kinds)
        ]
        for index in typed:
            wrong = _wrong(batch.column(f"u{index}"))
            self._count_wrong(names[index], wrong)
            arrays[index] = with_wrong_cells(arrays[index], wrong)
        kept = pa.RecordBatch.from_arrays(arrays, names=names)
        broken = batch.column("broken")
        if not pc.any(broken).as_py():
            return kept
        self._rejected["line that is not a JSON object"] += pc.sum(broken).as_py()
        return kept.filter(pc.invert(broken))

    def _count_wrong(self, name: str, wrong: pa.Array) -> None:
        count = len(wrong) - wrong.null_count
        if count:
            self._wrong[name] += count
            self._examples.setdefault(name, wrong.drop_null()[0].as_py()[:40])


def _require_utf8(path: str) -> None:
    """DuckDB takes the bytes of UTF-16 for cells.

    Raises:
        SourceError: The file begins with the mark of UTF-16.
    """
    with Path(path).open("rb") as file:
        marked = file.read(2) in UTF_16
    if marked:
        raise SourceError(
            f"{path} is not UTF-8",
            expected="text in UTF-8",
            got="UTF-16",
            hint="Write it again as UTF-8.",
        )


def _swallowed(
    session: duckdb.DuckDBPyConnection, file: TextFile, rows: int, rejected: Mapping[str, int]
) -> dict[str, int]:
    """Lines that a quote which is never closed took with it: the reader sees them as its cell.

    Raises:
        SourceError: They are so many that the rest does not stand for the file.
    """
    broken = rejected.get(BROKEN_QUOTE, 0) + rejected.get(TOO_LONG, 0)
    if not broken or file.whole_lines is None:
        return {}
    ((whole,),) = session.execute(file.whole_lines).fetchall()
    lost = max(0, whole - rows - broken)
    if lost > MOST_SWALLOWED * whole:
        raise SourceError(
            f"{file.path} has a quote that is not closed",
            expected="quotes in pairs",
            got=f"{lost:,} of {whole:,} lines after it that cannot be told apart",
            hint="Close the quote, or write it twice where it is part of a cell.",
        )
    return {"line after a quote that is not closed": lost} if lost else {}


def _wrong(unread: pa.Array) -> pa.Array:
    """The texts of cells without a value that do not say that there is none; else null."""
    if unread.null_count == len(unread):
        return unread
    missing = pc.is_in(pc.utf8_trim_whitespace(unread), value_set=pa.array(EMPTY))
    return pc.if_else(missing, None, unread)


def _without_nan(array: pa.Array) -> pa.Array:
    """In text, NaN is a spelling of a missing value."""
    if not pa.types.is_floating(array.type):
        return array
    is_nan = pc.is_nan(array)
    return pc.if_else(is_nan, None, array) if pc.any(is_nan).as_py() else array


def _joint_types(files: Sequence[TextFile]) -> dict[str, str]:
    """Column of the first file -> the type that holds its values in every file."""
    types = {name: cell.type for name, cell in files[0].cells.items()}
    for file in files[1:]:
        for name in types.keys() & file.cells.keys():
            types[name] = joint_type(types[name], file.cells[name].type)
    return types
