"""One event, one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detect.build_findings import FELL, finding
from wane.detect.events import events, family
from wane.detect.importance import Importance
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.metrics.measurement import SeriesKey

if TYPE_CHECKING:
    from wane.detect.finding import Finding


def leaders(*found: Finding, main: str | None = "accuracy") -> list[tuple[str, list[str]]]:
    return [(one.key.metric, [key.metric for key in one.also]) for one in events(found, main)]


def test_nothing_happened() -> None:
    assert events([], "accuracy") == ()


def test_alarms_of_one_family_at_one_time_are_one_event() -> None:
    found = leaders(finding("f1"), FELL, finding("brier", raised=33, side=1))
    assert found == [("accuracy", ["f1", "brier"])]


def test_the_main_metric_leads_and_the_event_is_as_severe_as_its_worst() -> None:
    mild = finding("accuracy", severity=Severity.WARNING)
    (event,) = events([finding("f1"), mild], "accuracy")
    assert (event.key.metric, event.severity) == ("accuracy", Severity.CRITICAL)


def test_without_the_main_metric_severity_and_then_size_lead() -> None:
    large = finding("brier", severity=Severity.WARNING, now=0.1)
    small = finding("log_loss", severity=Severity.WARNING)
    assert leaders(small, large, main=None) == [("brier", ["log_loss"])]
    assert leaders(small, large, finding("f1"), main=None)[0][0] == "f1"


def test_the_whole_model_leads_its_segments() -> None:
    (event,) = events([finding(segment="channel=web", now=0.5), finding("f1")], None)
    assert event.key == SeriesKey("f1")
    assert event.also == (SeriesKey("accuracy", None, "channel=web"),)


def test_families_are_events_of_their_own() -> None:
    found = leaders(FELL, finding("volume"), finding("missing_share", column="age"))
    assert found == [("accuracy", []), ("volume", []), ("missing_share", [])]


def test_other_times_are_other_events() -> None:
    later = finding("f1", first=38, earliest=37, latest=39, raised=39)
    assert leaders(FELL, later) == [("accuracy", []), ("f1", [])]
    beside = finding("f1", first=33, earliest=32, latest=34, raised=36)
    assert leaders(FELL, beside) == [("accuracy", ["f1"])]


def test_what_was_raised_after_the_first_was_over_is_another_event() -> None:
    over = finding(last=33, recovered=34)
    assert leaders(over, finding("f1", raised=34)) == [("accuracy", ["f1"])]
    assert leaders(over, finding("f1", raised=35)) == [("accuracy", []), ("f1", [])]


def test_harm_and_information_are_kept_apart() -> None:
    good = finding("f1", severity=Severity.INFO, side=1)
    assert leaders(FELL, good) == [("accuracy", []), ("f1", [])]


def test_a_single_good_window_is_no_news() -> None:
    spike = finding("f1", severity=Severity.INFO, shape=Shape.SPIKE)
    assert leaders(spike, finding("f1", shape=Shape.SPIKE)) == [("f1", [])]


def test_two_alarms_of_one_series_do_not_name_it_twice() -> None:
    (event,) = events([FELL, finding(raised=32)], "accuracy")
    assert event.also == ()


def test_events_are_in_the_order_in_which_they_were_raised() -> None:
    first = finding("volume", raised=5, first=5, earliest=5, latest=5, last=6)
    assert [one.raised for one in events([FELL, first], "accuracy")] == [5, 31]


def test_a_metric_that_nobody_knows_is_a_kind_of_its_own() -> None:
    assert family(SeriesKey("churn")) == "churn"
    assert family(SeriesKey("f1")) == family(SeriesKey("brier")) == "performance"
    assert leaders(finding("churn"), finding("sales"), main=None) == [("churn", []), ("sales", [])]


def test_the_important_column_of_an_event_leads() -> None:
    smaller = finding("missing_share", column="income", side=1, before=0.0, now=0.1)
    larger = finding("missing_share", column="zip", side=1, before=0.0, now=0.2)
    (event,) = events([smaller, larger], None)
    assert event.key.column == "zip"
    (event,) = events([smaller, larger], None, Importance({"income": 5, "zip": 2}))
    assert event.key.column == "income"
    assert [key.column for key in event.also] == ["zip"]
