"""Every task from rows to a result, with the metrics that scikit-learn gives for the same rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import metrics

import wane
from build_log import log
from sound import shown
from streams import START, TASKS
from streams import log as stream
from wane.schema import Task
from wane.window import DAY, to_datetime

if TYPE_CHECKING:
    from pathlib import Path

    from wane.report.result import Result

NOW = to_datetime(START + 40 * DAY)


def whole(table: pa.Table, **roles: object) -> Result:
    """A single window over all rows."""
    schema = wane.Schema(**roles)  # type: ignore[arg-type]  # roles of any kind
    return wane.check(table, schema=schema, every="100000 rows", now=NOW)


def value(result: Result, metric: str) -> float:
    return result.summary[metric].last


def known(table: pa.Table, *columns: str) -> list[np.ndarray[tuple[int], np.dtype[np.generic]]]:
    """The columns, without rows where one of them is missing."""
    rows = table.select(list(columns)).drop_null()
    return [rows[name].to_numpy() for name in columns]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_told_from_its_columns(task: Task) -> None:
    table = stream(task, 400)
    result = wane.check(table if task is Task.RANKING else table.drop_columns(["query"]), now=NOW)
    assert result.schema is not None
    assert result.schema.task is task
    assert shown(result)["rows"]["used"] == 400


def test_binary() -> None:
    table = log(4, 200, seed=5)
    label, prediction, score = known(table, "label", "prediction", "score")
    found = wane.check(table, every="100000 rows", now=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    assert value(found, "accuracy") == pytest.approx(metrics.accuracy_score(label, prediction))
    assert value(found, "f1") == pytest.approx(metrics.f1_score(label, prediction))
    assert value(found, "brier") == pytest.approx(metrics.brier_score_loss(label, score), abs=1e-9)
    assert value(found, "log_loss") == pytest.approx(metrics.log_loss(label, score), abs=1e-9)
    assert value(found, "roc_auc") == pytest.approx(metrics.roc_auc_score(label, score), abs=2e-4)


def test_multiclass() -> None:
    table = stream(Task.MULTICLASS, 600)
    label, prediction = known(table, "label", "prediction")
    found = whole(table)
    assert found.main_metric == "accuracy"
    assert value(found, "accuracy") == pytest.approx(metrics.accuracy_score(label, prediction))
    macro = metrics.f1_score(label, prediction, average="macro")
    assert value(found, "macro_f1") == pytest.approx(macro)


def test_regression() -> None:
    table = stream(Task.REGRESSION, 600)
    label, prediction = known(table, "label", "prediction")
    found = whole(table)
    assert found.main_metric == "mae"
    assert value(found, "mae") == pytest.approx(metrics.mean_absolute_error(label, prediction))
    assert value(found, "r2") == pytest.approx(metrics.r2_score(label, prediction))


def test_ranking() -> None:
    """Four items a query; those without any known relevance, or a relevant item, do not count."""
    table = stream(Task.RANKING, 600)
    gains = table["relevance"].to_numpy().reshape(-1, 4)
    judged = [np.nan_to_num(row) for row in gains if np.isfinite(row).any() and np.nansum(row) > 0]
    wanted = [metrics.ndcg_score([row], [[4, 3, 2, 1]], k=3) for row in judged]
    found = whole(table, top_k=(3,))
    assert found.main_metric == "ndcg@3"
    assert value(found, "ndcg@3") == pytest.approx(np.mean(wanted))


def test_a_ranking_in_a_file(tmp_path: Path) -> None:
    table = stream(Task.RANKING, 600)
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=50)
    file = wane.check(tmp_path / "log.parquet", every="1d", now=NOW)
    assert file.summary == wane.check(table, every="1d", now=NOW).summary


def test_operations() -> None:
    table = stream(Task.BINARY, 600)
    found = whole(table, latency="latency", error="failed", version="version")
    failed = table["failed"].drop_null().to_numpy(zero_copy_only=False)
    assert value(found, "volume") == 600
    assert value(found, "latency_mean") == pytest.approx(table["latency"].to_numpy().mean())
    assert value(found, "error_rate") == pytest.approx(failed.mean())
