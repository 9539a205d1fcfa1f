"""What people know of a model and its log does not: that it was deployed, or trained again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.errors import ConfigError
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 200
"""Characters of a text."""
MOST = 50
"""Annotations that are shown, the newest."""


@dataclass(frozen=True, slots=True, order=True)
class Annotation:
    """A text at a moment.

    Attributes:
        at: Microseconds since 1970 UTC.
        text: What happened then.
    """

    at: int
    text: str


def annotations_of(given: Mapping[str, str]) -> tuple[Annotation, ...]:
    """Read what a user wrote, oldest first.

    Args:
        given: Time in ISO 8601, of UTC where it names no zone, or a date -> what happened then.

    Raises:
        ConfigError: A time cannot be read, or a text is empty or too long.
    """
    found = []
    for time, text in given.items():
        if not 0 < len(text.strip()) <= LONGEST:
            raise ConfigError(
                "an annotation is no text",
                expected=f"1 to {LONGEST} characters",
                got=f"{len(text)} at {time}",
            )
        found.append(Annotation(moment(time), text.strip()))
    return tuple(sorted(found))


def moment(text: str) -> int:
    """A time as microseconds since 1970 UTC.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            "the time of an annotation cannot be read",
            expected='such as "2026-10-03" or "2026-10-03T12:00+02:00"',
            got=repr(text),
        ) from error
    return to_microseconds(at if at.tzinfo else at.replace(tzinfo=dt.UTC))
