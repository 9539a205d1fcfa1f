from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from wane.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ACCURACY = [".97", ".96", ".97", ".95", ".94", ".93", ".92", ".91", ".90", ".89"]
VOLUME = ["500", "520", "510", "540", "550", "560", "590", "600", "610", "620"]
CONFIDENCE = [".95", ".95", ".94", ".93", ".92", ".91", ".90", ".89", ".88", ".87"]
RULES = ["--rule", "accuracy < 0.90", "--rule", "avg_confidence < 0.88"]


@pytest.fixture
def table(tmp_path: Path) -> str:
    rows = [
        f"2025-01-{day:02},{accuracy},{volume},{confidence}"
        for day, accuracy, volume, confidence in zip(
            range(1, 11), ACCURACY, VOLUME, CONFIDENCE, strict=True
        )
    ]
    path = tmp_path / "metrics.csv"
    path.write_text("\n".join(["date,accuracy,prediction_volume,avg_confidence", *rows]))
    return str(path)


def test_the_last_day_alerts_and_only_it(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["series", table, *RULES, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["rule"], one["window_start"], one["value"]) for one in found["alerts"]] == [
        ("accuracy < 0.90", "2025-01-10T00:00:00Z", 0.89),
        ("avg_confidence < 0.88", "2025-01-10T00:00:00Z", 0.87),
    ]
    means = [found["summary"][name]["mean"] for name in found["summary"]]
    assert means == pytest.approx([0.934, 560, 0.914], abs=1e-12)


def test_the_table_prints_the_digits(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["series", table, *RULES, "--fail-on", "never"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["accuracy", "0.970", "0.890", "-0.080", "0.934"] in lines
    assert ["prediction_volume", "500", "620", "+120", "560"] in lines


def test_severity_and_fail_on_decide_the_exit_code(table: str) -> None:
    rule = ["--rule", "accuracy < 0.90 as warning"]
    assert main(["series", table, *rule]) == 0
    assert main(["series", table, *rule, "--fail-on", "warning"]) == 1


def test_rules_and_outputs_come_from_a_file(table: str, tmp_path: Path) -> None:
    config = tmp_path / "wane.toml"
    config.write_text('rules = ["accuracy < 0.90"]\nout = "out"\nmodel = "churn"')
    assert main(["series", table, "--config", str(config), "-q"]) == 1
    alerts = json.loads((tmp_path / "out/alerts.json").read_text())["alerts"]
    assert [alert["metric"] for alert in alerts] == ["accuracy"]


def test_an_unknown_metric_is_a_usage_error(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["series", table, "--rule", "acuracy < 0.90"]) == 2
    assert "Did you mean 'accuracy'?" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_data_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["series", "none.csv"]) == 3
    assert "none.csv" in capsys.readouterr().err
