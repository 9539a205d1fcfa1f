"""A replayed history as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from report.build_result import HOSTILE, by_rows, days, declining
from wane.diagnose.replay import Backtest, Replayed
from wane.report.backtest import SHOWN, as_json, render

if TYPE_CHECKING:
    from wane.report.result import Result

WINDOWS = days(60)
RULE = Replayed(
    "accuracy < 0.9",
    learned=False,
    events=2,
    windows=5,
    per_month=1.0,
    starts=(WINDOWS[5], WINDOWS[20]),
)
SILENT = Replayed("psi > 0.2", learned=False, events=0, windows=0, per_month=0.0, starts=())
OFTEN = Replayed("shift", learned=True, events=11, windows=1200, per_month=5.5, starts=WINDOWS[:11])
FOUND = Backtest((RULE, SILENT, OFTEN), days=60.0, allowed=2 / 3)
RESULT = declining()


def lines(found: Backtest = FOUND, result: Result = RESULT, **options: object) -> list[str]:
    return render(found, result, **options).splitlines()  # type: ignore[arg-type]


def row_of(name: str, found: list[str]) -> str:
    (row,) = [line for line in found if name in line]
    return " ".join(row.split())


def test_the_table_says_what_fired_how_often_and_when() -> None:
    text = lines(width=200)
    assert text[0] == f"{RESULT.model}: 60 days replayed"
    assert row_of("a month", text) == "rule or detector events windows a month raised on"
    assert row_of("accuracy < 0.9", text) == "accuracy < 0.9 2 5 1 6 Sep 2026, 21 Sep 2026"
    assert row_of("psi > 0.2", text) == "psi > 0.2 0 0 0"
    assert "Learned limits were allowed 0.67 false alarms in that time." in text


def test_many_dates_are_cut_short_and_counted() -> None:
    row = row_of("learned: shift", lines(width=400))
    assert row.startswith("learned: shift 11 1,200 5.500 1 Sep 2026, 2 Sep 2026, ")
    assert row.endswith(f"{SHOWN} Sep 2026 and 3 more")


def test_lines_fit_the_terminal_and_know_only_what_it_knows() -> None:
    narrow = lines(width=70, unicode=False)
    table = [line for line in narrow if line.startswith("  ")]
    assert len(table) > 4
    assert max(map(len, table)) <= 70
    assert "\n".join(narrow).isascii()


def test_windows_of_rows_are_not_called_days() -> None:
    assert lines(result=by_rows())[0].endswith(": 60 windows replayed")


def test_nothing_to_replay_is_said() -> None:
    text = lines(Backtest((), 0.0, 0.0))
    assert "nothing to replay: no rules, no windows" in text


def test_names_cannot_break_out_of_the_table() -> None:
    evil = replace(RULE, name=HOSTILE[6])
    text = render(Backtest((evil,), 60.0, 0.0), replace(RESULT, model=HOSTILE[6]))
    assert "\x1b" not in text
    assert "\x00" not in text


def test_json_says_the_same() -> None:
    found = json.loads(as_json(FOUND))
    assert {key: found[key] for key in ("schema_version", "days", "allowed_false_alarms")} == {
        "schema_version": 1,
        "days": 60.0,
        "allowed_false_alarms": 2 / 3,
    }
    rule, silent, often = found["replayed"]
    assert rule == {
        "name": "accuracy < 0.9",
        "kind": "rule",
        "events": 2,
        "windows": 5,
        "per_month": 1.0,
        "raised": ["2026-09-06T00:00:00Z", "2026-09-21T00:00:00Z"],
    }
    assert (silent["events"], silent["raised"]) == (0, [])
    assert (often["kind"], len(often["raised"])) == ("detector", 11)
    assert as_json(FOUND).endswith("\n")
