"""Incidents that another one explains: they are shown, and not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.metrics import metric_of
from wane.metrics.catalogue import Family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.alert.incident import Incident

EXPLAINED = (Family.PERFORMANCE, Family.DRIFT)


def inhibited(incident: Incident, others: Iterable[Incident]) -> Incident | None:
    """The open incident of the same model that explains this one.

    Without predictions, or with broken data, performance and drift say nothing of their own; what
    the whole model does, its segments do too.

    Args:
        incident: Which is looked at.
        others: The open incidents of the model; it may be among them.
    """
    signal = incident.signal
    family = _family(signal.metric)
    for other in others:
        cause = other.signal
        if not other.is_open or cause.fingerprint == signal.fingerprint:
            continue
        broken = cause.metric == "volume" or _family(cause.metric) is Family.QUALITY
        if broken and cause.segment is None and family in EXPLAINED:
            same_column = cause.column is None or signal.column in (None, cause.column)
            if same_column and cause.severity.rank >= signal.severity.rank:
                return other
        parent = (cause.metric, cause.column, cause.rule, None)
        if (signal.metric, signal.column, signal.rule, cause.segment) == parent and signal.segment:
            return other
    return None


def _family(metric: str) -> Family | None:
    known = metric_of(metric)
    return None if known is None else known.family
