from __future__ import annotations

import pytest

from wane.detect.defaults import RULES, default_rules
from wane.detect.grammar import parse_rule
from wane.detect.severity import Severity
from wane.schema import Task

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
        (Task.BINARY, "accuracy", "accuracy drops 0.05 surely as critical"),
        (Task.REGRESSION, "mae", "mae rises 10% surely as critical"),
        (Task.REGRESSION, "r2", "r2 drops 0.05 surely as critical"),
        (Task.RANKING, "ndcg@10", "ndcg@10 drops 0.05 surely as critical"),
    ],
)
def test_the_main_metric_comes_first(task: Task, main: str, first: str) -> None:
    assert texts(task, main)[0] == first


def test_a_main_metric_has_its_own_two_rules_only() -> None:
    assert sum(text.startswith("roc_auc ") for text in texts(Task.BINARY, "roc_auc")) == 2


def test_without_a_task_there_is_no_performance() -> None:
    assert texts(Task.NONE, "volume") == texts(None, None)
    assert any(text.startswith("volume drops") for text in texts(Task.NONE, "volume"))


@pytest.mark.parametrize("text", RULES)
def test_every_default_reads(text: str) -> None:
    assert parse_rule(text).text == text
