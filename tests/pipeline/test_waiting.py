"""Fast labels that are not typical: what is said, what is judged, and what waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import wane
from metrics.build_late import SCHEMA, Late, late
from report.build_result import Recorder, days
from sound import shown
from streams import SCHEMAS, START, grid_of, log
from wane.detect.grammar import parse_rule
from wane.metrics.measurement import SeriesKey
from wane.metrics.provisional import Provisional
from wane.pipeline.waiting import said_provisional, waiting
from wane.report import text
from wane.report.tiles import tiles
from wane.report.tone import Tone
from wane.schema import Task
from wane.window import DAY, to_datetime

if TYPE_CHECKING:
    from wane.report.result import Result

DAYS = 40
RULE = "accuracy < 0.85"


def check(of: Late, now: int = DAYS * DAY, *, rules: tuple[str, ...] | None = None) -> Result:
    return wane.check(
        of.table(now), schema=SCHEMA, every="1d", now=to_datetime(START + now), rules=rules
    )


def biased() -> Late:
    """Wrong answers are found out within hours, right ones in days: only the newest look bad."""
    found = late(DAYS, 500, (3, 3))
    wrong = found.flagged != found.positive
    return replace(found, delay=np.where(wrong, DAY // 24, found.delay))


BIASED = biased()
PROVISIONAL = check(BIASED)


def test_newest_windows_look_bad_and_are_not_judged() -> None:
    series = PROVISIONAL.measurements.get("accuracy")
    assert series is not None
    assert series.values[-1] < 0.7
    assert series.values[-10] > 0.85
    rested = [alert for alert in PROVISIONAL.alerts if alert.key.metric in ("accuracy", "f1")]
    assert rested == []
    assert str(PROVISIONAL.verdict.state) == "healthy"


def test_without_label_times_they_are_judged() -> None:
    table = BIASED.table(DAYS * DAY)
    schema = replace(SCHEMA, label_time=None)
    now = to_datetime(START + DAYS * DAY)
    found = wane.check(table.drop(["known_at"]), schema=schema, every="1d", now=now)
    assert any(alert.key.metric == "accuracy" for alert in found.alerts)


def test_they_are_judged_once_labels_are_in() -> None:
    """The same rows, really bad in the end: silent at first, then told."""
    worse = (BIASED.at // DAY >= DAYS - 4) & (np.arange(len(BIASED.at)) % 3 == 0)
    bad = replace(BIASED, positive=BIASED.positive ^ worse)
    early = check(bad)
    assert [alert for alert in early.alerts if alert.key.metric == "accuracy"] == []
    late_ = check(bad, (DAYS + 20) * DAY)
    told = {alert.window.start for alert in late_.alerts if alert.key.metric == "accuracy"}
    assert START + (DAYS - 1) * DAY in told


def test_rules_of_the_user_are_told_as_provisional() -> None:
    found = check(BIASED, rules=(RULE,))
    alerts = [alert for alert in found.alerts if alert.rule == RULE]
    assert alerts
    assert all("; provisional: " in alert.reason for alert in alerts)
    assert alerts[-1].reason.endswith(" % of labels in")


def test_a_note_says_how_many_windows_wait() -> None:
    (note,) = [note for note in PROVISIONAL.notes if "wait" in note]
    waiting = shown(PROVISIONAL)["provisional"]
    assert note.startswith(f"{len(waiting)} windows wait for labels")
    assert "80 % of the labels" in note
    newest = to_datetime(START + (DAYS - 1) * DAY)
    assert dt.datetime.fromisoformat(waiting[-1]) == newest


def test_a_note_says_that_only_positive_labels_come() -> None:
    table = late(DAYS, 500, (3, 3)).table(DAYS * DAY, only_positives=True)
    found = wane.check(table, schema=SCHEMA, every="1d", now=to_datetime(START + DAYS * DAY))
    assert any("only positive labels" in note for note in found.notes)
    assert not any("only positive labels" in note for note in PROVISIONAL.notes)


def test_the_screen_says_so() -> None:
    said = text.render(PROVISIONAL, width=200)
    assert "% of labels in)" in said
    assert "Provisional, as labels are still to come: " in said
    assert "; labels come half by " in said


def test_columns_made_of_labels_wait_too() -> None:
    grid = grid_of(log(Task.REGRESSION, 200), SCHEMAS[Task.REGRESSION])
    recorder = Recorder(days(1))
    recorder.add("label_maturity", [0.5])
    found = waiting(recorder.measurements(), grid)
    assert found.columns == {"label", "residual"}
    assert found.holds(SeriesKey("psi_recent", "label"), 0)
    assert not found.holds(SeriesKey("psi_recent", "amount"), 0)


def test_a_loss_that_stands_stands_while_newer_labels_are_to_come() -> None:
    """The verdict rests on the newest windows whose labels are in."""
    worse = (BIASED.at // DAY >= DAYS - 20) & (np.arange(len(BIASED.at)) % 3 == 0)
    bad = replace(late(DAYS, 500, (3, 3)), positive=BIASED.positive ^ worse)
    found = check(bad)
    assert found.verdict.sentence.startswith("Accuracy fell from 0.894 to 0.6")
    assert tiles(found)[0].tone is Tone.BAD
    assert "(provisional)" in found.to_html()


@pytest.mark.parametrize("metric", ["accuracy", "volume"])
def test_only_alerts_on_what_waits_are_marked(metric: str) -> None:
    recorder = Recorder(days(2))
    recorder.add(metric, [1.0, 0.5])
    measurements = recorder.measurements()
    rule = parse_rule(f"{metric} < 0.9")
    alert = wane.Alert(
        rule.text, SeriesKey(metric), rule.severity, measurements.windows[1], 0.5, 0.9, "low"
    )
    (said,) = said_provisional([alert], measurements, Provisional({1: 0.314}))
    expected = "low; provisional: 31 % of labels in" if metric == "accuracy" else "low"
    assert said.reason == expected
