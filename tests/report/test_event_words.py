import math
from dataclasses import replace

import pytest

from report import build_result as build
from wane.detect.detector import Detector
from wane.detect.shape import Shape
from wane.metrics.measurement import SeriesKey
from wane.report import event_words as words
from wane.window import DAY

RESULT = build.eventful()
SPACE = "\u00a0"


def plain(text: str) -> str:
    return text.replace(SPACE, " ")


def test_the_most_severe_then_what_stands_then_the_newest_come_first() -> None:
    metrics = [event.key.metric for event in words.events(RESULT)]
    assert metrics == ["accuracy", "missing_share", "latency_p99"]
    assert [event.key for event in words.information(RESULT)] == [SeriesKey("psi", "income")]


def test_the_time_an_event_took() -> None:
    event = build.DECLINED
    spike, _, missing, _ = build.findings()
    assert plain(words.when(RESULT, event)) == "since 9 Oct"
    assert plain(words.began(RESULT, event)) == "began between 7 Oct and 12 Oct"
    assert plain(words.noticed(RESULT, event)) == "noticed on 15 Oct"
    assert words.until(RESULT, event) == "still standing"
    assert plain(words.when(RESULT, spike)) == "7 Oct"
    assert plain(words.until(RESULT, spike)) == "recovered on 8 Oct"
    assert words.began(RESULT, spike) == words.noticed(RESULT, spike) == ""
    assert plain(words.when(RESULT, missing)) == "14 Oct \u2013 21 Oct"
    assert words.until(RESULT, missing) == "has become the usual level"


def test_a_run_of_a_year_is_told_with_years() -> None:
    recorder = build.Recorder(build.days(365))
    long = replace(RESULT, measurements=recorder.measurements())
    assert plain(words.date_of(long, 364)) == "31 Aug 2027"
    assert plain(words.date_of(RESULT, 59)) == "30 Oct"
    assert words.date_of(build.by_rows(), 1) == f"row{SPACE}5,001"


def test_windows_of_a_clock_keep_their_time() -> None:
    result = build.regression()
    assert result.measurements.windows[1].end - result.measurements.windows[1].start < DAY
    assert plain(words.date_of(result, 1)) == "1 Sep 03:00"


@pytest.mark.parametrize(
    ("once_in", "told"),
    [
        (264_123.0, "noise alone: less than once in 260,000 windows"),
        (9.6, "noise alone: less than once in 9 windows"),
        (1e12, "noise alone: less than once in a million windows"),
        (math.nan, ""),
    ],
)
def test_how_rarely_noise_does_so_is_never_promised_too_high(once_in: float, told: str) -> None:
    assert (
        words.sureness(RESULT, replace(build.DECLINED, detector=Detector.SHIFT, once_in=once_in))
        == told
    )


def test_how_sure_by_detector() -> None:
    sure = [words.sureness(RESULT, event) for event in words.events(RESULT)]
    assert sure[0] == "surely worse than the reference 0.931"
    (drift,) = words.information(RESULT)
    assert words.sureness(RESULT, drift) == "beyond its own history in two of three windows"
    (steady,) = words.information(build.learning())
    assert words.sureness(build.learning(), steady) == "too steady for noise"
    assert words.noticed(build.learning(), steady) == ""


def test_a_loss_without_a_reference_is_told_by_its_odds() -> None:
    event = replace(build.DECLINED, key=SeriesKey("error_rate"))
    assert math.isnan(RESULT.measurements.series[event.key].reference)
    assert words.sureness(RESULT, event).startswith("noise alone")


def test_levels_are_written_as_the_metric_is() -> None:
    _, missing, _ = words.events(RESULT)
    assert plain(words.usual(missing)) == "usual 0 % to 0.2 %"
    assert words.usual(replace(build.DECLINED, usual_low=math.nan)) == ""


def test_the_sentence_is_short_and_without_dates() -> None:
    accuracy, missing, latency = (words.sentence(RESULT, event) for event in words.events(RESULT))
    assert accuracy == (
        "accuracy fell from 0.931 to 0.882, a gradual change; "
        "surely worse than the reference 0.931; also 40 other series"
    )
    assert missing.startswith("missing_share of payer_code in region=north rose from 0 to 0.070, a")
    assert "a spike" in latency
    gone = words.sentence(RESULT, replace(build.DECLINED, shape=Shape.SEASON))
    assert "0.882; the weekly or daily pattern is gone;" in gone


def test_series_are_named_in_words() -> None:
    assert words.name(SeriesKey("psi", "income", "a=b")) == "PSI of income in a=b"
