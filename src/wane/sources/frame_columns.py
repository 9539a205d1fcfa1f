"""A frame whose columns are read one by one, so that one bad column does not cost the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wane.classes import class_text
from wane.sources.reading import first_line

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = (pa.ArrowException, TypeError, ValueError, OverflowError, NotImplementedError)
"""What frames raise when a column has no Arrow form."""


@dataclass(frozen=True, slots=True)
class Readable:
    """The columns of a frame that can be read, with notes about the others."""

    table: pa.Table
    notes: tuple[str, ...] = ()


def read_mapping(columns: Mapping[Any, object]) -> Readable:
    """A mapping of column -> array.

    Raises:
        Exception: One of `UNREADABLE`, when no column can be read or their lengths differ.
    """
    return _one_by_one(
        columns,
        columns,
        lambda name: pa.table([_as_array(columns[name])], names=[str(name)]),
    )


def read_frame(frame: Any) -> Readable:  # noqa: ANN401 - any object with the protocol
    """A frame that speaks the Arrow PyCapsule protocol.

    Where its export fails, its columns are exported one by one, through its own selection.

    Raises:
        Exception: One of `UNREADABLE`, when no column can be read.
    """
    try:
        return Readable(_exported(frame))
    except UNREADABLE:
        if not hasattr(frame, "columns"):
            raise
    frame, lost = _with_readable_index(frame)
    index = _exported(frame[[]])
    own = _one_by_one(
        frame.columns,
        frame,
        lambda name: _without_last(_exported(frame[[name]]), index.num_columns),
    )
    table = own.table
    for name, column in zip(index.column_names, index.columns, strict=True):
        table = table.append_column(name, column)
    return Readable(table, (*lost, *own.notes))


def _with_readable_index(frame: Any) -> tuple[Any, tuple[str, ...]]:  # noqa: ANN401 - see above
    """The frame without an index that cannot be exported: every selection brings it along."""
    try:
        _exported(frame[[]])
    except UNREADABLE as error:
        if not hasattr(frame, "reset_index"):
            raise
        note = f"the index cannot be read ({_reason(error)}) and is left out"
        return frame.reset_index(drop=True), (note,)
    return frame, ()


def _one_by_one(
    names: Iterable[Any],
    values: Any,  # noqa: ANN401 - whatever has __getitem__
    read: Callable[[Any], pa.Table],
) -> Readable:
    """The columns that can be read; texts mixed with numbers as text.

    Args:
        names: Column names.
        values: Name -> values, to be looked at one by one where `read` fails.
        read: Name -> a table of that column.
    """
    parts: list[pa.Table] = []
    notes: list[str] = []
    failures: list[Exception] = []
    for name in dict.fromkeys(names):
        try:
            parts.append(read(name))
        except UNREADABLE as error:
            texts = _as_texts(values[name])
            if texts is None:
                failures.append(error)
                told = f"cannot be read ({_reason(error)}) and is left out"
            else:
                parts.append(pa.table([texts], names=[str(name)]))
                told = "mixes texts and numbers and is read as text"
            notes.append(f"column {str(name)!r} {told}")
    if failures and not parts:
        raise failures[0]
    arrays = [column for part in parts for column in part.columns]
    found = [name for part in parts for name in part.column_names]
    return Readable(pa.table(arrays, names=found), tuple(notes))


def _as_texts(values: object) -> pa.Array | None:
    """Texts and numbers as text; None when there is anything else, or no text."""
    is_table = hasattr(values, "columns")  # what pandas selects by a name that occurs twice
    if is_table or not isinstance(values, Iterable):
        return None
    listed = list(values)
    plain = all(each is None or isinstance(each, str | Real | Decimal) for each in listed)
    if not plain or not any(isinstance(each, str) for each in listed):
        return None
    try:
        return pa.array([class_text(each) for each in listed], pa.string())
    except UNREADABLE:
        return None


def _exported(frame: Any) -> pa.Table:  # noqa: ANN401 - any object with the protocol
    return pa.RecordBatchReader.from_stream(frame).read_all()


def _without_last(table: pa.Table, count: int) -> pa.Table:
    """The table without its last columns: that is where pandas puts the index."""
    return table.select(list(range(table.num_columns - count)))


def _as_array(values: object) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        return pa.chunked_array(values)
    return pa.array(values, from_pandas=True)


def _reason(error: Exception) -> str:
    """What Arrow said of the values; what it adds about the column is told already."""
    told = error.args[0] if isinstance(error, pa.ArrowException) and error.args else error
    return first_line(told if isinstance(told, Exception) else ValueError(told))
