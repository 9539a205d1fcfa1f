"""The exceptions of wane, all of them.

WaneError                    anything wane raises on purpose
├── UsageError               a call or a command line that cannot be carried out      exit 2
│   └── ConfigError          wane.toml (or the same keys as arguments) is not usable  exit 2
├── DataError                the data cannot be used                                  exit 3
│   ├── SourceError          a file or frame cannot be read
│   └── SchemaError          a column is missing, or not what its role needs
├── StoreError               what is remembered cannot be read or written             exit 3
└── ProfileError             profiles that cannot be merged or decoded                exit 4

Every error says what happened, where, what was expected, what came, and what to do.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class WaneError(Exception):
    """Base of every error raised on purpose.

    Args:
        what: One sentence: what cannot be done, and where (file, column, key).
        expected: What would have been accepted.
        got: What came instead.
        hint: What to do about it.
    """

    exit_code = 4

    def __init__(
        self,
        what: str,
        *,
        expected: str | None = None,
        got: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what = what
        self.expected = expected
        self.got = got
        self.hint = hint
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole text: what; expected; got; hint."""
        facts = [f"expected {self.expected}"] if self.expected else []
        facts += [f"got {self.got}"] if self.got else []
        text = f"{self.what}: {', '.join(facts)}" if facts else self.what
        return f"{text}. {self.hint}" if self.hint else text


class UsageError(WaneError):
    """A call or a command line that cannot be carried out as written."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration that is not valid: unknown key, wrong type, value out of range."""


class DataError(WaneError):
    """The data are there but cannot be used."""

    exit_code = 3


class SourceError(DataError):
    """A file, glob, directory or frame that cannot be read."""


class SchemaError(DataError):
    """A column that is missing or does not fit its role."""

    @classmethod
    def missing_column(
        cls, column: str, *, role: str, where: str, available: Iterable[str]
    ) -> SchemaError:
        """A column named in the schema that the data do not have."""
        names = list(available)
        shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
        return cls(
            f"{where} has no column {column!r}, named as {role}",
            expected=f"one of {shown}" if names else "at least one column",
            hint=did_you_mean(column, names) or "Name another column, or leave it out.",
        )


class StoreError(WaneError):
    """A data directory that cannot be opened, read or written."""

    exit_code = 3


class ProfileError(WaneError):
    """Profiles that do not belong together, or bytes that are not a profile."""


def did_you_mean(word: str, allowed: Iterable[str]) -> str | None:
    """A sentence naming the closest allowed word, or None when nothing is close."""
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else None
