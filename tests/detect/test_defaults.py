from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from wane.detect.defaults import LEAST_ROWS, RULES, default_rules
from wane.detect.detection import Detection
from wane.detect.grammar import parse_rule
from wane.detect.rules import apply_rule
from wane.detect.severity import Severity
from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.schema import Task
from wane.stats.interval import wilson
from wane.window import DAY, Window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METRICS = {"accuracy", "roc_auc", "mae", "psi", "missing_share", "volume", "ndcg@10", "r2"}


def texts(task: Task | None, main: str | None) -> list[str]:
    return [rule.text for rule in default_rules(task, main, METRICS)]


def test_default_rules_are_sure_and_not_given() -> None:
    rules = default_rules(Task.BINARY, "accuracy", METRICS)
    assert all(rule.sure and not rule.given for rule in rules)
    assert [rule.severity for rule in rules[:2]] == [Severity.CRITICAL, Severity.WARNING]


def test_only_rules_on_what_was_measured() -> None:
    assert {rule.metric for rule in default_rules(Task.BINARY, "accuracy", METRICS)} <= METRICS
    assert default_rules(Task.BINARY, "accuracy", ()) == ()


@pytest.mark.parametrize(
    ("task", "main", "first"),
    [
        (Task.BINARY, "accuracy", "accuracy drops 0.05 surely as critical with 20 rows"),
        (Task.REGRESSION, "mae", "mae rises 10% surely as critical with 20 rows"),
        (Task.REGRESSION, "r2", "r2 drops 0.05 surely as critical with 20 rows"),
        (Task.RANKING, "ndcg@10", "ndcg@10 drops 0.05 surely as critical with 20 rows"),
    ],
)
def test_the_main_metric_comes_first(task: Task, main: str, first: str) -> None:
    assert texts(task, main)[0] == first


def test_a_main_metric_has_its_own_three_rules_only() -> None:
    assert sum(text.startswith("roc_auc ") for text in texts(Task.BINARY, "roc_auc")) == 3


def test_without_a_task_there_is_no_performance() -> None:
    assert texts(Task.NONE, "volume") == texts(None, None)
    assert any(text.startswith("volume drops") for text in texts(Task.NONE, "volume"))


@pytest.mark.parametrize("text", RULES)
def test_every_default_reads(text: str) -> None:
    assert parse_rule(text).text == text


def share(metric: str, hits: ArrayLike, n: ArrayLike, reference: float, **key: str) -> Series:
    """A share in each window, with its Wilson interval."""
    part, whole = np.broadcast_arrays(np.asarray(hits, dtype=float), np.asarray(n))
    low, high = wilson(part, whole)
    nothing = (None,) * len(whole)
    return Series(
        SeriesKey(metric, **key), part / whole, low, high, whole.copy(), nothing, reference
    )


def volume(rows: ArrayLike, typical: float) -> Series:
    values = np.asarray(rows, dtype=float)
    nothing = np.full(len(values), np.nan)
    reasons = (None,) * len(values)
    n = values.astype(np.int64)
    return Series(SeriesKey("volume"), values, nothing, nothing, n, reasons, typical)


def fired(series: Series) -> list[int]:
    """Windows in which some default rule on that series is broken."""
    windows = tuple(Window(i * DAY, (i + 1) * DAY) for i in range(len(series.values)))
    found = Measurements(windows, {series.key: series})
    rules = default_rules(Task.BINARY, "accuracy", {series.key.metric})
    return sorted(
        {
            one.index
            for rule in rules
            for one in apply_rule(rule, found)
            if isinstance(one, Detection)
        }
    )


BAD = ("missing_share", "nan_share", "invalid_share", "unseen_share", "wrong_type_share")


@pytest.mark.parametrize("metric", BAD)
def test_no_single_bad_row_breaks_a_rule(metric: str) -> None:
    n = np.arange(2, 400)
    assert fired(share(metric, 1, n, 0.0, column="age")) == []
    assert wilson(1, 17).low > 0.01 > wilson(1, LEAST_ROWS).low


def test_no_single_error_is_an_outage_but_many_are() -> None:
    assert fired(share("error_rate", 1, np.arange(2, 400), 0.0)) == []
    assert fired(share("error_rate", [3, 5, 20], 20, 0.0)) == [0, 1, 2]


def test_tiny_windows_cannot_lose_accuracy() -> None:
    """All wrong in windows of 2 to 5 rows, then as many as it takes."""
    assert fired(share("accuracy", 0, np.arange(2, 6), 0.93)) == []
    assert fired(share("accuracy", 10, [LEAST_ROWS - 1, LEAST_ROWS], 0.93)) == [1]


def test_windows_of_a_few_rows_say_how_many_more() -> None:
    accuracy = share("accuracy", 0, [4], 0.93)
    found = Measurements((Window(0, DAY),), {accuracy.key: accuracy})
    (rule, *_) = default_rules(Task.BINARY, "accuracy", {"accuracy"})
    (one,) = apply_rule(rule, found)
    assert "(4 rows): need about 16 more" in one.reason


@pytest.mark.parametrize(("typical", "most"), [(2, 3), (4, 1), (8, 1), (30, 0), (300, 0)])
def test_the_noise_of_a_small_volume_is_no_change(typical: int, most: int) -> None:
    """Of 10,000 windows; the values alone would break a rule in hundreds with 4 rows each."""
    rows = np.random.default_rng(typical).poisson(typical, 10_000)
    assert len(fired(volume(rows[rows > 0], typical))) <= most
    if typical == 4:
        assert np.sum((rows < 2) | (rows > 8)) > 900


@pytest.mark.parametrize(
    ("typical", "rows"), [(12, 1), (40, 9), (1000, 400), (1, 8), (4, 15), (1000, 2200)]
)
def test_volumes_that_are_surely_less_than_half_or_more_than_twice(typical: int, rows: int) -> None:
    assert fired(volume([rows], typical)) == [0]


@pytest.mark.parametrize(("typical", "rows"), [(4, 1), (4, 2), (4, 14), (11, 1), (1000, 480)])
def test_volumes_that_may_be_chance(typical: int, rows: int) -> None:
    assert fired(volume([rows], typical)) == []
