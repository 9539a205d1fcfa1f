"""Raw files: how they are written, and whether they can still be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_REASON = 200
PARQUET_OPTIONS: dict[str, Any] = {"compression": "zstd", "write_page_checksum": True}
"""A checksum on each page, so that damage is noticed and not counted."""


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table."""
    pq.write_table(table, path, **PARQUET_OPTIONS)


def footer_damage(path: Path) -> str:
    """Why a file cannot even be opened; empty when it can. Reads a few kilobytes."""
    try:
        pq.read_metadata(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        return _reason(error)
    return ""


def damage(path: Path) -> str:
    """Why a file cannot be read; empty when every page of it can. Reads all of it."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches():
                batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is not there"
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:LONGEST_REASON]
