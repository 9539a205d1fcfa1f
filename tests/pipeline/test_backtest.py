"""`backtest`: a run over a history, told as what would have fired."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import wane
from wane.pipeline.backtest import backtest
from wane.report.backtest import as_json, render

if TYPE_CHECKING:
    from wane.diagnose.replay import Replayed

DAYS = 60
DATES = [str(dt.date(2026, 1, 1) + dt.timedelta(days=day)) for day in range(DAYS)]
RULES = ("accuracy < 0.92", "accuracy < 0.5", "volume < 900 for 2")


def table() -> dict[str, Any]:
    """Accuracy falls on 10 February for four days, volume on 1 February."""
    random = np.random.default_rng(0)
    accuracy = 0.95 + 0.004 * random.normal(size=DAYS)
    volume = np.round(1200 * np.exp(0.03 * random.normal(size=DAYS)))
    accuracy[40:44] -= 0.06
    volume[31] = 300
    return {"date": DATES, "accuracy": accuracy, "volume": volume}


def fired(**given: Any) -> dict[str, Replayed]:  # noqa: ANN401 - arguments of `series`
    return {one.name: one for one in backtest(wane.series(table(), **given)).replayed}


def test_rules_and_detectors_are_replayed_with_their_dates() -> None:
    found = fired(rules=RULES)
    assert list(found)[:3] == list(RULES)
    rule, never, twice = (found[name] for name in RULES)
    assert (rule.events, rule.windows, rule.per_month) == (1, 4, 0.5)
    assert [str(window.starts_at)[:10] for window in rule.starts] == ["2026-02-10"]
    assert never.events == twice.events == 0
    learned = sorted(
        str(window.starts_at)[:10] for one in found.values() if one.learned for window in one.starts
    )
    assert learned == ["2026-02-01", "2026-02-10"]


def test_what_the_budget_allows_is_said() -> None:
    assert backtest(wane.series(table())).allowed == pytest.approx(DAYS / 90)
    one = backtest(wane.series(table(), false_alarms="1 per week"))
    assert one.days == DAYS
    assert one.allowed == pytest.approx(DAYS / 7)


def test_a_tolerance_silences_what_it_tolerates() -> None:
    loud, deaf = fired(), fired(tolerance={"accuracy": 0.2, "volume": 9.0})
    assert sum(one.events for one in loud.values()) == 2
    assert sum(one.events for one in deaf.values()) == 0


def test_a_holiday_is_not_judged() -> None:
    found = fired(holidays=["2026-02-01"])
    assert sum(one.events for one in found.values()) == 1


def test_a_replay_can_be_read_by_people_and_programs() -> None:
    result = wane.series(table(), rules=RULES)
    replayed = backtest(result)
    text = render(replayed, result, width=120)
    assert "60 days replayed" in text
    assert "accuracy < 0.5" in text
    assert "10 Feb 2026" in text
    named = [one["name"] for one in json.loads(as_json(replayed))["replayed"]]
    assert named[:3] == list(RULES)
