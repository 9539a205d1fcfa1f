"""One CSV or TSV file: its dialect and columns, told by DuckDB's sniffer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from wane.errors import SourceError
from wane.sources.columns import repeated_note, unique_names
from wane.sources.connection import literal_path, select_sql, text
from wane.sources.date_formats import local_time_format
from wane.sources.reading import no_rows
from wane.sources.text_file import (
    BROKEN_QUOTE,
    EMPTY,
    TEXT,
    TOO_LONG,
    UNKNOWN,
    Cell,
    TextFile,
)
from wane.sources.wrong_cells import mostly

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

SNIFFED_ROWS = 20_480
EXACT_DIGITS = 15
"""Whole numbers with at most so many digits are read as floats, which hold them exactly:
further down the file they may have decimals. Longer ones are ids, and stay integers."""
TYPES = {"BOOLEAN", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}
SNIFFED = (
    "Delimiter",
    "Quote",
    "Escape",
    "Comment",
    "SkipRows",
    "Columns",
    "DateFormat",
    "TimestampFormat",
)
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
REJECTS = f"""
SELECT CASE fault
  WHEN 'MISSING COLUMNS' THEN 'line with too few cells'
  WHEN 'TOO MANY COLUMNS' THEN 'line with too many cells'
  WHEN 'UNQUOTED VALUE' THEN '{BROKEN_QUOTE}'
  WHEN 'LINE SIZE OVER MAXIMUM' THEN '{TOO_LONG}'
  WHEN 'INVALID ENCODING' THEN 'line that is not UTF-8'
  ELSE lower(fault) END AS reason, count(*)
FROM (SELECT min(error_type::VARCHAR) AS fault FROM reject_errors GROUP BY line)
GROUP BY reason ORDER BY reason
"""  # noqa: S608 - two sentences of ours


def look_at_csv(session: duckdb.DuckDBPyConnection, path: str, delimiter: str | None) -> TextFile:
    """Find dialect, names and types from the first rows.

    Args:
        session: A connection that may read the file.
        path: The file; .gz and .zst are read as they are.
        delimiter: Between cells; None: found out.

    Raises:
        SourceError: The file is empty or has no header line.
    """
    where = text(literal_path(path))
    missing = ", ".join(map(text, EMPTY))
    options = f"header = true, ignore_errors = true, nullstr = [{missing}]"
    options += f", delim = {text(delimiter)}" if delimiter else ""
    sniff = f"sniff_csv({where}, sample_size = {SNIFFED_ROWS}, {options})"
    found = session.execute(select_sql(SNIFFED, sniff)).fetchall()
    sniffed = dict(zip(SNIFFED, found[0], strict=True)) if found else {}
    if not sniffed.get("Columns"):
        raise no_rows(path)
    header = _header(session, where, sniffed)
    names = [name or f"Unnamed: {index}" for index, name in enumerate(header)]
    if all(NUMBER.fullmatch(name) for name in names):
        raise SourceError(
            f"{path} has no header line",
            expected="column names in the first line",
            got=", ".join(names[:5]),
            hint="Add a first line with the column names.",
        )
    relation = f"read_csv({where}, {_dialect(sniffed)}, header = true, store_rejects = true)"
    found_cells = _cells(session, relation, sniffed)
    cells = dict(zip(unique_names(names), found_cells, strict=True))
    notes = [
        f"column {name!r} is read as {cell.format}" for name, cell in cells.items() if cell.format
    ]
    plain = f"read_csv({where}, {_dialect(sniffed, quoted=False)}, header = true"
    return TextFile(
        path,
        relation,
        cells,
        rejects=REJECTS,
        whole_lines=select_sql(["count(*)"], f"{plain}, ignore_errors = true)"),
        notes=(*repeated_note(names), *notes),
    )


def _dialect(sniffed: Mapping[str, Any], *, quoted: bool = True) -> str:
    """The arguments of read_csv that leave nothing to be guessed; every column is text.

    Args:
        sniffed: What the sniffer told.
        quoted: Whether quotes mean anything; else every line stands for itself.
    """
    given = {
        "delim": _known(sniffed["Delimiter"]) or ",",
        "quote": (_known(sniffed["Quote"]) or '"') if quoted else "",
        "escape": (_known(sniffed["Escape"]) or '"') if quoted else "",
    }
    comment = _known(sniffed["Comment"])
    given |= {"comment": comment} if comment else {}
    options = [f"{key} = {text(value)}" for key, value in given.items()]
    columns = ", ".join(f"c{index}: 'VARCHAR'" for index in range(len(sniffed["Columns"])))
    skip = f"skip = {sniffed['SkipRows'] or 0}"
    return ", ".join(["auto_detect = false", *options, skip, f"columns = {{{columns}}}"])


def _known(value: str | None) -> str:
    return "" if value in {None, "(empty)", "\0"} else str(value)


def _header(
    session: duckdb.DuckDBPyConnection, where: str, sniffed: Mapping[str, Any]
) -> list[str]:
    lines = f"read_csv({where}, {_dialect(sniffed)}, header = false, ignore_errors = true)"
    rows = session.execute(select_sql("*", lines, "LIMIT 1")).fetchall()
    return [(cell or "").strip() for row in rows for cell in row]


def _cells(
    session: duckdb.DuckDBPyConnection, relation: str, sniffed: Mapping[str, Any]
) -> list[Cell]:
    """How each column is read: as sniffed, but codes with leading zeros stay text."""
    kinds = [column["type"] for column in sniffed["Columns"]]
    rows = max(1_000, min(SNIFFED_ROWS, 2_097_152 // len(kinds)))
    first = session.sql(select_sql("*", relation, f"LIMIT {rows}")).to_arrow_reader(rows).read_all()
    formats = {
        "DATE": _known(sniffed["DateFormat"]) or None,
        "TIMESTAMP": _known(sniffed["TimestampFormat"]) or None,
    }
    cells = []
    for index, (kind, column) in enumerate(zip(kinds, first.columns, strict=True)):
        seen = _type(kind, column)
        local = local_time_format(_filled(column).unique().to_pylist()) if seen == TEXT else None
        known = ("TIMESTAMP", local) if local else (seen, formats.get(seen))
        cells.append(Cell(f"c{index}", *known))
    return cells


def _type(sniffed: str, cells: pa.ChunkedArray) -> str:
    """The sniffed type; a single cell that is not a number makes the sniffer tell text."""
    filled = _filled(cells)
    if not len(filled):
        return UNKNOWN
    if sniffed == "BIGINT":
        return _number_type(filled)
    if sniffed in TYPES:
        return sniffed
    numbers = filled.filter(pc.match_substring_regex(filled, f"^{NUMBER.pattern}$"))
    wrong = len(filled) - len(numbers)
    return _number_type(numbers) if wrong and mostly(len(numbers), len(filled)) else TEXT


def _number_type(numbers: pa.ChunkedArray) -> str:
    """Codes with leading zeros stay text, long whole numbers exact."""
    if pc.any(pc.match_substring_regex(numbers, "^[-+]?0[0-9]")).as_py():
        return TEXT
    whole = pc.all(pc.match_substring_regex(numbers, "^[-+]?[0-9]+$")).as_py()
    long = pc.max(pc.utf8_length(numbers)).as_py() > EXACT_DIGITS
    return "BIGINT" if whole and long else "DOUBLE"


def _filled(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(cells)
    return trimmed.filter(pc.invert(pc.is_in(trimmed, value_set=pa.array([*EMPTY, None]))))
