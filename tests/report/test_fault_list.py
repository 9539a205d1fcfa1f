from __future__ import annotations

from report import build_result as build
from wane.report import html, text
from wane.report.fault_list import fault_facts, fault_rows


def test_what_was_seen_since_when_and_what_to_look_at() -> None:
    unit, clock = fault_rows(build.taken_apart())
    assert unit.kind == "Another unit"
    assert unit.sentence.startswith("Temperature looks times 1.8 plus 32")
    assert unit.since == "since 28\u00a0Oct"
    assert unit.advice.startswith("Bring temperature back")
    assert clock.since == ""


def test_they_are_told_in_every_report_with_what_the_advice_rests_on() -> None:
    result = build.taken_apart()
    assert fault_facts(result)[1] == "The day runs 2 hours later than before."
    assert "Fahrenheit for Celsius" in text.render(result)
    page = html.render(result)
    assert "What seems wrong with the pipeline" in page
    assert "answers changed by 22 standard errors" in page
    assert "What seems wrong" not in html.render(build.declining())
