"""Ranking metrics (recommendation): means over the queries of a window; normal intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, Metric
from wane.metrics.estimates import Estimates, estimates
from wane.profile.counters import Total
from wane.profile.grid import Grid, Part
from wane.profile.lists import LIST_METRICS
from wane.stats import interval

if TYPE_CHECKING:
    from wane.profile.counters import Counters

MEANINGS = {
    "ndcg": "Discounted gain of the first k items over the best order's (gain = relevance)",
    "map": "Mean over queries of the average precision within the first k items",
    "precision": "Share of the first k items that are relevant",
    "recall": "Share of a query's relevant items that are among the first k",
    "hit_rate": "Share of queries with a relevant item among the first k",
}
TITLES = {"ndcg": "NDCG", "map": "MAP", "hit_rate": "hit rate"}
NO_ROWS = "no rows in this window"
NO_QUERIES = "no query with a relevant item in this window"


def ranking_metrics(top_k: tuple[int, ...]) -> tuple[Metric, ...]:
    """The catalogue entries for these list lengths, in the order they are counted."""
    listed = [
        Metric(
            f"{name}@{k}",
            f"{TITLES.get(name, name)}@{k}",
            Family.PERFORMANCE,
            Better.HIGHER,
            MEANINGS[name].replace(" k ", f" {k} ").removesuffix(" k") + f" (k = {k})",
            waits=True,
        )
        for k in top_k
        for name in LIST_METRICS
    ]
    mrr = "Mean over queries of 1 / position of the first relevant item"
    return (*listed, Metric("mrr", "MRR", Family.PERFORMANCE, Better.HIGHER, mrr, waits=True))


COVERAGE = Metric(
    "catalogue_coverage",
    "catalogue coverage",
    Family.PERFORMANCE,
    Better.NEITHER,
    "Share of the reference's items that were recommended at all",
    percent=True,
)


def measure_lists(counters: Counters, grid: Grid) -> dict[str, Estimates]:
    """Every ranking metric in R windows, by key."""
    measured: dict[str, Estimates] = {}
    for position, metric in enumerate(ranking_metrics(grid.top_k)):
        n, total, squares = counters.ranking[:, position].T
        value = total / np.where(n > 0, n, np.nan)
        limits = interval.mean(total, squares, n)
        measured[metric.key] = estimates(value, n, interval=limits, otherwise=NO_QUERIES)
    item = grid.one(Part.ITEM)
    if item is not None:
        start, known = grid.starts[item], grid.columns[item].cells.size - 2
        shown = counters.cells[:, start : start + known].sum(axis=2) > 0
        share = shown.sum(axis=1) / known if known else np.full(len(shown), np.nan)
        rows = counters.totals[:, Total.ROWS]
        measured[COVERAGE.key] = estimates(
            share, rows, because=[(rows == 0, NO_ROWS)], otherwise="the reference has no items"
        )
    return measured
