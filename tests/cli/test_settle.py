from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wane.cli.settle import detection_of, detection_of_table, rules_of, settled, unused_config
from wane.detect.severity import Severity
from wane.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_lists_are_comma_separated_or_repeated() -> None:
    settings = settled(
        None,
        {"features": ["age, zip", "income"], "segment": ["channel"], "top_k": ["1,5", "10"]},
    )
    assert settings.features == ("age", "zip", "income")
    assert settings.segment == ("channel",)
    assert settings.top_k == (1, 5, 10)


def test_flags_lie_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "wane.toml"
    path.write_text('label = "y"\nfail_on = "warning"\nrules = ["f1 < 1"]')
    settings = settled(str(path), {"label": "z", "fail_on": None, "rules": None})
    assert (settings.label, settings.fail_on, settings.rules) == ("z", "warning", ("f1 < 1",))
    assert settled(str(path), {"rules": ["f1 < 2"]}).rules == ("f1 < 2",)


def test_rules_are_read_from_text_and_tables(tmp_path: Path) -> None:
    path = tmp_path / "wane.toml"
    path.write_text('rules = ["f1 < 1", {rule = "mae > 3", for = 2, severity = "info"}]')
    rules = rules_of(settled(str(path), {}))
    assert rules is not None
    assert [(rule.metric, rule.for_windows, rule.severity) for rule in rules] == [
        ("f1", 1, Severity.CRITICAL),
        ("mae", 2, Severity.INFO),
    ]


def test_no_rules_leave_the_defaults() -> None:
    assert rules_of(settled(None, {})) is None


def test_a_budget_lies_over_that_of_the_file_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "wane.toml"
    path.write_text('[detection]\nfalse_alarms = "1 per day"\ntolerance = {f1 = 0.1}')
    given = detection_of(settled(str(path), {"false_alarms": "1 per year"}))
    assert given == {"false_alarms": "1 per year", "tolerance": {"f1": 0.1}}
    kept = detection_of(settled(str(path), {"false_alarms": None}))
    assert kept == {"false_alarms": "1 per day", "tolerance": {"f1": 0.1}}


def test_a_budget_needs_no_file() -> None:
    assert detection_of(settled(None, {"false_alarms": "1 per year"})) == {
        "false_alarms": "1 per year"
    }
    assert detection_of(settled(None, {})) == {}


def test_a_bad_rule_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError):
        rules_of(settled(None, {"rules": ["f1"]}))


def test_a_config_that_lies_here_is_mentioned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert unused_config(None) == []
    (tmp_path / "wane.toml").touch()
    assert "--config wane.toml" in unused_config(None)[0]
    assert unused_config("wane.toml") == []


def test_a_table_of_metrics_has_no_features_that_matter(tmp_path: Path) -> None:
    path = tmp_path / "wane.toml"
    path.write_text("[detection]\nimportance = {income = 0.4}\ntolerance = {f1 = 0.1}")
    settings = settled(str(path), {})
    assert detection_of(settings) == {"importance": {"income": 0.4}, "tolerance": {"f1": 0.1}}
    assert detection_of_table(settings) == {"tolerance": {"f1": 0.1}}
