from __future__ import annotations

import json

import jsonschema
import pytest

from wane.cli import main
from wane.metrics import CATALOGUE


@pytest.mark.parametrize("which", ["result", "config"])
def test_schemas_are_schemas(which: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", which]) == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_metrics_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith("   ")][1:] == [
        metric.key for metric in CATALOGUE
    ]


def test_metrics_as_json_and_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["metric"] for entry in entries] == [metric.key for metric in CATALOGUE]
    assert main(["metrics", "--format", "md"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(rows) == len(CATALOGUE) + 2
