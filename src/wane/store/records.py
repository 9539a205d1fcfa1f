"""What a store holds, as values."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # what crosses a pipe is decoded by its annotations
from collections.abc import Mapping, Sequence  # noqa: TC003
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.events.event import Label, Prediction

SLOT = 900 * 1_000_000
"""Microseconds of a slot: changes are remembered by the quarter of an hour they fall in, because
every window is made of whole quarters."""


class Kind(StrEnum):
    """What an event is."""

    PREDICTION = "prediction"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is watched.

    Attributes:
        id: Its number in the store.
        tenant: Whose it is.
        name: Unique within the tenant.
        created: When it was first heard of.
        settings: Keys of wane.toml, as JSON.
        version: Number of the settings, from 1; each change makes a new one.
        rows_since: Earlier rows are forgotten, in microseconds; None: none are yet.
    """

    id: int
    tenant: str
    name: str
    created: dt.datetime
    settings: str
    version: int
    rows_since: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Events of one model that came together.

    Attributes:
        model: Number of the model.
        received: When they came.
        predictions: With ids and times.
        labels: With times.
    """

    model: int
    received: dt.datetime
    predictions: Sequence[Prediction] = ()
    labels: Sequence[Label] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery.

    Attributes:
        accepted: Events that are kept now.
        duplicate: Events that were known already, and changed nothing.
    """

    accepted: int
    duplicate: int


@dataclass(frozen=True, slots=True)
class InboxBatch:
    """Events that are accepted and do not lie in a file yet.

    Attributes:
        sequence: Order of arrival over all models.
        model: Number of the model.
        kind: What they are.
        received: When they came.
        body: The events as a JSON array.
    """

    sequence: int
    model: int
    kind: Kind
    received: dt.datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of raw events.

    Attributes:
        model: Number of the model.
        kind: What is in it.
        day: Day of the predictions (UTC), also for labels.
        name: Path below the directory of raw files.
        rows: Events in it.
        size: Bytes.
        damage: Why it cannot be read; empty for a good file.
    """

    model: int
    kind: Kind
    day: dt.date
    name: str
    rows: int
    size: int
    damage: str = ""


@dataclass(frozen=True, slots=True)
class ParkedLabel:
    """A label whose prediction has not come yet.

    Attributes:
        sequence: Batch it came with.
        position: Its place in the batch.
        received: When it came.
        id: Of the prediction.
        body: The label as JSON.
    """

    sequence: int
    position: int
    received: dt.datetime
    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move from the inbox to files changes; it is done as a whole or not at all.

    Attributes:
        sequences: Batches that leave the inbox.
        files: Files that their events lie in.
        parked: Labels that stay, because their prediction is not known.
        joined: (sequence, position) of labels parked earlier that lie in a file now.
        slots: Quarters of an hour with new rows or labels -> sequence of the newest.
        unreadable: Batches among `sequences` whose events could not be read and were set aside.
    """

    sequences: Sequence[int]
    files: Sequence[RawFile]
    parked: Sequence[ParkedLabel]
    joined: Sequence[tuple[int, int]]
    slots: Mapping[int, int]
    unreadable: Sequence[int] = ()


UNREADABLE = "unreadable_batch"
"""Counter: batches of the inbox that were set aside."""
NEVER_JOINED = "label_without_prediction"
"""Counter: labels that were forgotten before their prediction came."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten.

    Attributes:
        predictions: Ids; the same events would be taken as new ones.
        labels: Labels whose prediction never came.
        files: Raw files that are to be deleted.
    """

    predictions: int
    labels: int
    files: int


@dataclass(frozen=True, slots=True)
class StoredAnnotations:
    """What people said of a model.

    Attributes:
        told: Time in ISO 8601 -> what happened then.
        given: When they last said or took back something.
    """

    told: Mapping[str, str]
    given: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredReference:
    """The data that a model is compared with.

    Attributes:
        name: Path below the directory of references.
        rows: Rows in it.
        given: When it came.
    """

    name: str
    rows: int
    given: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """How the rows of a model are counted, fixed by its reference.

    Attributes:
        id: Profiles of different plans do not mix.
        body: The plan, as the pipeline writes it.
        made: When.
    """

    id: str
    body: bytes
    made: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """The profiles of one window.

    Attributes:
        start: Key of the window.
        body: Profiles, as the pipeline writes them.
        counted: When.
        revision: 1 when first counted; one more each time it is counted again.
    """

    start: int
    body: bytes
    counted: dt.datetime
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation leaves behind; it is stored as a whole or not at all.

    Attributes:
        plan: Id of the plan it counted by.
        windows: Start -> profiles of the windows counted (again).
        gone: Starts of windows that have no rows any more.
        done: Slot -> sequence up to which its changes are in.
        results: Name -> bytes: what pages and the interface show.
        damaged: Name of a raw file that could not be read -> why.
        laid: The plan it counted by, where it is a new one.
    """

    plan: str
    windows: Mapping[int, bytes]
    gone: Sequence[int]
    done: Mapping[int, int]
    results: Mapping[str, bytes]
    damaged: Mapping[str, str] = field(default_factory=dict)
    laid: StoredPlan | None = None


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A named part of the newest evaluation."""

    body: bytes
    made: dt.datetime


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key, without its secret.

    Attributes:
        id: Public part of the key.
        tenant: Whose models it opens.
        digest: SHA-256 of the secret, hex.
        scopes: "ingest", "read", "admin".
        note: What it is for.
        created: When.
        expires: When it ends; None: never.
    """

    id: str
    tenant: str
    digest: str
    scopes: frozenset[str]
    note: str
    created: dt.datetime
    expires: dt.datetime | None = None
