"""Tables as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

FORMULA = r"^([=+\-@\t\r])"
"""How a cell begins that a spreadsheet would run; numbers are not text and stay as they are."""


def to_csv(table: pa.Table) -> str:
    """A table as CSV text (RFC 4180, LF line ends, header first, null as an empty cell).

    Columns are numbers, text or times. Text cells and column names that begin with = + - @, tab
    or carriage return get a leading apostrophe. Times are ISO 8601 in UTC.
    """
    safe = pa.table(
        [_cells(column.combine_chunks()) for column in table.columns],
        names=[_escaped(name) for name in table.column_names],
    )
    sink = io.BytesIO()
    pyarrow.csv.write_csv(safe, sink)
    return sink.getvalue().decode()


def _cells(column: pa.Array) -> pa.Array:
    """One column with its text escaped and its times spelled out, each distinct value once."""
    if pa.types.is_dictionary(column.type):
        return _distinct(column.dictionary).take(column.indices)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column
    return _cells(column.dictionary_encode())


def _distinct(values: pa.Array) -> pa.Array:
    """Text escaped, times as ISO 8601 with Z (fractions of a second only where there are any)."""
    if pa.types.is_timestamp(values.type):
        text = pc.strftime(values.cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%S")
        return pc.replace_substring_regex(text, r"(\.0+)?$", "Z")
    return pc.replace_substring_regex(values.cast(pa.large_string()), FORMULA, r"'\1")


def _escaped(name: str) -> str:
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name
