"""What is to be read, as a plain value that can be sent to another process.

Importing this module loads no library; opening what is to be read does.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wane.sources.locate import locate
from wane.sources.source import MEMORY_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.sources.source import Source

__all__ = ["LabelFile", "Request", "locate", "open_frame", "open_request"]


@dataclass(frozen=True, slots=True)
class LabelFile:
    """Labels in files of their own.

    Attributes:
        paths: The files, as `locate` gives them.
        format: Their format.
        id: Column by which they are joined.
        label: Column with the true answer.
        label_time: Column with the time when it became known, if there is one.
        own_id: What the predictions call the column `id`; None: the same.
    """

    paths: tuple[str, ...]
    format: str
    id: str
    label: str
    label_time: str | None = None
    own_id: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(dict.fromkeys(filter(None, (self.id, self.label, self.label_time))))

    def request(self) -> Request:
        """What is to be read to have them."""
        return Request(self.paths, self.format, name=_named(self.paths))


@dataclass(frozen=True, slots=True)
class Request:
    """Files to read, with what is done to their rows.

    Attributes:
        paths: The files, as `locate` gives them.
        format: "parquet", "csv", "tsv", "ndjson" or "arrow".
        where: SQL expression; other rows are left out.
        derive: (name, SQL expression) of derived columns.
        labels: Labels to be joined by id.
        any_file: Whether a column counts that any of the files has, as the raw files of a service
            need; else the first file says what columns there are. Parquet only.
        memory_limit_bytes: Limit of each DuckDB instance.
        name: What to call the source in messages; the path or glob as the user wrote it.
    """

    paths: tuple[str, ...]
    format: str
    where: str | None = None
    derive: tuple[tuple[str, str], ...] = ()
    labels: LabelFile | None = None
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES
    name: str = ""
    any_file: bool = False

    def to_json(self) -> str:
        """The request as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Request:
        """Read what `to_json` wrote."""
        given = json.loads(text)
        labels = given.pop("labels")
        if labels is not None:
            labels = LabelFile(**{**labels, "paths": tuple(labels["paths"])})
        paths = tuple(given.pop("paths"))
        derive = tuple((name, sql) for name, sql in given.pop("derive"))
        return cls(paths=paths, derive=derive, labels=labels, **given)


def open_request(request: Request) -> Source:
    """Open the files of a request: look at their columns, read no rows yet.

    Raises:
        SourceError: A file cannot be read.
        SchemaError: A column to join labels by does not exist.
        ConfigError: `where` or `derive` cannot be used.
    """
    name = request.name or _named(request.paths)
    source = _open_files(
        name, request.paths, request.format, request.memory_limit_bytes, any_file=request.any_file
    )
    source = _labelled(source, request.labels, None, request.memory_limit_bytes)
    return _refined(source, request.where, request.derive, request.memory_limit_bytes)


def open_frame(
    frame: object,
    *,
    where: str | None = None,
    derive: Sequence[tuple[str, str]] = (),
    labels: LabelFile | None = None,
    label_rows: Source | None = None,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    name: str = "frame",
) -> Source:
    """Open a frame in memory; the arguments are as in `Request`.

    Args:
        frame: An object with `__arrow_c_stream__` (pandas, Polars, pyarrow, a DuckDB relation), a
            pyarrow RecordBatchReader, or a mapping of column name -> array.
        where: See `Request`.
        derive: See `Request`.
        labels: See `Request`.
        label_rows: The rows of `labels`, where another process has read its files.
        memory_limit_bytes: See `Request`.
        name: What to call it in messages.

    Raises:
        SourceError: The object is not a table.
        SchemaError: As for `open_request`.
        ConfigError: As for `open_request`.
    """
    from wane.sources.frame import FrameSource  # noqa: PLC0415  # loads pyarrow

    source = _labelled(FrameSource(frame, name), labels, label_rows, memory_limit_bytes)
    return _refined(source, where, derive, memory_limit_bytes)


def _labelled(
    source: Source, labels: LabelFile | None, rows: Source | None, memory_limit_bytes: int
) -> Source:
    """The source with labels joined; `rows` are theirs, None to read their files here."""
    if labels is None:
        return source
    from wane.sources.labels import LabelledSource  # noqa: PLC0415  # loads DuckDB

    name = _named(labels.paths)
    return LabelledSource(
        source,
        rows or _open_files(name, labels.paths, labels.format, memory_limit_bytes),
        id_column=labels.id,
        label=labels.label,
        label_time=labels.label_time,
        own_id=labels.own_id,
        memory_limit_bytes=memory_limit_bytes,
    )


def _refined(
    source: Source, where: str | None, derive: Sequence[tuple[str, str]], memory_limit_bytes: int
) -> Source:
    """The source with columns derived and rows filtered, in this order."""
    if where is None and not derive:
        return source
    from wane.sources.sql import SqlSource  # noqa: PLC0415  # loads DuckDB

    return SqlSource(source, where, derive, memory_limit_bytes)


def _open_files(
    name: str,
    paths: tuple[str, ...],
    file_format: str,
    memory_limit_bytes: int,
    *,
    any_file: bool = False,
) -> Source:
    if file_format == "parquet":
        from wane.sources.parquet import ParquetSource  # noqa: PLC0415  # loads pyarrow

        return ParquetSource(name, paths, any_file=any_file)
    if file_format == "arrow":
        from wane.sources.arrow_file import ArrowSource  # noqa: PLC0415  # loads pyarrow

        return ArrowSource(name, paths)
    from wane.sources.text import TextSource  # noqa: PLC0415  # loads DuckDB

    return TextSource(name, paths, file_format, memory_limit_bytes)


def _named(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
