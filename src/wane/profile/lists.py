"""Counting recommendation lists: each query's metrics, summed over the queries of a window.

A query's rows must arrive together (`whole_queries` sees to it) and count in the window of their
first row. Gains are the relevances themselves, discounted by log2(position + 1) (Järvelin &
Kekäläinen 2002). NDCG, MAP, recall and MRR are taken over queries with a relevant item; precision
and hit rate over all queries with known relevance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.profile.values import to_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from wane.profile.rows import Rows
    from wane.profile.target import Target
    from wane.schema import Schema

LIST_METRICS = ("ndcg", "map", "precision", "recall", "hit_rate")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a batch: rows sorted by query and position.

    Attributes:
        first: [Q] a row of the batch for each query.
        query: [n] query of each sorted row, 0 .. Q - 1.
        position: [n] place in the list, 1 is the top.
        relevance: [n] >= 0.
        known: [Q] whether any relevance of the query is known.
    """

    first: NDArray[np.intp]
    query: NDArray[np.intp]
    position: NDArray[np.intp]
    relevance: NDArray[np.float64]
    known: NDArray[np.bool_]


def whole_queries(batches: Iterable[pa.RecordBatch], column: str) -> Iterator[pa.RecordBatch]:
    """The same rows, cut so that no query is split; queries must follow one another."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        if column not in batch.schema.names:
            yield batch
            continue
        codes = to_texts(batch.column(column)).codes
        changes = np.flatnonzero(np.diff(codes))
        cut = int(changes[-1]) + 1 if len(changes) else 0
        if cut:
            yield _joined([*held, batch.slice(0, cut)])
            held = []
        held.append(batch.slice(cut))
    if held:
        yield _joined(held)


def read_lists(rows: Rows, schema: Schema) -> Lists | None:
    """The lists of a batch; None without a query or relevance column."""
    queries = rows.array(schema.query)
    if queries is None or rows.array(schema.relevance) is None:
        return None
    query = to_texts(queries).codes + 1
    raw = rows.numbers(schema.relevance)
    relevance = np.where(np.isfinite(raw), np.maximum(raw, 0.0), 0.0)
    by = rows.numbers(schema.rank) if schema.rank is not None else -rows.numbers(schema.score)
    order = np.lexsort((np.nan_to_num(by, nan=np.inf), query))
    ordered = query[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) > 0]))
    sizes = np.diff(np.append(starts, len(ordered)))
    place = np.arange(len(ordered)) - np.repeat(starts, sizes)
    known = np.logical_or.reduceat(np.isfinite(raw)[order], starts) & (ordered[starts] > 0)
    return Lists(
        order[starts], np.repeat(np.arange(len(starts)), sizes), place + 1, relevance[order], known
    )


def count_lists(target: Target, lists: Lists) -> None:
    """Number, sum and sum of squares of every list metric, by group."""
    counters, groups = target.tally.counters.ranking, target.groups
    group = np.zeros(len(lists.first), dtype=np.intp)
    if groups.codes is not None:
        group = groups.codes[lists.first]
    columns = _query_metrics(lists, target.tally.grid.top_k)
    for place, values in enumerate(columns):
        usable = lists.known & np.isfinite(values)
        filled = np.where(usable, values, 0.0)
        for position, amounts in enumerate((usable.astype(np.float64), filled, filled**2)):
            counted = np.bincount(group, weights=amounts, minlength=len(groups))
            counters[target.rows, place, position] += counted


def _query_metrics(lists: Lists, top_k: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Every metric of every query: [Q] each, NaN where undefined, in the grid's order."""
    size = len(lists.first)
    relevant = lists.relevance > 0

    def by_query(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(lists.query, weights=amounts, minlength=size).astype(np.float64)

    discount = 1 / np.log2(lists.position + 1)
    best = np.lexsort((-lists.relevance, lists.query))
    ideal_gain = lists.relevance[best] * discount
    found = _running(relevant, lists.query)
    total = by_query(relevant.astype(np.float64))
    some = np.where(total > 0, total, np.nan)
    metrics: list[NDArray[np.float64]] = []
    for k in top_k:
        top = lists.position <= k
        gain, ideal = by_query(lists.relevance * discount * top), by_query(ideal_gain * top)
        hits = by_query((relevant & top).astype(np.float64))
        precisions = by_query(found / lists.position * (relevant & top))
        metrics += [
            gain / np.where(ideal > 0, ideal, np.nan),
            precisions / np.minimum(some, k),
            hits / k,
            hits / some,
            (hits > 0).astype(np.float64),
        ]
    reciprocal = np.zeros(size)
    np.maximum.at(reciprocal, lists.query, relevant / lists.position)
    metrics.append(np.where(total > 0, reciprocal, np.nan))
    return metrics


def _running(relevant: NDArray[np.bool_], query: NDArray[np.intp]) -> NDArray[np.intp]:
    """Relevant rows of the query up to and including each row."""
    total = np.cumsum(relevant)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(query) > 0]))
    before: NDArray[np.intp] = total[starts] - relevant[starts]
    sizes = np.diff(np.append(starts, len(query)))
    return (total - np.repeat(before, sizes)).astype(np.intp)


def _joined(parts: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(parts) == 1:
        return parts[0]
    table = pa.Table.from_batches(parts).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]
