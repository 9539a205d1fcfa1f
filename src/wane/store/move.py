"""From the inbox to Parquet files: by model and day, whole and registered, or not at all.

The files are written first, under their final names and on the disk; then one transaction enters
them in the manifest and empties the inbox. A crash before the transaction leaves files that no
manifest knows (`sweep` sets them aside) and the events in the inbox; after it, the events in the
files.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from wane.events.column import column
from wane.events.event import Label, Prediction
from wane.events.table import TIME, prediction_table
from wane.store.durable import UNFINISHED, set_aside, stray, write_durably
from wane.store.parquet import write_table
from wane.store.records import SLOT, Kind, Moved, ParkedLabel, RawFile
from wane.window import to_datetime, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wane.store.records import InboxBatch
    from wane.store.store import Store

    Read = Sequence[tuple[InboxBatch, list[Prediction] | list[Label] | None]]

MOST_BATCHES = 2_000
MOST_BYTES = 16_000_000
"""Senders wait while what was moved is taken out of the inbox: some 1.5 ms for a megabyte."""
PREDICTIONS = msgspec.json.Decoder(list[Prediction])
LABELS = msgspec.json.Decoder(list[Label])
LABEL = msgspec.json.Decoder(Label)
ENCODER = msgspec.json.Encoder()


def prepare(store: Store, directory: Path, model: int, most: int = MOST_BATCHES) -> Moved | None:
    """Write the oldest batches of a model to files; `Store.moved` then makes it so.

    Args:
        store: Where the inbox is; only read. Only one process and thread may prepare at a time.
        directory: Of raw files.
        model: Its number.
        most: Batches at most; fewer where they are large.

    Returns:
        What the move changes; None when the inbox is empty. Batches that cannot be read are set
        aside beside the raw files.

    Raises:
        StoreError: A file cannot be written.
    """
    batches = store.inbox(model, most, MOST_BYTES)
    if not batches:
        return None
    first, last = batches[0].sequence, batches[-1].sequence
    read = [(batch, _events(batch)) for batch in batches]
    unreadable = [batch for batch, events in read if events is None]
    for batch in unreadable:
        aside = stray(directory) / f"{model}/inbox/{batch.sequence:012d}.{batch.kind}s.json"
        write_durably(aside, partial(_write_body, batch.body))
    predictions = _predictions(read)
    waited = store.parked(model, [event.id for event, _ in predictions if event.id])
    fresh = _labels(read)
    known = store.times_of(model, {one.id for one in (*waited, *fresh)})
    ready = [*waited, *(one for one in fresh if one.id in known)]
    place = Place(directory, model, f"{first:012d}-{last:012d}.parquet")
    files = [*_write_predictions(predictions, place), *_write_labels(ready, known, place)]
    times = [to_microseconds(event.timestamp) for event, _ in predictions if event.timestamp]
    times += [known[one.id] for one in ready]
    return Moved(
        sequences=[batch.sequence for batch in batches],
        files=files,
        parked=[one for one in fresh if one.id not in known],
        joined=[(one.sequence, one.position) for one in waited],
        slots=dict.fromkeys({time // SLOT * SLOT for time in times}, last),
        unreadable=[batch.sequence for batch in unreadable],
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of one move lie.

    Attributes:
        directory: Of raw files.
        model: Number of the model.
        stem: Name of each file, by the batches in it; the same move again writes the same names.
    """

    directory: Path
    model: int
    stem: str

    def write(self, table: pa.Table, kind: Kind, day: dt.date) -> RawFile:
        """Write the events of a day.

        Raises:
            StoreError: The file cannot be written.
        """
        name = f"{self.model}/{kind}s/day={day.isoformat()}/{self.stem}"
        path = self.directory / name
        size = write_durably(path, partial(write_table, table))
        return RawFile(self.model, kind, day, name, table.num_rows, size)


def sweep(store: Store, directory: Path) -> int:
    """Clear what a crash left behind: remove unfinished files, set aside those nobody knows.

    Call it before anything is moved. A whole file that the manifest does not know is mostly one
    whose events are still in the inbox; but after an older database was put back, it is all that
    is left of them. So it is kept beside the raw files, and goes when their rows would.

    Returns:
        How many files were removed or set aside.

    Raises:
        StoreError: A file cannot be set aside.
    """
    known = {file.name for model in store.models() for file in store.files(model.id)}
    known.update(store.retired())
    count = 0
    for path in sorted(directory.rglob("*.parquet")):
        name = path.relative_to(directory).as_posix()
        if path.name.startswith(UNFINISHED):
            path.unlink(missing_ok=True)
        elif name in known:
            continue
        else:
            set_aside(path, stray(directory) / name)
        count += 1
    return count


def _events(batch: InboxBatch) -> list[Prediction] | list[Label] | None:
    """The events of a batch; None when its bytes are damaged."""
    decoder = PREDICTIONS if batch.kind is Kind.PREDICTION else LABELS
    try:
        return decoder.decode(batch.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _write_body(body: bytes, path: Path) -> None:
    path.write_bytes(body)


def _predictions(read: Read) -> list[tuple[Prediction, dt.datetime]]:
    """Every prediction with the time it came."""
    return [
        (event, batch.received)
        for batch, events in read
        for event in events or ()
        if isinstance(event, Prediction)
    ]


def _labels(read: Read) -> list[ParkedLabel]:
    """Every label with the time it came."""
    return [
        ParkedLabel(batch.sequence, position, batch.received, label.id, ENCODER.encode(label))
        for batch, events in read
        for position, label in enumerate(events or ())
        if isinstance(label, Label)
    ]


def _write_predictions(
    predictions: Sequence[tuple[Prediction, dt.datetime]], place: Place
) -> list[RawFile]:
    by_day: dict[dt.date, list[tuple[Prediction, dt.datetime]]] = defaultdict(list)
    for event, received in predictions:
        if event.timestamp is not None:
            by_day[event.timestamp.astimezone(dt.UTC).date()].append((event, received))
    files = []
    for day, rows in sorted(by_day.items()):
        table = prediction_table([event for event, _ in rows], [at for _, at in rows])
        files.append(place.write(table, Kind.PREDICTION, day))
    return files


def _write_labels(
    labels: Sequence[ParkedLabel], times: dict[str, int], place: Place
) -> list[RawFile]:
    """Labels lie beside the predictions they answer, by the day of these."""
    by_day: dict[dt.date, list[ParkedLabel]] = defaultdict(list)
    for label in labels:
        by_day[to_datetime(times[label.id]).date()].append(label)
    return [
        place.write(_label_table(rows), Kind.LABEL, day) for day, rows in sorted(by_day.items())
    ]


def _label_table(rows: Sequence[ParkedLabel]) -> pa.Table:
    """Labels in the order they came: the later of two with the same time counts."""
    labels = [LABEL.decode(row.body) for row in rows]
    return pa.table(
        {
            "id": pa.array([label.id for label in labels], pa.string()),
            "label": column([label.label for label in labels]),
            "label_time": pa.array([label.timestamp for label in labels], TIME),
            "received": pa.array([row.received for row in rows], TIME),
        }
    )
