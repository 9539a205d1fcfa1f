"""The sentences of findings, to the letter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from detect.build_findings import FELL, finding
from report.build_result import days
from wane.detect.detector import Detector
from wane.detect.sentence import happened, number
from wane.detect.shape import Shape
from wane.metrics.measurement import SeriesKey
from wane.window import Window

if TYPE_CHECKING:
    from wane.detect.finding import Finding

WINDOWS = days(60)
USUAL = "usual 0.93 to 0.96"
ODDS = "noise alone: less than once in 12,000 windows"


def told(one: Finding = FELL, reference: float = math.nan, **fields: Any) -> str:  # noqa: ANN401
    given = {**{name: getattr(one, name) for name in one.__dataclass_fields__}, **fields}
    return happened(type(one)(**given), WINDOWS, "UTC", reference)


def test_a_step() -> None:
    assert told() == (
        "accuracy fell from 0.944 to 0.916 since 1 Oct (29 Sep to 2 Oct): a sudden step; "
        f"{USUAL}; {ODDS}"
    )


def test_a_step_that_is_over() -> None:
    assert told(recovered=41) == (
        "accuracy fell from 0.944 to 0.916 from 1 Oct (29 Sep to 2 Oct) to 11 Oct: a sudden step; "
        f"{USUAL}; {ODDS}"
    )


def test_a_ramp() -> None:
    assert told(shape=Shape.RAMP, earliest=30, latest=30) == (
        f"accuracy fell from 0.944 to 0.916 since 1 Oct: a gradual change; {USUAL}; {ODDS}"
    )


def test_a_spike() -> None:
    only: dict[str, Any] = {"shape": Shape.SPIKE, "earliest": 30, "latest": 30, "last": 30}
    assert told(finding("volume", side=1, before=1204.0, now=4810.0), **only, recovered=31) == (
        f"volume rose from 1,204 to 4,810 on 1 Oct: a spike; {USUAL}; {ODDS}"
    )
    assert told(**only).startswith("accuracy fell from 0.944 to 0.916 since 1 Oct: a spike; ")


def test_a_step_of_one_window_is_told_from_and_to() -> None:
    text = told(last=30, recovered=31, earliest=30, latest=30)
    assert text.startswith("accuracy fell from 0.944 to 0.916 from 1 Oct to 1 Oct: a sudden step")


def test_a_season_that_is_gone() -> None:
    text = told(finding("psi_recent", column="age", segment="channel=web"), shape=Shape.SEASON)
    assert text == (
        "psi_recent of age in channel=web fell from 0.944 to 0.916 since 1 Oct "
        f"(29 Sep to 2 Oct): the weekly or daily pattern is gone; {USUAL}; {ODDS}"
    )


def test_a_loss_that_is_proven_names_the_reference() -> None:
    text = told(detector=Detector.LOSS, reference=0.944)
    assert text.endswith(f"; {USUAL}; surely worse than the reference 0.944")
    assert told(detector=Detector.LOSS).endswith(ODDS)


def test_what_is_not_known_is_left_out() -> None:
    text = told(usual_low=math.nan, usual_high=math.nan, once_in=math.nan)
    assert text == (
        "accuracy fell from 0.944 to 0.916 since 1 Oct (29 Sep to 2 Oct): a sudden step"
    )


@pytest.mark.parametrize(
    ("once_in", "words"),
    [
        (270.0, "once in 270 windows"),
        (279.9, "once in 270 windows"),
        (99.0, "once in 99 windows"),
        (3.7, "once in 3 windows"),
        (999_999.0, "once in 990,000 windows"),
        (1e6, "once in a million windows"),
        (math.inf, "once in a million windows"),
    ],
)
def test_odds_are_told_in_two_digits_and_never_too_rare(once_in: float, words: str) -> None:
    assert told(once_in=once_in).endswith(f"noise alone: less than {words}")


def test_the_first_three_of_the_others_are_named() -> None:
    names = ("f1", "brier", "log_loss", "mcc", "recall")
    also = tuple(SeriesKey(name) for name in names)
    assert told(also=also).endswith("; also f1, brier, log_loss and 2 more")
    assert told(also=also[:3]).endswith("; also f1, brier, log_loss")
    assert told(also=also[:1]).endswith("; also f1")


def test_windows_of_rows_are_told_by_row() -> None:
    windows = [Window(at * 500, (at + 1) * 500, by_rows=True) for at in range(60)]
    assert " since row 15,001 (row 14,001 to row 15,501): " in happened(FELL, windows, "UTC")


@pytest.mark.parametrize(
    ("value", "beside", "text"),
    [
        (0.94449, 0.916, "0.944"),
        (0.94412, 0.94449, "0.9441"),
        (0.5, 0.5, "0.5"),
        (12_345.6, 9, "12,346"),
        (-2000.0, 1.0, "-2,000"),
        (0.0, 0.3, "0"),
    ],
)
def test_numbers_have_as_many_digits_as_it_takes_to_differ(
    value: float, beside: float, text: str
) -> None:
    assert number(value, beside=beside) == text


def test_numbers_just_below_a_thousand_have_no_exponent() -> None:
    assert number(999.7, beside=3078) == "1,000"
