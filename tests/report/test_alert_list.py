from dataclasses import replace

from report import build_result as build
from wane.detect.severity import Severity
from wane.report.alert_list import grouped, ruled


def test_a_rule_on_a_series_is_one_row() -> None:
    groups = grouped(build.declining())
    assert [group.severity for group in groups] == [
        Severity.CRITICAL,
        Severity.WARNING,
        Severity.WARNING,
    ]
    assert groups[0].when == "23\u00a0Oct \u2013 30\u00a0Oct, 8 windows"
    assert groups[2].when == "7\u00a0Oct"


def test_a_pause_stays_in_the_row_and_the_count_tells() -> None:
    result = build.declining()
    windows = result.measurements.windows
    kept = tuple(alert for alert in result.alerts if alert.window != windows[-3])
    rows = [
        group.when
        for group in grouped(replace(result, alerts=kept))
        if group.key.metric == "accuracy"
    ]
    assert rows == ["23\u00a0Oct \u2013 30\u00a0Oct, 7 windows"]


def test_the_worst_value_is_furthest_from_the_limit() -> None:
    group = grouped(build.declining())[0]
    values = [a.value for a in build.declining().alerts if a.key.metric == "accuracy"]
    assert group.value == f"{min(values):.3f}"
    assert grouped(build.healthy()) == ()


def test_what_learned_limits_raised_is_no_alert_of_a_rule() -> None:
    result = build.eventful()
    assert result.alerts
    assert grouped(result) == ()
    assert ruled(result) == ()
