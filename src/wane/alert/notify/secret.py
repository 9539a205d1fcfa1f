"""Secrets: settings say where they are, and nothing else ever says what they are."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import AfterValidator

from wane.alert.notify.channel import Again

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES = ("env:", "file:")
HIDDEN = "***"
LONG_PART = 8
SHORTEST = 4
"""Parts that are shorter are found everywhere, and give nothing away."""


def _reference(text: str) -> str:
    # A secret written here by mistake must not come back in the error, so it is not quoted.
    if not text.startswith(PLACES) or not text.partition(":")[2].strip():
        raise ValueError(
            'a secret is not written here, but named: "env:NAME" for an environment variable, '
            '"file:PATH" for a file'
        )
    return text


Reference = Annotated[str, AfterValidator(_reference)]
"""Where a secret is: "env:NAME" or "file:PATH"."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is. It is read when it is used, so that a new one needs no restart.

    Attributes:
        reference: "env:NAME" or "file:PATH".
    """

    reference: str

    def read(self) -> str | Again:
        """The secret, without the line's end; `Again` where there is none, for it may come."""
        place, _, name = self.reference.partition(":")
        if place == "env":
            value = os.environ.get(name, "").strip()
            return value or Again(f"the environment variable {name} is not set")
        try:
            value = Path(name).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not text in UTF-8"
            return Again(f"the secret in {name} cannot be read: {why}")
        return value or Again(f"the secret in {name} is empty")


def value_of(text: str) -> str | Again:
    """A setting that is written out, or kept as a secret."""
    return Secret(text).read() if text.startswith(PLACES) else text


def read_all(references: Iterable[str]) -> tuple[str, ...] | Again:
    """The secrets in the same order, or why the first one that is missing is."""
    values = []
    for reference in references:
        value = Secret(reference).read()
        if isinstance(value, Again):
            return value
        values.append(value)
    return tuple(values)


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced by three stars.

    A secret is found as it is and percent-encoded; of one that is an address also the path, and
    what is long in it, for that is what somebody else would quote.
    """
    forms = {
        form
        for secret in secrets
        for part in (secret, *_parts(secret))
        for form in (part, quote(part), quote(part, safe=""))
        if len(form) >= SHORTEST
    }
    for form in sorted(forms, key=len, reverse=True):
        # In names of hosts capitals are lost.
        text = re.sub(re.escape(form), HIDDEN, text, flags=re.IGNORECASE)
    return text


def _parts(secret: str) -> list[str]:
    """Path and query of an address, and their long parts."""
    path = secret.partition("://")[2].partition("/")[2]
    return [path, *(part for part in re.split(r"[/?#&=]", path) if len(part) >= LONG_PART)]
