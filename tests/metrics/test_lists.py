"""Ranking metrics from profiles against scikit-learn and plain loops over the queries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import ndcg_score

from streams import START, count, grid_of, measured, reason, value
from wane.metrics.lists import NO_QUERIES, NO_ROWS, ranking_metrics
from wane.profile.summarise import summarise
from wane.schema import Schema, Task
from wane.window import DAY, Every

KS = (1, 3, 10)
SCHEMA = Schema(
    task=Task.RANKING,
    query="query",
    item="item",
    rank="rank",
    relevance="relevance",
    features=(),
    top_k=KS,
)


def lists(seed: int, queries: int = 200) -> list[np.ndarray]:
    """Relevances of each query's list, in order of rank; lists differ in length."""
    rng = np.random.default_rng(seed)
    return [
        rng.choice([0.0, 1.0, 2.0, 3.0], int(rng.integers(1, 15)), p=[0.7, 0.15, 0.1, 0.05])
        for _ in range(queries)
    ]


def table_of(found: list[np.ndarray]) -> pa.Table:
    sizes = [len(one) for one in found]
    rank = np.concatenate([np.arange(1, size + 1) for size in sizes])
    return pa.table(
        {
            "query": np.repeat([f"q{i}" for i in range(len(found))], sizes),
            "item": np.random.default_rng(0).integers(0, 40, len(rank)),
            "rank": rank,
            "relevance": np.concatenate(found),
        }
    )


def by_loop(one: np.ndarray, k: int) -> dict[str, float]:
    """The metrics of one list by their definitions."""
    hits = [gain > 0 for gain in one[:k]]
    total = sum(gain > 0 for gain in one)
    precisions = [sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit]
    metrics = {f"precision@{k}": sum(hits) / k, f"hit_rate@{k}": float(any(hits))}
    if total:
        first = next(i for i, gain in enumerate(one) if gain > 0) + 1
        metrics |= {
            f"map@{k}": sum(precisions) / min(total, k),
            f"recall@{k}": sum(hits) / total,
            "mrr": 1 / first,
        }
        metrics[f"ndcg@{k}"] = ndcg_score([one], [-np.arange(len(one))], k=k) if len(one) > 1 else 1
    return metrics


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("k", KS)
def test_against_scikit_learn_and_plain_loops(k: int, seed: int) -> None:
    found = lists(seed)
    measured_lists = measured(table_of(found), SCHEMA)
    expected: dict[str, list[float]] = {}
    for one in found:
        for key, number in by_loop(one, k).items():
            expected.setdefault(key, []).append(number)
    for key, numbers in expected.items():
        series = measured_lists.get(key)
        assert series is not None
        assert series.values[0] == pytest.approx(np.mean(numbers), abs=1e-12), key
        assert series.n[0] == len(numbers)
        half = 1.96 * np.std(numbers, ddof=1) / np.sqrt(len(numbers))
        assert series.high[0] - series.values[0] == pytest.approx(half, rel=1e-3)


def test_items_are_sorted_by_score_where_there_is_no_rank() -> None:
    table = table_of(lists(2))
    rank = table["rank"].to_numpy()
    scored = table.append_column("score", pa.array(1.0 / rank)).take(
        np.lexsort((rank % 3, np.cumsum(rank == 1)))
    )
    found = measured(scored, replace(SCHEMA, rank=None, score="score"))
    expected = measured(table, SCHEMA)
    for metric in ranking_metrics(KS):
        assert value(found, metric.key) == pytest.approx(value(expected, metric.key), abs=1e-12)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_queries_are_never_cut_by_a_batch(size: int) -> None:
    table = table_of(lists(3, 40))
    grid = grid_of(table, SCHEMA)
    expected = count(table, SCHEMA, grid, every=None).whole.counters.ranking
    for whole in (table, table.set_column(0, "query", table["query"].dictionary_encode())):
        batches = whole.combine_chunks().to_batches(max_chunksize=size)
        empty = batches[0].slice(0, 0)
        found = summarise([empty, *batches], grid=grid, schema=SCHEMA, every=None, now=0)
        np.testing.assert_allclose(found.whole.counters.ranking, expected)
        assert found.read == len(table)


def test_a_list_counts_in_the_window_of_its_first_row() -> None:
    table = table_of([np.array([1.0, 0.0]), np.array([0.0, 1.0])])
    at = pa.array([START, START + DAY, START + DAY, START + DAY], pa.timestamp("us"))
    schema = replace(SCHEMA, timestamp="at")
    found = measured(table.append_column("at", at), schema, every=Every.parse("1d"))
    series = found.get("mrr")
    assert series is not None
    assert series.values.tolist() == [1.0, 0.5]
    assert series.n.tolist() == [1, 1]


def test_unknown_relevance_leaves_a_query_out_and_odd_relevance_is_none() -> None:
    nan, inf = float("nan"), float("inf")
    relevance = pa.array([None, nan, 1.0, None, -3.0, inf, None, None], pa.float64())
    table = pa.table(
        {
            "query": ["a", "a", "b", "b", "c", "c", None, None],
            "item": range(8),
            "rank": [1, 2] * 4,
            "relevance": relevance,
        }
    )
    found = measured(table, SCHEMA)
    assert value(found, "mrr") == 1
    assert value(found, "hit_rate@1") == 0.5  # b hits, c does not, a is not known


def test_undefined_with_a_reason() -> None:
    table = table_of([np.zeros(3), np.zeros(2)])
    found = measured(table, SCHEMA)
    assert reason(found, "ndcg@3") == reason(found, "mrr") == NO_QUERIES
    assert value(found, "precision@3") == 0
    unknown = table.set_column(3, "relevance", pa.nulls(5, pa.float64()))
    assert reason(measured(unknown, SCHEMA), "precision@3") == NO_QUERIES
    lacking = measured(table.drop_columns(["relevance"]), SCHEMA)
    assert reason(lacking, "hit_rate@1") == NO_QUERIES
    without = measured(table.drop_columns(["query"]), SCHEMA, table)
    assert reason(without, "hit_rate@1") == NO_QUERIES
    assert value(without, "volume") == 5


def test_catalogue_coverage() -> None:
    reference = pa.table(
        {"query": range(4), "item": list("abcd"), "rank": [1] * 4, "relevance": [1] * 4}
    )
    found = measured(reference.take([0, 1, 1]), SCHEMA, reference)
    assert value(found, "catalogue_coverage") == 0.5
    bare = reference.set_column(1, "item", pa.nulls(4))
    told = measured(reference, SCHEMA, bare)
    assert reason(told, "catalogue_coverage") == "the reference has no items"
    segmented = replace(SCHEMA, segments=("item",))
    windows = measured(reference, segmented, every=Every.parse("2 rows"))
    series = windows.get("catalogue_coverage", segment="item=a")
    assert series is not None
    assert series.reasons == (None, NO_ROWS)
