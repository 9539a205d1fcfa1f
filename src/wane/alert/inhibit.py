"""Incidents that another one explains: they are shown, and not sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.metrics import metric_of
from wane.metrics.catalogue import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wane.alert.incident import Incident
    from wane.alert.signal import Signal

EXPLAINED = (Family.PERFORMANCE, Family.DRIFT)


@dataclass(frozen=True, slots=True)
class Causes:
    """What explains others, among the open incidents of a model.

    Attributes:
        broken: Column, or None for all of them -> rank of the worst incident that says that its
            data, or the predictions, are missing or broken.
        whole: Metric, column and rule of what the whole model does.
    """

    broken: Mapping[str | None, int]
    whole: frozenset[tuple[str, str | None, str]]

    def explain(self, signal: Signal) -> bool:
        """Whether one of them explains an incident; none explains itself.

        Without predictions, or with broken data, performance and drift say nothing of their own;
        what the whole model does, its segments do too.
        """
        if signal.segment and (signal.metric, signal.column, signal.rule) in self.whole:
            return True
        if _family(signal.metric) not in EXPLAINED:
            return False
        columns = self.broken if signal.column is None else (None, signal.column)
        return any(self.broken.get(column, -1) >= signal.severity.rank for column in columns)


def causes_of(incidents: Iterable[Incident]) -> Causes:
    """What explains others among the incidents of one model; over or pending ones explain none."""
    signals = [one.signal for one in incidents if one.is_told and one.signal.segment is None]
    broken: dict[str | None, int] = {}
    for signal in signals:
        if signal.metric == "volume" or _family(signal.metric) is Family.QUALITY:
            rank = signal.severity.rank
            broken[signal.column] = max(rank, broken.get(signal.column, rank))
    return Causes(broken, frozenset((one.metric, one.column, one.rule) for one in signals))


def _family(metric: str) -> Family | None:
    known = metric_of(metric)
    return None if known is None else known.family
