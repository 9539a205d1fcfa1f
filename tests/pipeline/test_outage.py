"""An outage has no rows of its own, and is seen all the same where it can be known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wane
from build_log import START, log
from sound import shown
from wane.cli import main
from wane.diagnose.verdict import State
from wane.metrics.measurement import SeriesKey
from wane.pipeline.backtest import backtest

if TYPE_CHECKING:
    from pathlib import Path

    from wane.report.result import Result

DAYS = 42
WHOLE = log(DAYS, 100, seed=3)
DAY_OF_ROW = np.repeat(np.arange(DAYS), 100)
END = START + dt.timedelta(days=DAYS)
VOLUME = SeriesKey("volume")


def part(days: np.ndarray) -> pa.Table:
    """The rows of some days."""
    return WHOLE.filter(pa.array(np.isin(DAY_OF_ROW, days)))


def run(table: object, **options: object) -> Result:
    return wane.check(table, every="1d", now=END + dt.timedelta(hours=3), **options)  # type: ignore[arg-type]


SILENT = np.setdiff1d(np.arange(DAYS), [30, 31, 32])
SILENT_LATELY = np.arange(DAYS - 3)
YOUNG = np.arange(5)


@pytest.mark.parametrize("from_file", [False, True])
def test_a_gap_is_a_volume_of_zero_and_an_outage(from_file: bool, tmp_path: Path) -> None:  # noqa: FBT001
    table: object = part(SILENT)
    if from_file:
        pq.write_table(table, tmp_path / "log.parquet")
        table = tmp_path / "log.parquet"
    result = run(table)
    series = result.measurements.series[VOLUME]
    assert len(result.measurements.windows) == DAYS
    assert series.values[29:34].tolist() == [100, 0, 0, 0, 100]
    assert series.reference == 100
    (event,) = [one for one in result.found.findings if one.key == VOLUME]
    assert (event.first, event.last, event.recovered) == (30, 32, 33)
    assert (str(event.severity), event.now) == ("warning", 0)  # the log may have a hole
    assert event.before == pytest.approx(100)
    assert result.verdict.state is State.HEALTHY  # it is over
    shown(result)


def test_of_a_log_that_is_all_there_every_silence_is_an_outage() -> None:
    result = run(part(SILENT), until=END)
    (event,) = [one for one in result.found.findings if one.key == VOLUME]
    assert str(event.severity) == "critical"
    early = part(np.setdiff1d(np.arange(DAYS), [10]))  # before limits are learned
    for until, severity in ((None, "warning"), (END, "critical")):
        (alert,) = [one for one in run(early, until=until).alerts if one.key == VOLUME]
        assert (str(alert.severity), alert.value) == (severity, 0)


def test_the_other_metrics_of_an_empty_window_have_a_reason() -> None:
    measurements = run(part(SILENT)).measurements
    for series in measurements.series.values():
        if series.key.metric != "volume":
            assert series.reasons[31], series.key


def test_an_outage_that_lasts_is_known_only_by_until() -> None:
    table = part(SILENT_LATELY)
    unknown = run(table)
    assert len(unknown.measurements.windows) == DAYS - 3
    assert unknown.verdict.state is not State.BROKEN
    known = run(table, until=END)
    assert len(known.measurements.windows) == DAYS
    assert known.verdict.state is State.BROKEN
    assert known.verdict.sentence.startswith("There have been no predictions since 10 Dec; ")
    assert known.verdict.advice == "Check the service and its callers."
    assert [str(alert.severity) for alert in known.alerts if alert.key == VOLUME] == [
        "critical"
    ] * 3
    shown(known)


def test_a_young_model_that_falls_silent_is_seen_however_long_it_lasts() -> None:
    result = run(part(YOUNG), until=END)
    silent = [alert for alert in result.alerts if alert.key == VOLUME]
    assert {alert.rule for alert in silent} == {"volume < 1"}
    assert len(silent) == DAYS - len(YOUNG)
    assert result.verdict.state is State.BROKEN
    assert result.verdict.sentence.startswith("There have been no predictions since 6 Nov")
    assert [one.events for one in backtest(result).replayed if one.name == "volume < 1"] == [1]


def test_it_holds_beside_the_rules_of_a_user_but_for_one_on_volume() -> None:
    table = part(YOUNG)
    beside = run(table, until=END, rules=["accuracy < 0.1"])
    assert beside.rules == ("accuracy < 0.1", "volume < 1")
    assert beside.verdict.state is State.BROKEN
    own = run(table, until=END, rules=["volume < 50 as warning"])
    assert own.rules == ("volume < 50 as warning",)
    assert {str(alert.severity) for alert in own.alerts} == {"warning"}
    assert run(WHOLE, until=END, rules=["accuracy < 0.1"]).rules == ("accuracy < 0.1",)


def test_holidays_may_be_silent() -> None:
    table = part(SILENT)
    holidays = [dt.date(2026, 12, day) for day in (1, 2, 3)]
    assert [one for one in run(table, holidays=holidays).alerts if one.key == VOLUME] == []


def test_until_lies_no_later_than_the_run() -> None:
    late = run(part(SILENT_LATELY), until=END + dt.timedelta(days=30))
    assert len(late.measurements.windows) == DAYS


def test_a_last_window_that_is_closed_is_judged_though_its_rows_end_early() -> None:
    first_hours = WHOLE.filter(
        pa.compute.less(WHOLE["timestamp"], pa.scalar(END - dt.timedelta(hours=22)))
    )
    volume = SeriesKey("volume")
    assert [one for one in run(first_hours).alerts if one.key == volume] == []
    assert [one for one in run(first_hours, until=END).alerts if one.key == volume]


@pytest.mark.parametrize("until", ["now", "2026-12-13", "2026-12-13T00:00:00+00:00"])
def test_the_command_line_and_the_file_say_until(until: str, tmp_path: Path) -> None:
    path, config = tmp_path / "log.parquet", tmp_path / "wane.toml"
    pq.write_table(part(SILENT_LATELY), path)
    words = ["check", str(path), "--every", "1d", "-q", "--now", "2026-12-13T03:00:00Z"]
    rule = ["--rule", "accuracy < 0.1"]
    assert main([*words, *rule]) == 0
    assert main([*words, *rule, "--until", until]) == 1
    config.write_text(f"until = {until if until[0].isdigit() else repr(until)}")
    assert main([*words, *rule, "--config", str(config)]) == 1


def test_until_that_is_no_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(part(YOUNG), path)
    assert main(["check", str(path), "--until", "tomorrow"]) == 2
    told = capsys.readouterr().err
    assert "until" in told
    assert "ISO 8601" in told
    assert "'tomorrow'" in told
    assert main(["check", str(path), "--now", "tomorrow"]) == 2
    assert "--now is not a time" in capsys.readouterr().err


def test_a_missing_row_of_a_table_of_metrics_says_nothing() -> None:
    dates = [str((START + dt.timedelta(days=day)).date()) for day in SILENT.tolist()]
    table = pa.table({"date": dates, "volume": np.full(len(dates), 100)})
    result = wane.series(table)
    assert len(result.measurements.windows) == len(dates)
    assert result.alerts == ()


def test_the_chart_says_that_there_were_no_rows() -> None:
    assert "no rows" in run(part(SILENT)).to_html()
