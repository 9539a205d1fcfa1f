from dataclasses import replace

from report import build_result as build
from wane.report.event_list import MOST, MOST_OTHERS, EventSection, event_section
from wane.report.result import Result
from wane.report.tone import Tone


def section(result: Result) -> EventSection:
    found = event_section(result)
    assert found is not None
    return found


def told(result: Result, **changed: object) -> str:
    """The title when something about what was found is different."""
    found = replace(result.found, **changed)  # type: ignore[arg-type]
    return section(replace(result, found=found)).title


def test_a_row_says_what_since_when_how_large_and_how_sure() -> None:
    row = section(build.eventful()).rows[0]
    assert (row.tone, row.severity, row.subject, row.metric) == (
        Tone.BAD,
        "critical",
        "Accuracy",
        "",
    )
    assert (row.before, row.now, row.usual) == ("0.931", "0.882", "usual 0.917 to 0.944")
    assert row.when == "since 9\u00a0Oct"
    assert [line.split()[0] for line in row.course] == ["began", "noticed", "still"]
    assert row.shape == "gradual change"
    assert row.sure.startswith("surely worse")


def test_a_column_leads_and_its_metric_and_segment_follow() -> None:
    row = section(build.eventful()).rows[1]
    assert (row.subject, row.metric, row.segment) == ("payer_code", "Missing", "region=north")
    assert (row.before, row.now) == ("0\u00a0%", "7\u00a0%")


def test_other_series_are_named_up_to_a_cap() -> None:
    row = section(build.eventful()).rows[0]
    assert len(row.others) == MOST_OTHERS
    assert row.others_left_out == 10


def test_information_is_kept_apart_and_makes_no_alarm() -> None:
    (row,) = section(build.eventful()).information
    assert (row.subject, row.severity, row.tone) == ("income", "info", Tone.UNKNOWN)


def test_many_events_are_capped_and_counted() -> None:
    result = build.eventful()
    many = tuple(replace(build.DECLINED, raised=at, last=at) for at in range(60)) * 2
    found = section(replace(result, found=replace(result.found, findings=many)))
    assert len(found.rows) == MOST
    assert found.rows_left_out == 120 - MOST


def test_the_title_counts_what_stands() -> None:
    result = build.eventful()
    latency, drift, missing, accuracy = result.found.findings
    assert section(result).title == "3 events beyond natural variation, 1 of them still standing"
    one = "1 event beyond natural variation, "
    assert told(result, findings=(accuracy,)) == f"{one}still standing"
    assert told(result, findings=(latency,)) == f"{one}over by now"
    two = told(result, findings=(latency, missing))
    assert two == "2 events beyond natural variation, all over by now"
    assert told(result, findings=(accuracy, accuracy)).endswith(", all still standing")
    assert told(result, findings=(drift,)) == "Nothing harmful left its natural variation"


def test_without_events_it_says_so() -> None:
    result = build.eventful()
    assert told(result, findings=()) == "Nothing left its natural variation"
    assert told(result, findings=(), learning=120) == "What is usual is still being learned"
    assert section(build.learning()).title == (
        "Accuracy falls steadily; what is usual is still being learned"
    )
    assert event_section(build.declining()) is None


def test_the_budget_is_stated() -> None:
    promised, learning = section(build.eventful()).budget
    assert promised.startswith("False alarms of this model: at most 1 per 90 days")
    assert learning.startswith("Learning: 20 series")
