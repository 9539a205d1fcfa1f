"""What `wane export` does once its flags are read."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from wane.cli.run_upkeep import looked_at, named
from wane.cli.say import emit, emit_bytes
from wane.errors import ConfigError, DataError, SourceError, UsageError, did_you_mean
from wane.metrics.tidy import NAMES, from_objects, to_objects
from wane.report.csv_table import to_csv
from wane.report.json_report import SCHEMA_VERSION
from wane.report.outputs import write_bytes
from wane.report.parts import MEASUREMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def run_export(
    run: str, *, form: str, to: str | None, stored: tuple[str, str] | None = None
) -> None:
    """Read the measurements of a run and write them as `form`, to a file or stdout.

    Args:
        run: An --out directory or a file; with `stored`, the name of a model.
        form: csv, parquet or json.
        to: The file to write; None: stdout.
        stored: Data directory and tenant.

    Raises:
        ConfigError: The format is not known.
        DataError: There is no run there, or it cannot be read.
        UsageError: The file cannot be written, or Parquet would go to a terminal.
    """
    if form not in WRITERS:
        raise ConfigError(
            "--format is not known",
            expected=", ".join(WRITERS),
            got=repr(form),
            hint=did_you_mean(form, WRITERS),
        )
    if to is None and form == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is not for a terminal", hint="Name a file with --to.")
    table = read_run(run) if stored is None else read_stored(run, *stored)
    data = WRITERS[form](table)
    if to is not None:
        write_bytes(to, data)
    elif form == "parquet":
        emit_bytes(data)
    else:
        emit(data.decode())


def read_run(run: str) -> pa.Table:
    """The tidy measurements of an --out directory, a Parquet file or a JSON result.

    Raises:
        DataError: Nothing is there, it cannot be read, or it holds something else.
    """
    path = Path(run) / "measurements.parquet" if Path(run).is_dir() else Path(run)
    try:
        if path.suffix == ".json":
            return from_objects(json.loads(path.read_text(encoding="utf-8"))["measurements"])
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"{path} is not a run of wane",
            expected="a directory written by --out, or a file written by --format json",
            got=str(error).split("\n")[0],
        ) from error
    if tuple(table.column_names) != NAMES:
        raise DataError(
            f"{path} does not hold measurements",
            expected=f"the columns {', '.join(NAMES)}",
            got=", ".join(table.column_names[:12]),
        )
    return table


def read_stored(name: str, data: str, tenant: str) -> pa.Table:
    """The tidy measurements of a model that a data directory remembers.

    Raises:
        UsageError: There is no such directory or model, or nothing was measured yet.
    """
    with looked_at(data) as store:
        found = store.result(named(store, tenant, name).id, MEASUREMENTS)
    if found is None:
        raise UsageError(f"no window of {name!r} has closed yet")
    return pq.read_table(io.BytesIO(found.body))


def _csv(table: pa.Table) -> bytes:
    return to_csv(table).encode()


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _json(table: pa.Table) -> bytes:
    whole = {"schema_version": SCHEMA_VERSION, "measurements": to_objects(table)}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False).encode() + b"\n"


WRITERS: Mapping[str, Callable[[pa.Table], bytes]] = {
    "csv": _csv,
    "parquet": _parquet,
    "json": _json,
}
