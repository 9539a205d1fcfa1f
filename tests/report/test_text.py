from __future__ import annotations

import re
from dataclasses import replace

import pytest

from report.build_result import ALL, declining, eventful, hostile, learning, series
from wane.report import text
from wane.report.layout import display_width


def test_the_summary_of_a_series_to_the_digit() -> None:
    lines = [line.split() for line in text.render(series()).splitlines()]
    assert ["accuracy", "0.970", "0.890", "-0.080", "0.934"] in lines
    assert ["prediction_volume", "500", "620", "+120", "560"] in lines
    assert ["avg_confidence", "0.950", "0.870", "-0.080", "0.914"] in lines


def test_it_says_verdict_value_alerts_changes_and_rows() -> None:
    found = text.render(declining())
    assert "NEEDS ATTENTION: Accuracy fell from 0.931 to 0.880" in found
    assert "accuracy is now 0.882 (on 30 Oct, 95 % interval 0.834 to 0.931" in found
    assert re.search(r"23 Oct 2026 +30 Oct 2026 +8 +critical +accuracy 0.882 is below", found)
    assert re.search(r"income +\+0.42 sd +0.310", found)
    assert "150,412 rows read, 150,260 used; left out: 112 timestamp in the future" in found


@pytest.mark.parametrize("name", list(ALL))
@pytest.mark.parametrize("width", [1, 60, 100])
def test_lines_fit_prose_and_nothing_acts(name: str, width: int) -> None:
    found = text.render(ALL[name](), width=width)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", found)
    prose = [line for line in found.splitlines()[1:] if not line.startswith("  ")]
    assert all(display_width(line) <= max(width, 90) for line in prose)


@pytest.mark.parametrize("name", list(ALL))
def test_ascii_terminals_get_ascii(name: str) -> None:
    assert text.render(ALL[name](), unicode=False).isascii()


def test_tables_line_up_in_ascii_too() -> None:
    lines = text.render(hostile(), unicode=False).splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[:1] == ["column"])
    at = lines[head].index("drifted")
    assert {line[at : at + 3].strip() for line in lines[head + 1 : head + 6]} <= {"yes", "no"}


def test_colour_only_when_asked_for() -> None:
    assert "\x1b" not in text.render(declining())
    found = text.render(declining(), colour=True)
    assert "\x1b[33mNEEDS ATTENTION:\x1b[0m" in found
    assert "\x1b[31m  critical \x1b[0m" in found
    assert re.sub(r"\x1b\[\d+m", "", found) == text.render(declining())


def test_long_lists_say_what_they_leave_out() -> None:
    result = declining()
    found = text.render(replace(result, segments=result.segments * 3))
    assert "and 13 more segments (all in the report of --out)" in found


def test_a_healthy_run_says_so() -> None:
    found = text.render(ALL["healthy"]())
    assert "HEALTHY" in found
    assert "No alerts;" in found
    assert "\nAlerts\n" not in found


def test_events_are_told_apart_from_alerts_of_rules() -> None:
    found = text.render(eventful())
    assert "\nAlerts\n" not in found
    assert re.search(r"9 Oct +standing +critical +accuracy fell from 0.931 to 0.882, a grad", found)
    assert re.search(r"7 Oct +7 Oct +warning +latency_p99 rose from 84 to 410, a spike", found)
    assert re.search(r"11 Oct +standing +info +psi of income", found)
    assert "3 events by learned limits." in found
    assert "at most 1 per 90 days" in found


def test_events_fit_a_narrow_terminal() -> None:
    lines = text.render(eventful(), width=60).splitlines()
    table = lines[lines.index("Events") : lines.index("What changed most")]
    assert max(map(display_width, table)) <= 60


def test_who_raised_what_is_counted() -> None:
    ruled, both = declining(), eventful()
    both = replace(both, rules=ruled.rules, alerts=ruled.alerts)
    assert "by 4 rules; 3 events by learned limits." in text.render(both)
    outgrown = replace(both, rules=())
    assert "alerts by default rules, before limits were learned; 3 events" in text.render(outgrown)
    quiet = replace(eventful(), alerts=(), found=replace(eventful().found, findings=()))
    assert "No alerts; nothing left its natural variation." in text.render(quiet)
    assert "\nNo alerts.\n" in text.render(learning())


def test_long_lists_of_events_are_cut() -> None:
    result = eventful()
    found = replace(result.found, findings=result.found.findings * 8)
    assert "and 14 more events (all with --format json)" in text.render(
        replace(result, found=found)
    )
