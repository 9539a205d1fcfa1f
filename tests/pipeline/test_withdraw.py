"""Labels come late, and an alert that rested on the first few is taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wane
from build_log import log
from pipeline.logs import TRAIN, check, put
from sound import shown, sound
from wane.cli import main
from wane.report.alerts_file import NAME
from wane.report.outputs import write_outputs

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = log(5, 100, seed=2)
RULES = ["accuracy < 0.50", "volume > 50 as warning"]


def with_labels(known: np.ndarray, *, wrong: np.ndarray | None = None) -> pa.Table:
    """The log, answered rightly but where it says so, labels missing where not known yet."""
    label = WHOLE["prediction"].to_numpy()
    if wrong is not None:
        label = np.where(wrong, 1 - label, label)
    return put(WHOLE, label=pa.array(label, mask=~known))


LAST_DAY = np.arange(500) >= 400
FIRST_FEW = np.arange(500) < 420
EARLY = with_labels(~LAST_DAY | FIRST_FEW, wrong=LAST_DAY & FIRST_FEW)
LATE = with_labels(np.ones(500, dtype=np.bool_), wrong=LAST_DAY & FIRST_FEW)


def test_a_later_run_takes_back_what_labels_refuted() -> None:
    early = check(EARLY, reference=TRAIN, rules=RULES)
    late = check(LATE, reference=TRAIN, rules=RULES, earlier=early)
    (one,) = late.withdrawn
    assert (one.alert.rule, one.alert.value, one.alert.n) == ("accuracy < 0.50", 0, 20)
    assert (one.value, one.n) == (0.8, 100)
    assert one.reason == (
        "by labels that came later: accuracy of 5 Nov was 0 from 20 labels, is 0.8 from 100 labels"
    )
    assert shown(late)["withdrawn"][0]["value_now"] == 0.8
    assert "Alerts of the run before that fire no more" in late.to_html()
    assert one.reason in late.to_html()
    assert late.notes == early.notes


def test_the_same_run_again_takes_nothing_back(tmp_path: Path) -> None:
    result = check(EARLY, reference=TRAIN, rules=RULES)
    write_outputs(result, tmp_path)
    again = check(EARLY, reference=TRAIN, rules=RULES, earlier=tmp_path)
    assert result.alerts
    assert (again.withdrawn, again.notes) == ((), result.notes)


def test_the_command_line_compares_with_the_run_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "log.parquet", tmp_path / "out"
    pq.write_table(TRAIN, tmp_path / "train.parquet")
    words = ["check", str(path), "--reference", str(tmp_path / "train.parquet"), "--out", str(out)]
    words += ["--now", "2026-11-22", "--rule", RULES[0]]
    pq.write_table(EARLY, path)
    assert main([*words, "-q"]) == 1
    assert "fire no more" not in capsys.readouterr().out
    pq.write_table(LATE, path)
    assert main([*words, "-q"]) == 0
    text = capsys.readouterr().out
    assert "Alerts of the run before that fire no more" in text
    assert "by labels that came later: accuracy of 5 Nov was 0 from 20 labels" in text
    written = json.loads((out / NAME).read_text(encoding="utf-8"))
    assert (written["alerts"], len(written["withdrawn"])) == ([], 1)
    assert main([*words, "--format", "json", "-q"]) == 0
    assert sound(capsys.readouterr().out)["withdrawn"] == []  # told once


def test_a_file_that_cannot_be_compared_with_costs_a_note_and_no_run(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("[", encoding="utf-8")
    result = check(LATE, reference=TRAIN, earlier=tmp_path)
    assert result.withdrawn == ()
    assert "no alert was taken back" in result.notes[-1]
    assert "is not the alerts of an earlier run" in result.notes[-1]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"model": "other"}, "of the model 'other', not of 'model'"),
        ({"every": None}, "cut by dates in UTC, not by 1d in UTC"),
    ],
)
def test_runs_that_do_not_belong_together_are_not_compared(
    changed: dict[str, Any], told: str
) -> None:
    early = replace(check(EARLY, reference=TRAIN, rules=RULES), **changed)
    late = check(LATE, reference=TRAIN, rules=RULES, earlier=early)
    assert late.withdrawn == ()
    assert told in late.notes[-1]


def test_a_revised_table_of_metrics_takes_back_too() -> None:
    table = {"date": [f"2025-01-{day:02}" for day in range(1, 11)], "accuracy": [0.95] * 9 + [0.8]}
    early = wane.series(pa.table(table), rules=["accuracy < 0.9"])
    table["accuracy"] = [0.95] * 10
    late = wane.series(pa.table(table), rules=["accuracy < 0.9"], earlier=early)
    assert [one.reason for one in late.withdrawn] == [
        "by a log that was revised: accuracy of 10 Jan was 0.8, is 0.95"
    ]
