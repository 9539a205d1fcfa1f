"""How much a broken rule matters."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much an alert matters, least first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for critical."""
        return RANKS[self]


RANKS = {severity: rank for rank, severity in enumerate(Severity)}
