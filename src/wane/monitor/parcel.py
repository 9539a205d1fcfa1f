"""What is sent at once, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Kind(StrEnum):
    """What is in a parcel."""

    PREDICTIONS = "predictions"
    LABELS = "labels"
    REFERENCE = "reference"
    CLIENT = "client"
    """What the monitor has to say of itself: rows it had to drop."""


class Form(StrEnum):
    """How it is written."""

    NDJSON = "ndjson"
    ARROW = "arrow"
    PARQUET = "parquet"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes that are delivered together or not at all.

    Attributes:
        kind: What is in it.
        form: How it is written.
        parts: The bytes, in pieces.
        rows: Predictions or labels in it; 0 for other kinds.
    """

    kind: Kind
    form: Form
    parts: Sequence[bytes] = field(repr=False)
    rows: int = 0

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.parts))

    def body(self) -> bytes:
        """The bytes in one piece."""
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The parcel has arrived and will not be lost.

    Attributes:
        duplicates: Rows that had arrived before.
        rejected: Code -> rows that were not taken.
        reason: Why, of the first row that was not taken.
    """

    duplicates: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The parcel as a whole is not wanted, and will not be when it comes again."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing is known to have arrived; the parcel may be sent again.

    Attributes:
        reason: What happened.
        away: There is nobody to take any parcel, now. Else something is wrong with this one.
        retry_after_seconds: How long the other side asks to wait; None when it does not say.
    """

    reason: str
    away: bool
    retry_after_seconds: float | None = None


Answer = Accepted | Refused | Failed


class Transport(Protocol):
    """Where parcels go."""

    @property
    def destination(self) -> str:
        """What to call it in messages; holds no secret."""
        ...

    def send(self, parcel: Parcel) -> Answer:
        """Deliver a parcel. Called from one thread at a time."""
        ...

    def close(self) -> None:
        """Let go of what is open; `send` opens it again."""
        ...
