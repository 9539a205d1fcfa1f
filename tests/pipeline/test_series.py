from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wane
from sound import shown, sound
from wane.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Way = Callable[[dict[str, list[Any]], tuple[str, ...], Path], dict[str, Any]]

DATES = [f"2025-01-{day:02}" for day in range(1, 11)]
A: dict[str, list[Any]] = {
    "date": DATES,
    "accuracy": [0.97, 0.96, 0.97, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89],
    "prediction_volume": [500, 520, 510, 540, 550, 560, 590, 600, 610, 620],
    "avg_confidence": [0.95, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.88, 0.87],
}
A_RULES = ("accuracy < 0.90", "avg_confidence < 0.88")
B: dict[str, list[Any]] = {
    "date": DATES,
    "accuracy": [0.96, 0.96, 0.95, 0.94, 0.94, 0.92, 0.91, 0.90, 0.89, 0.87],
    "precision": [0.95, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.87, 0.85],
    "recall": [0.94, 0.93, 0.93, 0.92, 0.91, 0.90, 0.88, 0.87, 0.86, 0.84],
    "f1_score": [0.945, 0.94, 0.935, 0.925, 0.915, 0.905, 0.89, 0.88, 0.865, 0.845],
    "avg_confidence": [0.94, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.88, 0.86, 0.84],
}
B_RULES = ("accuracy < 0.90", "f1_score < 0.85")


def by_python(table: dict[str, list[Any]], rules: tuple[str, ...], _path: Path) -> dict[str, Any]:
    return shown(wane.series(table, rules=rules))


def by_file(
    table: dict[str, list[Any]], rules: tuple[str, ...], path: Path, *, suffix: str
) -> dict[str, Any]:
    file, out = path / f"metrics{suffix}", path / "out"
    frame = pd.DataFrame(table)
    if suffix == ".csv":
        frame.to_csv(file, index=False)
    else:
        pq.write_table(pa.Table.from_pandas(frame), file)
    flags = [word for rule in rules for word in ("--rule", rule)]
    assert main(["series", str(file), *flags, "-q", "--out", str(out)]) == 1
    assert main(["export", str(out), "--format", "json", "--to", str(path / "x.json")]) == 0
    result = wane.series(file, rules=rules)
    exported = json.loads((path / "x.json").read_text())
    assert exported["measurements"] == json.loads(result.to_json())["measurements"]
    return sound(result.to_json())


WAYS = [by_python, partial(by_file, suffix=".csv"), partial(by_file, suffix=".parquet")]


def alerted(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["metric"], one["window_start"][:10]) for one in found["alerts"]]


@pytest.mark.parametrize("way", WAYS, ids=["python", "csv", "parquet"])
def test_the_first_table_to_the_digit(way: Way, tmp_path: Path) -> None:
    found = way(A, A_RULES, tmp_path)
    assert alerted(found) == [("accuracy", "2025-01-10"), ("avg_confidence", "2025-01-10")]
    means = {name: summary["mean"] for name, summary in found["summary"].items()}
    assert means == {"accuracy": 0.934, "prediction_volume": 560, "avg_confidence": 0.914}


@pytest.mark.parametrize("way", WAYS, ids=["python", "csv", "parquet"])
def test_the_second_table_to_the_digit(way: Way, tmp_path: Path) -> None:
    found = way(B, B_RULES, tmp_path)
    assert alerted(found) == [
        *(("accuracy", "2025-01-09"), ("accuracy", "2025-01-10"), ("f1_score", "2025-01-10"))
    ]
    changes = {name: summary["change"] for name, summary in found["summary"].items()}
    assert (changes["accuracy"], changes["f1_score"], changes["avg_confidence"]) == (
        *(-0.09, -0.1, -0.1),
    )
    assert changes["precision"] == changes["recall"] == -0.1
    verdict = found["verdict"]
    assert (verdict["state"], verdict["action"]) == ("needs attention", "investigate")
    assert verdict["sentence"] == "Accuracy fell gradually from 0.962 to 0.877 since 3 Jan."


def test_rows_in_any_order_and_dates_that_repeat_or_are_missing() -> None:
    table = {
        "day": ["2025-01-03", "2025-01-01", None, "2025-01-02", "soon", "2025-01-02"],
        "accuracy": [0.93, 0.91, 0.5, 0.1, 0.5, 0.92],
    }
    found = shown(wane.series(table))
    assert [one["value"] for one in found["measurements"]] == [0.91, 0.92, 0.93]
    assert (found["rows"]["read"], found["rows"]["used"]) == (6, 3)
    assert [one["count"] for one in found["rows"]["rejected"]] == [2, 1]


def test_values_that_are_missing_have_a_reason() -> None:
    table = {"date": DATES[:3], "accuracy": [0.9, None, float("inf")], "note": ["a", "b", "c"]}
    found = shown(wane.series(table, rules=["accuracy < 0.95"]))
    assert [one["value"] for one in found["measurements"]] == [0.9, None, None]
    assert alerted(found) == [("accuracy", "2025-01-01")]


def test_without_dates_rows_are_windows() -> None:
    found = shown(wane.series({"mae": [1.0, 2.0, 3.0]}, rules=["mae > 2.5"]))
    assert [one["window_start"] for one in found["alerts"]] == [2]
    assert found["verdict"]["sentence"] == "MAE rose from 1.000 to 2.500 since row 2."


def test_a_gap_is_not_a_long_window() -> None:
    dates = [*DATES[:3], "2025-02-01"]
    windows = wane.series({"date": dates, "f1": [1.0] * 4}).measurements.windows
    assert {window.end - window.start for window in windows} == {86_400_000_000}


@pytest.mark.parametrize(
    ("table", "arguments", "kind", "words"),
    [
        ({"date": [], "f1": []}, {}, wane.DataError, "has no rows"),
        ({"date": DATES, "x": ["a"] * 10}, {}, wane.DataError, "the table has no metrics"),
        ({"date": ["x"], "f1": [1.0]}, {}, wane.DataError, "no date in column 'date' can be read"),
        (A, {"date": "dates"}, wane.SchemaError, "Did you mean 'date'?"),
        (A, {"rules": ["acuracy < 1"]}, wane.ConfigError, "Did you mean 'accuracy'?"),
        (A, {"rules": ["accuracy under 1"]}, wane.ConfigError, "does not say what breaks it"),
    ],
)
def test_mistakes(
    table: object, arguments: dict[str, Any], kind: type[wane.WaneError], words: str
) -> None:
    with pytest.raises(kind, match=words.replace("?", r"\?")):
        wane.series(table, **arguments)


def test_a_prediction_log_is_no_table_of_metrics() -> None:
    rows = 250_000
    table = pa.table({"accuracy": pa.nulls(rows, pa.float64()).fill_null(0.5)})
    with pytest.raises(wane.DataError, match="Then use `wane check`"):
        wane.series(table)


# learned limits on tables that are not as they should be


def daily(windows: int, first: str = "2025-01-01") -> list[str]:
    start = dt.date.fromisoformat(first)
    return [str(start + dt.timedelta(days=day)) for day in range(windows)]


def falling(windows: int = 60, at: int = 40) -> list[float]:
    """Accuracy that falls by five points."""
    values = 0.95 + 0.004 * np.random.default_rng(0).normal(size=windows)
    values[at:] -= 0.05
    return [float(value) for value in values]


def happened(table: Mapping[str, object], **given: Any) -> list[str]:  # noqa: ANN401 - arguments
    return [finding.reason.split(":")[0] for finding in wane.series(table, **given).found.findings]


FELL = "accuracy fell from 0.95 to 0.901 since 10 Feb"


def test_a_table_of_sixty_days_is_watched() -> None:
    result = wane.series({"date": daily(60), "accuracy": falling()})
    (finding,) = result.found.findings
    assert finding.reason.startswith(FELL)
    assert [str(alert.severity) for alert in result.alerts] == ["critical"] * 20
    assert result.found.learning == 0
    assert "False alarms of this model: at most 1 per 90 days" in result.to_html()


def test_rows_may_come_in_any_order() -> None:
    dates, values = daily(60), falling()
    order = np.random.default_rng(1).permutation(60).tolist()
    turned = {"date": [dates[at] for at in order], "accuracy": [values[at] for at in order]}
    assert happened(turned) == happened({"date": dates, "accuracy": values})


def test_missing_dates_do_not_move_a_finding() -> None:
    kept = [at for at in range(60) if at not in (5, 20, 21, 22, 39, 50)]
    dates, values = daily(60), falling()
    (found,) = happened(
        {"date": [dates[at] for at in kept], "accuracy": [values[at] for at in kept]}
    )
    assert found.split(" (")[0].endswith("since 10 Feb")


def test_dates_that_repeat_count_once_in_learned_limits_too() -> None:
    table = {"date": daily(60) * 2, "accuracy": [0.1] * 60 + falling()}
    assert happened(table) == [FELL]


def test_a_constant_column_raises_nothing_until_it_moves() -> None:
    assert happened({"date": daily(60), "accuracy": [0.9] * 60}) == []
    (found,) = happened({"date": daily(60), "accuracy": [0.9] * 40 + [0.8] * 20})
    assert found.startswith("accuracy fell from 0.9 to 0.8 since 10 Feb")


def test_infinities_and_gaps_in_a_column_are_missing_windows() -> None:
    values: list[float | None] = list(falling())
    values[10], values[25], values[30] = float("inf"), float("-inf"), None
    (found,) = happened({"date": daily(60), "accuracy": values})
    assert found.split(" (")[0].endswith("since 10 Feb")


@pytest.mark.parametrize("rows", [1, 2])
def test_next_to_no_rows_are_still_learning(rows: int) -> None:
    result = wane.series({"date": daily(rows), "accuracy": [0.9, 0.1][:rows]})
    assert result.found.findings == ()
    assert (result.found.learning, result.found.windows) == (1, rows)


@pytest.mark.parametrize("stray", ["1970-01-01", "0001-01-01", "9999-12-31"])
def test_a_date_far_away_costs_nothing_and_hides_nothing(stray: str) -> None:
    table = {"date": [stray, *daily(60)], **{f"auc_{at}": [0.95, *falling()] for at in range(5)}}
    happened(table)
    tracemalloc.start()
    found = happened(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) >= 1
    assert peak < 20_000_000


def test_a_budget_a_tolerance_and_holidays_are_given_as_in_a_check() -> None:
    table = {"date": daily(60), "accuracy": falling()}
    assert happened(table, tolerance={"accuracy": 0.1}) == []
    assert wane.series(table, false_alarms="2 per month").found.budget.text == "2 per 30 days"
    volume = [1000.0 + day % 7 for day in range(60)]
    volume[45] = 300
    calls = {"date": daily(60), "volume": volume}
    assert len(happened(calls)) == 1
    assert happened(calls, holidays=["2025-02-15"]) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"tolerance": {"acuracy": 0.1}}, "Did you mean 'accuracy'"),
        ({"tolerance": {"accuracy": -1}}, "is not an amount"),
        ({"false_alarms": "rarely"}, "is not a budget"),
        ({"holidays": ["someday"]}, "a holiday is not a date"),
    ],
)
def test_mistakes_about_learned_limits(given: dict[str, Any], words: str) -> None:
    with pytest.raises(wane.ConfigError, match=words):
        wane.series(A, **given)
