"""What a look at a data directory finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.detect.severity import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a data directory that its operator should know.

    Attributes:
        severity: Info: as it should be, or good to know. Warning: will be a trouble. Critical: is.
        subject: What it is about, a word or two.
        what: What was found.
        advice: What to do; empty where nothing needs to be done.
    """

    severity: Severity
    subject: str
    what: str
    advice: str = ""
