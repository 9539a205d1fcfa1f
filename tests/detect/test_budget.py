from __future__ import annotations

import pytest

from wane.detect.budget import DEFAULT, Budget
from wane.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "alarms", "days", "words"),
    [
        ("1 per 90 days", 1, 90, "1 per 90 days"),
        ("1 per day", 1, 1, "1 per 1 days"),
        ("2 per month", 2, 30, "2 per 30 days"),
        ("0.5 per week", 0.5, 7, "0.5 per 7 days"),
        ("3 per 2 years", 3, 730, "3 per 730 days"),
        ("  1  per  1.5  weeks ", 1, 10.5, "1 per 10.5 days"),
    ],
)
def test_a_budget_is_alarms_in_a_time(text: str, alarms: float, days: float, words: str) -> None:
    budget = Budget.parse(text)
    assert budget == Budget(alarms, days)
    assert budget.text == words
    assert Budget.parse(budget.text) == budget


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "per day", "one per day", "1 per hour", "1 per 90", "1 in 90 days", "1 / day"),
        *(
            "0 per day",
            "1 per 0 days",
            "0.0 per week",
            "-1 per day",
            "1 per -2 days",
            "nan per day",
        ),
        *("1 per days 90", "1 per 90 days, please", "1per day", "1 Per Day"),
    ],
)
def test_what_is_no_budget_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match="1 per 90 days") as caught:
        Budget.parse(text)
    assert caught.value.got == repr(text)


def test_windows_share_the_budget_of_their_day() -> None:
    budget = Budget.parse(DEFAULT)
    assert budget.per_window(1) == pytest.approx(1 / 90)
    assert budget.per_window(24) == pytest.approx(1 / 90 / 24)
    assert budget.per_window(1 / 7) == pytest.approx(7 / 90)
