"""Labels that came later, joined to their predictions by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.errors import SchemaError, SourceError
from wane.profile.clock import BROKEN_TIME, to_times
from wane.sources.columns import batch_rows, conform, select
from wane.sources.connection import connection
from wane.sources.described import described
from wane.sources.feed import FOREIGN, Feed
from wane.sources.identity import id_text
from wane.sources.reading import first_line
from wane.sources.source import MEMORY_LIMIT_BYTES, SAMPLE_ROWS
from wane.sources.wrong_cells import numbers_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from wane.sources.description import Description
    from wane.sources.source import Source

USABLE = """
CREATE TEMP TABLE usable AS SELECT * FROM given WHERE id IS NOT NULL AND label IS NOT NULL
"""
NEWEST = """
CREATE TEMP TABLE newest AS SELECT id, label, label_time FROM usable
QUALIFY row_number() OVER (PARTITION BY id ORDER BY known_at DESC NULLS LAST, place DESC) = 1
"""
COUNTS = "SELECT (SELECT count(*) FROM usable), (SELECT count(*) FROM newest)"
ANSWERS = """
SELECT newest.label, newest.label_time, newest.rowid AS key
FROM rows LEFT JOIN newest ON rows.id = newest.id ORDER BY rows.place
"""
"""Sorted by row number, since a join does not keep the order of its input."""


class LabelledSource:
    """Another source with the columns of a label source joined by id.

    Every row of the source is kept, once. Of several labels for an id the newest by label time
    counts, without label times the last; rows with an empty label do not count. Ids are
    compared as text, whole numbers without decimals. The joined columns take the place of
    columns of the same name.

    DuckDB deduplicates and joins only the ids and labels, on disk where memory is short, and the
    answers are then laid beside the source's own stream.
    """

    def __init__(
        self,
        source: Source,
        labels: Source,
        *,
        id_column: str,
        label: str,
        label_time: str | None = None,
        own_id: str | None = None,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        """Check that the columns exist.

        `own_id` is what the source calls the `id_column` of the labels; None: the same.

        Raises:
            SchemaError: The source has no such id, or the labels lack one of the three.
        """
        roles = {id_column: "id", label: "label"} | (
            {label_time: "label time"} if label_time else {}
        )
        for column, role in roles.items():
            _require(labels, column, f"the {role} to join by" if role == "id" else f"the {role}")
        self._own_id = own_id or id_column
        _require(source, self._own_id, "the id to join labels by")
        self._source = source
        self._labels = labels
        self._id = id_column
        self._places = {label: "label"} | ({label_time: "label_time"} if label_time else {})
        self._memory_limit_bytes = memory_limit_bytes
        self._joined = {name: _plain(labels.fields()[name]) for name in self._places}
        self._found: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._source.name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return {**self._source.fields(), **self._joined}

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`. Reads every row once, the ids twice."""
        return described(self, sample_rows)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self.fields(), columns, where=self.name)
        own = [name for name in fields if name not in self._joined]
        if len(own) == len(fields):
            yield from self._source.batches(own)
            return
        answers = self._answers(batch_rows(len(fields)))
        beside = _beside(self._source.batches(own or [self._own_id]), answers)
        for left, right in beside:
            have = dict(zip(left.schema.names, left.columns, strict=True))
            joined = dict(zip(self._places, right.columns, strict=True))
            have |= {name: conform(array, self._joined[name]) for name, array in joined.items()}
            yield pa.RecordBatch.from_arrays([have[name] for name in fields], names=list(fields))

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """See `Source.rejected`: rows of the log; rejected labels are among the notes."""
        return self._source.rejected()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        name = self._labels.name
        lost = tuple(
            f"{name}: {rows} rows not used: {why}" for why, rows in self._labels.rejected()
        )
        return (*self._source.notes(), *self._labels.notes(), *lost, *self._found)

    def _answers(self, size: int) -> Iterator[pa.RecordBatch]:
        """The joined columns for every row of the source, in its order."""
        given, rows = self._given(), self._rows()
        try:
            with connection(self._memory_limit_bytes) as session:
                session.register("given", given.reader())
                session.execute(USABLE)
                session.execute(NEWEST)
                (counts,) = session.execute(COUNTS).fetchall()
                matched = np.zeros(counts[1], dtype=bool)
                session.register("rows", rows.reader())
                for batch in session.sql(ANSWERS).to_arrow_reader(size):
                    matched[batch.column("key").drop_null().to_numpy()] = True
                    yield batch.select(list(self._places.values()))
        except FOREIGN as error:
            raise (given.failure or rows.failure or self._unjoinable(error)) from error
        self._found = self._told(counts[0], matched)

    def _given(self) -> Feed:
        """Labels as (id, label, label_time, known_at, place)."""
        label, label_time = [*self._places, None][:2]
        kinds = [*self._joined.values(), pa.null()][:2]
        columns = [("id", pa.string()), ("label", kinds[0]), ("label_time", kinds[1])]
        schema = pa.schema([*columns, ("known_at", pa.int64()), ("place", pa.int64())])
        read = list(dict.fromkeys([self._id, *self._places]))
        kinds_read = {**self._labels.fields(), self._id: pa.string()}

        def batches() -> Iterator[pa.RecordBatch]:
            start = 0
            for batch in numbers_only(self._labels.batches(read), kinds_read):
                time = batch.column(label_time) if label_time else pa.nulls(len(batch))
                arrays = [
                    id_text(batch.column(self._id)),
                    conform(batch.column(label), kinds[0]),
                    conform(time, kinds[1]),
                    _microseconds(time),
                    pa.array(np.arange(start, start + len(batch))),
                ]
                start += len(batch)
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

        return Feed(batches(), schema)

    def _rows(self) -> Feed:
        """Rows of the source as (id, place)."""
        schema = pa.schema([("id", pa.string()), ("place", pa.int64())])

        def batches() -> Iterator[pa.RecordBatch]:
            start = 0
            for batch in self._source.batches([self._own_id]):
                numbers = pa.array(np.arange(start, start + len(batch)))
                start += len(batch)
                yield pa.RecordBatch.from_arrays([id_text(batch.column(0)), numbers], schema=schema)

        return Feed(batches(), schema)

    def _told(self, usable: int, matched: NDArray[np.bool_]) -> tuple[str, ...]:
        name, unmatched = self._labels.name, int(np.count_nonzero(~matched))
        repeated = usable - len(matched)
        rule = "the newest counts" if "label_time" in self._places.values() else "the last counts"
        notes = {
            f"{name}: {unmatched:,} of {len(matched):,} ids match no row of {self.name}": unmatched,
            f"{name}: {repeated:,} of {usable:,} rows repeat an id; {rule}": repeated,
        }
        return tuple(note for note, rows in notes.items() if rows)

    def _unjoinable(self, error: Exception) -> SourceError:
        return SourceError(
            f"the labels of {self._labels.name} cannot be joined to {self.name}",
            got=first_line(error),
            hint="Give more memory or temporary space, or fewer labels.",
        )


def _require(source: Source, column: str, role: str) -> None:
    if column not in source.fields():
        raise SchemaError.missing_column(
            column, role=role, where=source.name, available=source.fields()
        )


def _microseconds(times: pa.Array) -> pa.Array:
    """Event times as int64; null where there is none."""
    values = to_times(times)
    return pa.array(values, mask=values <= BROKEN_TIME)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _beside(
    left: Iterator[pa.RecordBatch], right: Iterator[pa.RecordBatch]
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Two streams of the same length, cut so that their batches have the same rows."""
    held = next(right, None)
    for batch in left:
        start = 0
        while start < len(batch) and held is not None:
            rows = min(len(held), len(batch) - start)
            yield batch.slice(start, rows), held.slice(0, rows)
            start += rows
            held = held.slice(rows) if rows < len(held) else next(right, None)
    next(right, None)
