"""Columns of foreign files, written down by one process so that another can read them safely."""

from __future__ import annotations

import shutil
import weakref
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wane.sources.arrow_file import ArrowSource
from wane.sources.columns import select
from wane.sources.wrong_cells import numbers_only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.sources.source import Source

FILE = "rows.arrow"


@dataclass(frozen=True, slots=True)
class Spooled:
    """What was written.

    Attributes:
        name: What to call the source in messages.
        directory: Where the rows are; nothing else is in it.
        rejected: See `Source.rejected`.
        notes: See `Source.notes`.
    """

    name: str
    directory: str
    rejected: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values from which `from_json` makes an equal one."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Spooled:
        """The inverse of `to_json`."""
        rejected = tuple((str(reason), int(rows)) for reason, rows in plain["rejected"])
        return cls(plain["name"], plain["directory"], rejected, tuple(plain["notes"]))


def spool(source: Source, columns: Sequence[str], directory: str) -> Spooled:
    """Write columns of a source into an empty directory, batch by batch.

    Raises:
        SourceError: The source cannot be read.
        SchemaError: A column does not exist.
    """
    fields = select(source.fields(), columns, where=source.name)
    schema = pa.schema(list(fields.items()))
    path = str(Path(directory) / FILE)
    with pa.OSFile(path, "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        for batch in numbers_only(source.batches(list(fields)), fields):
            writer.write_batch(batch)
    return Spooled(source.name, directory, source.rejected(), source.notes())


class SpooledSource(ArrowSource):
    """The rows that were written. The directory is removed with the source."""

    def __init__(self, spooled: Spooled) -> None:
        super().__init__(spooled.name, [str(Path(spooled.directory) / FILE)])
        self._spooled = spooled
        weakref.finalize(self, shutil.rmtree, spooled.directory, ignore_errors=True)

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """See `Source.rejected`."""
        return self._spooled.rejected

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._spooled.notes
