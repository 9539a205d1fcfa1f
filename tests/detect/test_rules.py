from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.detect.detection import Detection, Undecided
from wane.detect.grammar import parse_rule
from wane.detect.rules import apply_rule, limit_of, matching
from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.window import DAY, Window

if TYPE_CHECKING:
    from collections.abc import Sequence


def series(
    metric: str,
    values: Sequence[float],
    *,
    column: str | None = None,
    segment: str | None = None,
    margin: float = math.nan,
    n: int | Sequence[int] = 1000,
    reference: float = math.nan,
) -> Series:
    numbers = np.array(values, dtype=float)
    return Series(
        SeriesKey(metric, column, segment),
        numbers,
        numbers - margin,
        numbers + margin,
        np.broadcast_to(np.array(n, dtype=np.int64), numbers.shape).copy(),
        tuple("no labels" if math.isnan(value) else None for value in values),
        reference,
    )


def measured(*found: Series) -> Measurements:
    count = len(found[0].values) if found else 0
    windows = tuple(Window(i * DAY, (i + 1) * DAY) for i in range(count))
    return Measurements(windows, {one.key: one for one in found})


def fired(rule: str, *found: Series) -> list[tuple[SeriesKey, int]]:
    results = apply_rule(parse_rule(rule), measured(*found))
    return [(one.key, one.index) for one in results if isinstance(one, Detection)]


def undecided(rule: str, *found: Series) -> list[Undecided]:
    results = apply_rule(parse_rule(rule), measured(*found))
    return [one for one in results if isinstance(one, Undecided)]


@pytest.mark.parametrize(
    ("rule", "indices"),
    [
        ("accuracy < 0.90", [2]),
        ("accuracy <= 0.90", [1, 2]),
        ("accuracy > 0.90", [0]),
        ("accuracy >= 0.90", [0, 1]),
    ],
)
def test_a_value_equal_to_the_written_limit_is_equal(rule: str, indices: list[int]) -> None:
    found = fired(rule, series("accuracy", [0.91, 0.90, 0.89]))
    assert [index for _, index in found] == indices


def test_windows_without_a_value_say_nothing() -> None:
    accuracy = series("accuracy", [math.nan, 0.5])
    assert fired("accuracy < 0.9", accuracy) == [(accuracy.key, 1)]
    assert undecided("accuracy < 0.9 with 10 rows", series("accuracy", [math.nan], n=0)) == []


@pytest.mark.parametrize(
    ("rule", "value", "broken"),
    [
        ("accuracy drops 0.05", 0.88, False),  # 0.93 - 0.88 is 0.05 and a bit in binary
        ("accuracy drops 0.05", 0.8799, True),
        ("accuracy drops 5%", 0.8835, False),
        ("accuracy drops 5%", 0.8834, True),
        ("accuracy rises 0.05", 0.98, False),
        ("accuracy rises 0.05", 0.9801, True),
        ("accuracy rises 5%", 0.9766, True),
        ("accuracy drops 0", 0.93, False),
    ],
)
def test_changes_are_counted_from_the_reference(rule: str, value: float, *, broken: bool) -> None:
    assert bool(fired(rule, series("accuracy", [value], reference=0.93))) is broken


def test_a_percentage_of_a_negative_reference_is_of_its_size() -> None:
    assert limit_of(parse_rule("r2 drops 10%"), -0.5) == -0.55
    assert limit_of(parse_rule("r2 rises 10%"), -0.5) == -0.45


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_limits_are_those_of_decimal_arithmetic(reference: int, amount: int) -> None:
    rule = parse_rule(f"accuracy drops {Decimal(amount) / 10_000:f}")
    assert limit_of(rule, reference / 10_000) == (reference - amount) / 10_000


def test_a_relative_rule_without_a_reference_is_undecided_once() -> None:
    (one,) = undecided("accuracy drops 0.05", series("accuracy", [0.5, 0.4, math.nan]))
    assert (one.index, one.needed) == (1, None)
    assert "no value in the reference" in one.reason
    assert undecided("accuracy drops 0.05", series("accuracy", [math.nan])) == []


def test_too_few_rows_says_how_many_more() -> None:
    accuracy = series("accuracy", [0.5, 0.5, 0.95], n=[480, 500, 10])
    assert fired("accuracy < 0.9 with 500 rows", accuracy) == [(accuracy.key, 1)]
    few = undecided("accuracy < 0.9 with 500 rows", accuracy)
    assert [(one.index, one.needed) for one in few] == [(0, 20), (2, 490)]
    assert "need about 20 more" in few[0].reason


def test_surely_asks_the_whole_interval() -> None:
    accuracy = series("accuracy", [0.91, 0.89, 0.85], margin=0.02, n=1000)
    assert fired("accuracy < 0.9 surely", accuracy) == [(accuracy.key, 2)]
    (one,) = undecided("accuracy < 0.9 surely", accuracy)
    assert one.index == 1
    # the half width 0.02 has to shrink to the distance 0.01: four times the rows
    assert one.needed == pytest.approx(3000, abs=1)


def test_surely_without_an_interval_asks_the_value() -> None:
    assert fired("psi > 0.2 surely", series("psi", [0.3], column="age"))


def test_a_count_is_as_sure_as_poisson_lets_it_be() -> None:
    rows = series("volume", [1, 9, 19], n=[1, 9, 19], reference=40)
    assert fired("volume drops 50% surely", rows) == [(rows.key, 0), (rows.key, 1)]
    (one,) = undecided("volume drops 50% surely", rows)
    # 19 rows may be up to 29.7, and 20 is the limit: the distance has to grow from 1 to 10.7
    assert one.needed == pytest.approx(19 * (10.67**2 - 1), rel=0.01)
    assert [index for _, index in fired("volume drops 50%", rows)] == [0, 1, 2]


def test_a_volume_from_elsewhere_is_no_count_of_rows() -> None:
    thousands = series("volume", [1.2], n=0)
    assert fired("volume < 1.5 surely", thousands) == [(thousands.key, 0)]


def test_surely_at_the_limit_itself_cannot_say_how_many_rows() -> None:
    (one,) = undecided("accuracy <= 0.9 surely", series("accuracy", [0.9], margin=0.02))
    assert one.needed is None


@given(st.floats(0.5, 0.99), st.floats(0.001, 0.2), st.integers(10, 10_000), st.floats(0.51, 0.999))
def test_the_rows_asked_for_are_about_enough(
    value: float, margin: float, n: int, limit: float
) -> None:
    for one in undecided(
        f"accuracy < {limit} surely", series("accuracy", [value], margin=margin, n=n)
    ):
        if one.needed is not None and limit - value > 1e-6:
            narrower = margin * math.sqrt(n / (n + one.needed))
            assert value + narrower <= limit + 1e-9


COLUMNS = (
    series("precision", [0.5]),
    series("precision", [0.5], column="cat"),
    series("precision", [0.5], segment="channel=web"),
    series("psi", [0.5], column="age"),
    series("psi", [0.5], column="zip"),
    series("psi", [0.5], column="age", segment="channel=web"),
    series("psi", [0.5], column="age", segment="channel_type=x"),
)


@pytest.mark.parametrize(
    ("rule", "keys"),
    [
        ("precision < 1", [("precision", None, None)]),
        ("precision(*) < 1", [("precision", "cat", None)]),
        ("precision(cat) < 1", [("precision", "cat", None)]),
        ("precision(dog) < 1", []),
        ("psi < 1", [("psi", "age", None), ("psi", "zip", None)]),
        ("psi < 1 per channel", [("psi", "age", "channel=web")]),
        ("psi < 1 per segment", [("psi", "age", "channel=web"), ("psi", "age", "channel_type=x")]),
        ("psi(*) < 1 on channel=web", [("psi", "age", "channel=web")]),
        ("psi < 1 on channel=phone", []),
        ("recall < 1", []),
    ],
)
def test_which_series_a_rule_speaks_of(
    rule: str, keys: list[tuple[str, str | None, str | None]]
) -> None:
    assert [tuple(key) for key, _ in fired(rule, *COLUMNS)] == keys
    assert [tuple(one.key) for one in matching(parse_rule(rule), measured(*COLUMNS))] == keys


def test_nothing_measured() -> None:
    assert apply_rule(parse_rule("psi > 1"), measured()) == ()


@pytest.mark.parametrize(
    ("rule", "one", "reason"),
    [
        (
            "accuracy < 0.90",
            series("accuracy", [0.886], n=2391),
            "accuracy 0.886 is below 0.90 (2,391 rows)",
        ),
        (
            "accuracy < 0.90",
            series("accuracy", [0.89996], n=0),
            "accuracy 0.89996 is below 0.90",
        ),
        (
            "f1 drops 0.05",
            series("f1", [0.87], n=1, reference=0.93),
            "f1 fell by 0.06 from 0.93 to 0.87, more than 0.05 allowed (1 row)",
        ),
        (
            "latency_p95 rises 50%",
            series("latency_p95", [160], reference=100),
            "latency_p95 rose by 60 % from 100 to 160, more than 50 % allowed (1,000 rows)",
        ),
        (
            "volume > 10000",
            series("volume", [12345.0], n=12345),
            "volume 12,345 is above 10000 (12,345 rows)",
        ),
        (
            "psi > 0.2 per channel",
            series("psi", [0.5], column="age", segment="channel=web"),
            "psi of age in channel=web 0.5 is above 0.2 (1,000 rows)",
        ),
        (
            "error_rate rises 10%",
            series("error_rate", [0.5], reference=0.0),
            "error_rate rose by 0.5 from 0 to 0.5, more than 0.1 allowed (1,000 rows)",
        ),
    ],
)
def test_reasons(rule: str, one: Series, reason: str) -> None:
    (found,) = apply_rule(parse_rule(rule), measured(one))
    assert found.reason == reason
