from dataclasses import replace

import pytest

from report import build_result as build
from wane.report.tiles import tiles
from wane.report.tone import Tone

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


def test_without_labels_the_tiles_say_so() -> None:
    performance, labels, *_ = tiles(build.without_labels())
    assert performance.value is None
    assert "labels" in performance.what
    assert "label column" in labels.what


def test_undefined_tiles_give_the_reason() -> None:
    told = [tile.what for tile in tiles(build.undefined())]
    assert told[:2] == ["no labels in this window", "no rows to label"]


def test_a_past_alert_leaves_a_watch() -> None:
    result = build.declining()
    early = tuple(alert for alert in result.alerts if alert.window.end < build.START)
    assert tiles(replace(result, alerts=early))[0].tone is Tone.GOOD
    past = tuple(
        alert for alert in result.alerts if alert.window != result.measurements.windows[-1]
    )
    assert tiles(replace(result, alerts=past))[0].tone is Tone.WATCH


def test_a_steady_decline_without_an_alert_is_watched() -> None:
    assert [tile.tone for tile in tiles(build.learning())] == [Tone.WATCH, Tone.GOOD, Tone.GOOD]
    assert tiles(build.eventful())[0].tone is Tone.BAD


def test_metrics_computed_elsewhere_have_a_tile_each() -> None:
    found = tiles(build.series())
    assert [tile.title for tile in found] == ["Accuracy", "Prediction volume", "Avg confidence"]
    assert [tile.n for tile in found] == ["mean 0.934", "mean 560", "mean 0.914"]
