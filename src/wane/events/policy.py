"""What a model takes: how old and how new events may be, which columns, and which are personal."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.schema import Task

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping


class Privacy(StrEnum):
    """What is done to the values of a column before anything is written."""

    STORE = "store"
    HMAC = "hmac"
    """Replaced by a keyed hash: equal values stay equal, and cannot be told."""
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules by which rows are accepted.

    Attributes:
        now: Time of arrival.
        oldest: Earlier events are refused: their raw window is gone.
        newest: Later events are refused: the sender's clock is wrong.
        task: Decides whether scores are probabilities; None where not known yet.
        columns: The features known; None where every feature is taken.
        private: Column -> what is done to its values; others are stored.
        secret: Key of the hashes.
    """

    now: dt.datetime
    oldest: dt.datetime
    newest: dt.datetime
    task: Task | None = None
    columns: frozenset[str] | None = None
    private: Mapping[str, Privacy] = field(default_factory=dict)
    secret: bytes = b""

    @property
    def scores_are_probabilities(self) -> bool:
        """Whether a score outside of [0, 1] is a mistake."""
        return self.task in (Task.BINARY, Task.MULTICLASS)
