import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.report.scale import Linear, nice_step, row_ticks, time_ticks, value_ticks
from wane.window import DAY, to_microseconds


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    return to_microseconds(dt.datetime(year, month, day, hour, tzinfo=dt.UTC))


def test_a_linear_scale_maps_ends_to_ends_and_can_flip() -> None:
    y = Linear(0.8, 1.0, 200, 0)
    assert y(0.8) == 200
    assert y(1.0) == pytest.approx(0)
    assert y.clamped(2.0) == pytest.approx(0)


def test_an_empty_domain_is_drawn_in_the_middle() -> None:
    assert Linear(1, 1, 0, 10)(1) == 5


@given(
    st.floats(-1e6, 1e6, allow_nan=False),
    st.floats(1e-4, 1e6, allow_nan=False),
    st.integers(2, 9),
)
def test_ticks_lie_inside_and_are_few(low: float, span: float, count: int) -> None:
    ticks = value_ticks(low, low + span, count)
    slack = 1e-6 * max(abs(low), span)
    assert all(low - slack <= tick.at <= low + span + slack for tick in ticks)
    assert len(ticks) <= count + 2


def test_ticks_of_one_axis_have_the_same_decimals() -> None:
    labels = [tick.label for tick in value_ticks(0.861, 0.957)]
    assert labels == ["0.88", "0.90", "0.92", "0.94"]
    assert [tick.label for tick in value_ticks(0, 0.1, 4)] == [
        "0.000",
        "0.025",
        "0.050",
        "0.075",
        "0.100",
    ]
    assert [tick.label for tick in value_ticks(0, 0.4, 4, percent=True)][1] == "10\u00a0%"
    assert value_ticks(-20, 20, 4)[0].label == "\u221220"


def test_steps_are_round() -> None:
    assert [nice_step(span, 5) for span in (1.0, 10.0, 0.6, 12.0)] == pytest.approx(
        [0.2, 2.0, 0.2, 2.5]
    )


def test_days_start_with_the_first_window() -> None:
    ticks = time_ticks(at(2026, 9, 1), at(2026, 10, 31), 10)
    assert [tick.label for tick in ticks][:3] == ["1\u00a0Sep", "8\u00a0Sep", "15\u00a0Sep"]


def test_days_are_local_over_a_change_of_the_clock() -> None:
    start = at(2026, 10, 23, 22)
    ticks = time_ticks(start, start + 4 * DAY, 4, "Europe/Vienna")
    gaps = [int(b.at - a.at) / (DAY / 24) for a, b in pairwise(ticks)]
    assert ticks[0].at == start
    assert 25 in gaps


def test_hours_show_the_date_at_midnight() -> None:
    labels = [t.label for t in time_ticks(at(2026, 9, 1, 12), at(2026, 9, 2, 12), 8)]
    assert "2\u00a0Sep" in labels
    assert "18:00" in labels


def test_years_of_months() -> None:
    labels = [t.label for t in time_ticks(at(2025, 6, 1), at(2026, 8, 1), 8)]
    assert labels[0] == "Jul\u00a02025"
    assert "Jan\u00a02026" in labels
    assert len(labels) <= 9


@given(st.integers(1, 4000), st.integers(3, 12))
def test_time_labels_stay_few(days: int, count: int) -> None:
    start = at(2020, 1, 1)
    assert len(time_ticks(start, start + days * DAY, count)) <= count + 2


def test_rows_are_whole_numbers() -> None:
    assert [t.label for t in row_ticks(0, 120_000, 6)] == [
        "0",
        "20,000",
        "40,000",
        "60,000",
        "80,000",
        "100,000",
        "120,000",
    ]
    assert [t.label for t in row_ticks(0, 3, 10)] == ["0", "1", "2", "3"]
