"""What `[detection]` says, and what is refused."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from report.build_result import Recorder, days
from wane.detect.budget import DEFAULT, Budget
from wane.errors import ConfigError
from wane.metrics.measurement import Measurements
from wane.pipeline.watching import Watching
from wane.window import Window, to_microseconds

CHRISTMAS = dt.date(2026, 12, 25)
SEPTEMBER = Recorder(days(5)).measurements()


def test_nothing_said_is_the_default() -> None:
    assert Watching.of(None, None, ()) == Watching()
    assert Watching().budget == Budget.parse(DEFAULT)


def test_what_a_user_writes_is_read() -> None:
    found = Watching.of("2 per month", {"accuracy": 0.02, "f1": 0}, ["2026-12-25"])
    assert found == Watching(Budget(2, 30), {"accuracy": 0.02, "f1": 0}, frozenset({CHRISTMAS}))


@pytest.mark.parametrize(
    "given", ["2026-12-25", CHRISTMAS, dt.datetime(2026, 12, 25, 18, tzinfo=dt.UTC)]
)
def test_holidays_are_dates_in_any_form(given: dt.date | str) -> None:
    assert Watching.of(None, None, [given]).holidays == {CHRISTMAS}


@pytest.mark.parametrize("given", ["christmas", "25.12.2026", "2026-13-01", "2026-02-29", ""])
def test_what_is_no_date_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="2026-12-25") as caught:
        Watching.of(None, None, [given])
    assert caught.value.got == repr(given)


@pytest.mark.parametrize("amount", [-0.01, math.nan, -math.inf, math.inf])
def test_a_tolerance_and_an_importance_are_amounts(amount: float) -> None:
    with pytest.raises(ConfigError, match="the tolerance of 'accuracy' is not an amount"):
        Watching.of(None, {"accuracy": amount}, ())
    with pytest.raises(ConfigError, match="the importance of 'income' is not an amount"):
        Watching.of(None, None, (), {"income": amount})


def test_an_importance_of_a_column_that_is_no_feature_is_refused() -> None:
    watching = Watching.of(None, None, (), {"incme": 1})
    with pytest.raises(ConfigError, match="Did you mean 'income'") as caught:
        watching.check_columns(["age", "income"])
    assert caught.value.expected == "one of age, income"
    Watching.of(None, None, (), {"income": 1}).check_columns(["income"])


def test_a_budget_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ConfigError, match="`false_alarms` is not a budget"):
        Watching.of("never", None, ())


def test_a_tolerance_of_an_unknown_metric_gives_a_hint() -> None:
    watching = Watching.of(None, {"acuracy": 0.01}, ())
    with pytest.raises(ConfigError, match="Did you mean 'accuracy'") as caught:
        watching.check_metrics(["volume"])
    assert "'acuracy'" in str(caught.value)


def test_tolerances_of_what_is_measured_or_in_the_catalogue_are_fine() -> None:
    Watching.of(None, {"accuracy": 0.01, "churn": 1}, ()).check_metrics(["churn"])
    Watching().check_metrics([])


def test_windows_that_begin_on_a_holiday_are_days_off() -> None:
    watching = Watching.of(None, None, ["2026-09-02", "2026-09-05", "2027-01-01"])
    assert watching.days_off(SEPTEMBER, "UTC") == {1, 4}
    assert Watching().days_off(SEPTEMBER, "UTC") == frozenset()


def test_holidays_are_dates_of_the_zone() -> None:
    first = to_microseconds(dt.datetime(2026, 9, 1, 15, tzinfo=dt.UTC))  # midnight in Tokyo
    hours = 6 * 3_600_000_000
    windows = tuple(Window(first + at * hours, first + (at + 1) * hours) for at in range(8))
    watching = Watching.of(None, None, ["2026-09-02"])
    assert watching.days_off(Measurements(windows, {}), "Asia/Tokyo") == {0, 1, 2, 3}
    assert watching.days_off(Measurements(windows, {}), "UTC") == {2, 3, 4, 5}


def test_windows_of_rows_have_no_holidays() -> None:
    rows = Measurements((Window(0, 100, by_rows=True),), {})
    watching = Watching.of(None, None, ["1970-01-01"])
    assert watching.days_off(rows, "UTC") == frozenset()
    assert watching.days_off(Measurements((), {}), "UTC") == frozenset()
