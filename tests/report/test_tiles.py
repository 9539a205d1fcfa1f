from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from report import build_result as build
from wane.report.tiles import tiles
from wane.report.tone import Tone

if TYPE_CHECKING:
    from wane.diagnose.episode import Episode

ORDER = ("Performance", "Labels", "Drift", "Data quality", "Traffic")


@pytest.mark.parametrize("name", [name for name in build.ALL if name not in ("series", "learning")])
def test_five_tiles_in_one_order_and_never_empty(name: str) -> None:
    found = tiles(build.ALL[name]())
    assert tuple(tile.title for tile in found) == ORDER
    assert all(tile.what for tile in found)
    assert all(tile.tone is Tone.UNKNOWN for tile in found if tile.value is None)


def test_what_the_tiles_say() -> None:
    performance, labels, drift, quality, traffic = tiles(build.declining())
    assert (performance.value, performance.tone) == ("0.882", Tone.BAD)
    assert performance.change.endswith("against reference")
    assert performance.n == "n 171"
    assert labels.value == "7\u00a0%"
    assert (drift.value, drift.change) == ("3 of 12", "income most")
    assert quality.value == "22\u00a0%"
    assert "balance missing, 4\u00a0Oct" in quality.what
    assert traffic.value == "2,402"


def test_late_labels_say_when_they_come_and_how_many() -> None:
    performance, labels, *_ = tiles(build.late())
    assert performance.n == "n 171 · provisional: 4 % of labels in"
    assert labels.change == "half by 36\u00a0h, 90\u00a0% by 4.2\u00a0d"
    assert labels.n == "96\u00a0% expected in the end · n 2,454"
    assert labels.tone is Tone.GOOD


def test_without_labels_the_tiles_say_so() -> None:
    performance, labels, *_ = tiles(build.without_labels())
    assert performance.value is None
    assert "labels" in performance.what
    assert "label column" in labels.what


def test_undefined_tiles_give_the_reason() -> None:
    told = [tile.what for tile in tiles(build.undefined())]
    assert told[:2] == ["no labels in this window", "no rows to label"]


def test_the_tone_is_that_of_what_the_verdict_rests_on() -> None:
    result = build.declining()
    last = len(result.measurements.windows) - 1
    (standing,) = [one for one in result.verdict.concerns if one.key == build.ACCURACY]
    over = replace(standing, last=last - 1)

    def tone(*concerns: Episode) -> Tone:
        return tiles(replace(result, verdict=replace(result.verdict, concerns=concerns)))[0].tone

    assert tone(standing) is Tone.BAD
    assert tone(over) is Tone.WATCH  # ended just now
    assert tone() is Tone.GOOD  # however many alerts there were


def test_where_labels_are_late_the_newest_window_with_some_counts() -> None:
    result = build.declining()
    accuracy = result.measurements.series[build.ACCURACY]
    unlabelled = np.arange(60) >= 57
    late = replace(
        accuracy,
        values=np.where(unlabelled, np.nan, accuracy.values),
        reasons=tuple("no labels" if none else None for none in unlabelled),
    )
    measurements = replace(
        result.measurements, series={**result.measurements.series, build.ACCURACY: late}
    )
    (standing,) = [one for one in result.verdict.concerns if one.key == build.ACCURACY]
    verdict = replace(result.verdict, concerns=(replace(standing, last=56),))
    found = tiles(replace(result, measurements=measurements, verdict=verdict))
    assert found[0].tone is Tone.BAD


def test_what_is_usual_is_nothing_to_watch() -> None:
    result = build.declining()
    plain = replace(result.verdict, concerns=())
    by_noise = tiles(replace(result, verdict=plain))
    assert [tile.tone for tile in by_noise[2:4]] == [Tone.WATCH, Tone.WATCH]
    found = replace(result.found, judged_from=dict.fromkeys(result.measurements.series, 14))
    by_limits = tiles(replace(result, verdict=plain, found=found))
    assert [tile.tone for tile in by_limits[2:4]] == [Tone.GOOD, Tone.GOOD]
    assert by_limits[2].value == "3 of 12"


def test_a_steady_decline_without_an_alert_is_watched() -> None:
    assert [tile.tone for tile in tiles(build.learning())] == [Tone.WATCH, Tone.GOOD, Tone.GOOD]
    assert tiles(build.eventful())[0].tone is Tone.BAD


def test_metrics_computed_elsewhere_have_a_tile_each() -> None:
    found = tiles(build.series())
    assert [tile.title for tile in found] == ["Accuracy", "Prediction volume", "Avg confidence"]
    assert [tile.n for tile in found] == ["mean 0.934", "mean 560", "mean 0.914"]
