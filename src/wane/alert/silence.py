"""Silences: by whom, for what, and until when nothing is sent."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # what is stored is decoded by its annotations
from collections.abc import Mapping  # noqa: TC003
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.alert.route import LABELS, matches
from wane.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 366
"""Days that a silence may last: none is for ever."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Incidents that match are not sent for a while.

    Attributes:
        id: Names it.
        match: Label -> value; at least one.
        author: Who silenced them.
        why: A reason.
        starts: From when.
        ends: Until when.
    """

    id: str
    match: Mapping[str, str]
    author: str
    why: str
    starts: dt.datetime
    ends: dt.datetime

    def __post_init__(self) -> None:
        if not self.match:
            raise UsageError("a silence needs something to match", expected="model=churn, ...")
        for name in self.match:
            if name not in LABELS:
                raise UsageError(
                    f"incidents have no label {name!r}",
                    expected=", ".join(LABELS),
                    hint=did_you_mean(name, LABELS),
                )
        days = (self.ends - self.starts).total_seconds() / 86_400
        if not 0 < days <= LONGEST:
            raise UsageError(
                "a silence has to end", expected=f"after at most {LONGEST} days", got=f"{days:g}"
            )
        if not self.author.strip() or not self.why.strip():
            raise UsageError("a silence says by whom and why", got=f"{self.author!r}, {self.why!r}")


def silenced(
    silences: Iterable[Silence], labels: Mapping[str, str], now: dt.datetime
) -> Silence | None:
    """The silence that covers an incident now; of several the one that ends last."""
    covering = [
        silence
        for silence in silences
        if silence.starts <= now < silence.ends and matches(silence.match, labels)
    ]
    return max(covering, key=lambda silence: silence.ends, default=None)
