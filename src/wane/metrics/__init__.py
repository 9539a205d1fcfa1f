"""Metrics: profiles in, measurements out. Never draws, never reads rows."""

from functools import lru_cache

from wane.metrics import (
    adjusted,
    binary,
    drift,
    estimable,
    lists,
    maturity,
    multiclass,
    quality,
    regression,
    traffic,
    trust,
)
from wane.metrics.catalogue import Metric

__all__ = ["CATALOGUE", "metric_of"]


def _distinct(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """The first metric of each key."""
    by_key: dict[str, Metric] = {}
    for metric in metrics:
        by_key.setdefault(metric.key, metric)
    return tuple(by_key.values())


CATALOGUE: tuple[Metric, ...] = _distinct(
    (
        *(definition.metric for definition in binary.METRICS),
        binary.COST.metric,
        *(definition.metric for definition in adjusted.METRICS),
        *(definition.metric for definition in estimable.METRICS),
        trust.TRUST.metric,
        *(definition.metric for definition in multiclass.METRICS),
        *(definition.metric for definition in regression.METRICS),
        *lists.ranking_metrics((10,)),
        lists.COVERAGE,
        *(definition.metric for definition in traffic.METRICS),
        *(definition.metric for definition in maturity.METRICS),
        *quality.METRICS,
        *drift.METRICS,
    )
)
"""Every metric there is, once; list metrics stand for any length k."""
_BY_KEY = {metric.key: metric for metric in CATALOGUE}


@lru_cache(maxsize=1_024)  # list metrics are made anew for each length
def metric_of(key: str) -> Metric | None:
    """The catalogue's entry for a key, list metrics of any length included; None when unknown."""
    name, at, length = key.partition("@")
    if at and length.isdigit() and f"{name}@10" in _BY_KEY:
        found = lists.ranking_metrics((int(length),))
        return next(metric for metric in found if metric.key == key)
    return _BY_KEY.get(key)
