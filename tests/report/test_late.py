import pytest

from report import build_result as build
from wane.report.chart_card import chart_card
from wane.report.late import format_delay, labels_arrive
from wane.report.newest import newest_chart
from wane.report.since_when import since_when


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, "0\u00a0h"),
        (0.04, "1\u00a0h"),
        (1.9, "45.6\u00a0h"),
        (2, "2\u00a0d"),
        (7.26, "7.3\u00a0d"),
    ],
)
def test_a_delay_in_hours_or_days(days: float, told: str) -> None:
    assert format_delay(days) == told


def test_nothing_is_said_where_delays_are_not_known() -> None:
    assert labels_arrive(build.declining().measurements) == ""


def test_the_legend_names_corrected_values() -> None:
    late, plain = chart_card(build.late(), "accuracy"), chart_card(build.declining(), "accuracy")
    assert late is not None
    assert plain is not None
    assert (late.has_adjusted, plain.has_adjusted) == (True, False)


def test_the_legend_names_what_is_estimated() -> None:
    cards = [
        chart_card(build.estimated(), "accuracy"),
        chart_card(build.unlabelled(), "accuracy_estimated"),
        chart_card(build.late(), "accuracy"),
    ]
    told = [(card.has_line, card.has_band, card.has_estimated) for card in cards if card]
    assert told == [(True, True, True), (False, False, True), (True, True, False)]


def test_a_range_keeps_the_releases_in_it() -> None:
    result = build.taken_apart()
    chart = since_when(result, "accuracy")
    card = chart_card(result, "accuracy")
    assert chart is not None
    assert card is not None
    assert card.has_releases
    assert len(newest_chart(chart, chart.windows[-10].start).releases) == 1


def test_a_range_keeps_them() -> None:
    chart = since_when(build.late(), "accuracy")
    assert chart is not None
    newest = newest_chart(chart, chart.windows[-3].start)
    assert len(newest.adjusted) == len(newest.values) == 3
