"""Events that processes left as files, picked up in the order they were written.

A file is `spool/<model>/<uuid7>.<kind>.<form>` and appears under that name when it is whole. It is
deleted once its events are in the store. A crash in between has it picked up again, which changes
nothing: events without an id get one made of the file's name and their place in it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pyarrow.parquet as pq

from wane.errors import SourceError, WaneError
from wane.events.arrow import decode_label_stream, decode_prediction_stream
from wane.events.decode import NDJSON, decode_labels, decode_predictions
from wane.events.identity import identify
from wane.events.inline import inline_labels
from wane.store.durable import set_aside, write_durably
from wane.store.lost import count_lost
from wane.store.parquet import damage
from wane.store.records import Delivery, StoredReference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from wane.events.decode import Decoded
    from wane.events.event import Label, Prediction
    from wane.events.policy import Policy
    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.store import Store

MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
NAME = re.compile(r"(?P<stem>[0-9a-f-]{36})\.(?P<what>[a-z]+\.[a-z]+)")
TEMPORARY = ".tmp-"
ABANDONED = dt.timedelta(days=1)
"""A file that nobody has finished for so long is that of a process that is gone."""
LARGEST_EVENTS = 64 << 20
LARGEST_REFERENCE = 512 << 20
MOST_REASONS = 50
REFUSED = "refused_spool_file"
"""Counter: files that could not be read and were set aside."""


@dataclass(slots=True)
class Picked:
    """What was picked up.

    Attributes:
        files: Files that were taken.
        accepted: Events that are kept now.
        duplicate: Events that were known already.
        rejected: Code -> rows that were not taken.
        refused: Files that could not be read -> why; they lie below `stray/spool/`.
    """

    files: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pickup:
    """One file and where it goes."""

    path: Path
    model: Model
    store: Store
    directory: DataDirectory
    policy: Policy
    picked: Picked

    @property
    def stem(self) -> str:
        """The name of the file without what it is."""
        return self.path.name.partition(".")[0]

    def keep(self, predictions: Sequence[Prediction], labels: Sequence[Label]) -> None:
        """Append events of both kinds in one transaction."""
        if not predictions and not labels:
            return
        delivery = Delivery(self.model.id, self.policy.now, predictions, labels)
        (receipt,) = self.store.append([delivery])
        self.picked.accepted += receipt.accepted
        self.picked.duplicate += receipt.duplicate

    def reject(self, decoded: Decoded[Prediction] | Decoded[Label]) -> None:
        """Count the rows that were not taken; twice where a crash has the file come again."""
        codes = Counter(row.code for row in decoded.rejected)
        self.picked.rejected += codes
        if codes:
            counts = {f"rejected:{code}": rows for code, rows in codes.items()}
            self.store.count(self.model.id, counts, self.policy.now)

    def body(self, most: int = LARGEST_EVENTS) -> bytes:
        """The bytes of the file."""
        size = self.path.stat().st_size
        if size > most:
            raise SourceError(
                "this file is too large", expected=f"at most {most:,} bytes", got=f"{size:,}"
            )
        return self.path.read_bytes()


def pick_up(
    store: Store,
    directory: DataDirectory,
    policy_of: Callable[[Model], Policy],
    now: dt.datetime,
    tenant: str = "default",
) -> Picked:
    """Take what lies in the spool.

    Args:
        store: Where to.
        directory: Held by this process.
        policy_of: What a model takes now.
        now: The time.
        tenant: Whose models they are.

    Returns:
        What was taken. Files that cannot be read are set aside with the reason beside them.

    Raises:
        StoreError: Events cannot be written; the file stays where it is.
    """
    picked = Picked()
    folders = [p for p in directory.spool.iterdir() if p.is_dir() and MODEL.fullmatch(p.name)]
    for folder in sorted(folders):
        waiting = sorted(path for path in folder.iterdir() if not _is_unfinished(path, now))
        if not waiting:
            continue
        model = store.open_model(tenant, folder.name, now)
        policy = policy_of(model)
        for path in waiting:
            _take(_Pickup(path, model, store, directory, policy, picked))
    return picked


def _is_unfinished(path: Path, now: dt.datetime) -> bool:
    """Whether a file is being written; one that was given up is removed."""
    if not path.name.startswith("."):
        return False
    written = dt.datetime.fromtimestamp(path.stat(follow_symlinks=False).st_mtime, dt.UTC)
    if path.name.startswith(TEMPORARY) and now - written > ABANDONED:
        path.unlink(missing_ok=True)
    return True


def _take(pickup: _Pickup) -> None:
    """Take a file, or set it aside; afterwards it is not in the spool any more."""
    path, model, picked = pickup.path, pickup.model, pickup.picked
    try:
        _way_of(path)(pickup)
    except SourceError as error:
        _refuse(path, error, pickup.directory)
        picked.refused[f"{model.name}/{path.name}"] = error.message
        pickup.store.count(model.id, {REFUSED: 1}, pickup.policy.now)
        return
    path.unlink()
    picked.files += 1


def _way_of(path: Path) -> Callable[[_Pickup], None]:
    """How a file is taken, by its name.

    Raises:
        SourceError: No monitor writes such files.
    """
    match = NAME.fullmatch(path.name)
    if match is None or match["what"] not in KINDS or path.is_symlink() or not path.is_file():
        raise SourceError(
            f"{path.name} is no file of a monitor", expected=f"<uuid>.{', <uuid>.'.join(KINDS)}"
        )
    return KINDS[match["what"]]


def _refuse(path: Path, error: WaneError, directory: DataDirectory) -> None:
    """Set a file aside with the reason beside it."""
    to = directory.stray / "spool" / path.parent.name / path.name
    write_durably(
        to.with_name(f"{path.name}.txt"),
        lambda reason: reason.write_text(f"{error.message}\n", encoding="utf-8"),
    )
    set_aside(path, to)


def _predictions(pickup: _Pickup, decoded: Decoded[Prediction]) -> None:
    identify(decoded, lambda index: f"{pickup.stem}-{index}")
    labels = inline_labels(decoded.events)
    pickup.keep(decoded.events, labels)
    pickup.reject(decoded)


def _prediction_lines(pickup: _Pickup) -> None:
    _predictions(pickup, decode_predictions(pickup.body(), NDJSON, pickup.policy))


def _prediction_stream(pickup: _Pickup) -> None:
    _predictions(pickup, decode_prediction_stream(pickup.body(), pickup.policy))


def _labels(pickup: _Pickup, decoded: Decoded[Label]) -> None:
    pickup.keep((), decoded.events)
    pickup.reject(decoded)


def _label_lines(pickup: _Pickup) -> None:
    _labels(pickup, decode_labels(pickup.body(), NDJSON, pickup.policy))


def _label_stream(pickup: _Pickup) -> None:
    _labels(pickup, decode_label_stream(pickup.body(), pickup.policy))


def _reference(pickup: _Pickup) -> None:
    """Compare the model with other data; the same name again when the file is taken again."""
    if why := damage(pickup.path):
        raise SourceError("this reference is no Parquet file that can be read", got=why)
    metadata = pq.read_metadata(pickup.path)
    if not metadata.num_rows or not metadata.num_columns:
        raise SourceError("this reference has no rows", expected="at least one row")
    name = f"{pickup.model.id}/{pickup.stem}.parquet"
    body = pickup.body(LARGEST_REFERENCE)
    write_durably(pickup.directory.references / name, lambda path: path.write_bytes(body))
    given = StoredReference(name, metadata.num_rows, pickup.policy.now)
    pickup.store.put_reference(pickup.model.id, given)


def _client(pickup: _Pickup) -> None:
    """Count what a sender had to drop; rather twice than never, where a crash comes between."""
    try:
        told = msgspec.json.decode(pickup.body(), type=dict[str, dict[str, int]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError("this report cannot be read", got=str(error)) from error
    dropped = dict(list(told.get("dropped", {}).items())[:MOST_REASONS])
    count_lost(pickup.store, pickup.model.id, dropped, pickup.policy.now)


KINDS: Mapping[str, Callable[[_Pickup], None]] = {
    "predictions.ndjson": _prediction_lines,
    "predictions.arrow": _prediction_stream,
    "labels.ndjson": _label_lines,
    "labels.arrow": _label_stream,
    "reference.parquet": _reference,
    "client.json": _client,
}
"""Kind and form of a file -> how it is taken."""
