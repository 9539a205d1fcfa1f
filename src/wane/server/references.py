"""Reference data that senders give: one file, taken in pieces, because it can be large."""

from __future__ import annotations

import asyncio
import shutil
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from wane.errors import StoreError
from wane.monitor.uuid7 import uuid7
from wane.server.body import in_time, pieces_of
from wane.server.problem import Problem
from wane.store.durable import write_durably
from wane.store.records import StoredReference

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from wane.server.service import Service
    from wane.store.records import Model

PARQUET = "application/vnd.apache.parquet"
LARGEST = 512 << 20
"""Bytes of a reference."""
SLOWEST_SECONDS = 600.0
"""A reference has come by then."""


async def receive(request: Request, file: IO[bytes]) -> None:
    """Write a body to a file.

    Raises:
        Problem: It is too large or too slow, or compressed, which Parquet is within itself.
        StoreError: It cannot be written.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(415, "unknown_encoding", "send Parquet without a Content-Encoding")
    async with in_time(SLOWEST_SECONDS):
        async for piece in pieces_of(request, LARGEST):
            try:
                await asyncio.to_thread(file.write, piece)
            except OSError as error:
                raise StoreError("a reference cannot be written", got=str(error)) from error


def rows_of(file: IO[bytes]) -> int:
    """Rows of a Parquet file.

    Raises:
        Problem: It is none, or has no rows.
    """
    file.seek(0)
    try:
        metadata = pq.read_metadata(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Problem(400, "bad_reference", f"this is no Parquet file: {error}") from error
    if not metadata.num_rows or not metadata.num_columns:
        raise Problem(400, "bad_reference", "this reference has no rows")
    return int(metadata.num_rows)


def keep(service: Service, model: Model, file: IO[bytes], rows: int) -> None:
    """Compare a model with the data of a file from now on.

    Raises:
        StoreError: It cannot be written.
    """
    name = f"{model.id}/{uuid7()}.parquet"

    def copy(path: Path) -> None:
        file.seek(0)
        with path.open("wb") as target:
            shutil.copyfileobj(file, target)

    write_durably(service.directory.references / name, copy)
    service.store.put_reference(model.id, StoredReference(name, rows, service.clock()))
    service.operator.wake(model.id)
