from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.build_result import ALL, DECLINED, declining, eventful, learning
from report.drawing import parse
from wane.alert.alert import Alert
from wane.alert.learned import alerts_of
from wane.detect.severity import Severity
from wane.metrics.measurement import SeriesKey
from wane.report import junit
from wane.window import DAY, Window

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from wane.report.result import Result

RESULT = declining()


def suite(result: Result) -> ET.Element:
    found = parse(junit.render(result)).find("testsuite")
    assert found is not None
    return found


def test_one_case_per_rule_and_series() -> None:
    found = suite(RESULT)
    assert (found.get("tests"), found.get("failures")) == ("4", "3")
    cases = {case.get("name"): case.find("failure") for case in found.findall("testcase")}
    failure = cases["accuracy < 0.90"]
    assert failure is not None
    assert failure.get("type") == "critical"
    assert str(failure.get("message")).startswith("accuracy 0.882 is below")
    assert str(failure.text).startswith("fired in 8 windows, 2026-10-23T00:00:00Z")
    assert cases["accuracy drops 0.02 surely as warning"] is None
    assert "psi(*) > 0.2 for 2 as warning [income]" in cases


@pytest.mark.parametrize("name", list(ALL))
def test_every_result_is_well_formed(name: str) -> None:
    found = suite(ALL[name]())
    assert found.get("tests") == str(len(found.findall("testcase")))


@given(st.text(), st.text(), st.text())
def test_names_from_data_never_break_the_file(rule: str, column: str, reason: str) -> None:
    alert = Alert(
        rule, SeriesKey("psi", column), Severity.WARNING, Window(0, DAY), 0.3, 0.2, reason
    )
    found = suite(replace(RESULT, model=column, alerts=(alert,), rules=(rule, reason)))
    assert found.get("failures") == "1"


def test_a_rule_that_is_held_against_nothing_is_skipped() -> None:
    rules = (*RESULT.rules, "mae > 3")
    note = "rule `mae > 3` matches nothing: mae is not measured here"
    found = suite(replace(RESULT, rules=rules, notes=(*RESULT.notes, note)))
    assert (found.get("tests"), found.get("skipped")) == ("5", "1")
    case = next(one for one in found.findall("testcase") if one.get("name") == "mae > 3")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "matches nothing: mae is not measured here"


def test_ordinary_text_is_kept() -> None:
    reason = "a < b & \"c\" 'd' 😀\nnext"
    alert = Alert("r", SeriesKey("psi"), Severity.INFO, Window(0, DAY), 0.3, 0.2, reason)
    failure = suite(replace(RESULT, alerts=(alert,))).find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == reason


def test_an_event_is_one_case_with_a_name_of_its_own() -> None:
    result = eventful()
    twice = replace(DECLINED, first=1, raised=2, last=3, recovered=4)
    alerts = (*alerts_of([twice], result.measurements), *result.alerts)
    names = [case.get("name") for case in suite(replace(result, alerts=alerts)).findall("testcase")]
    assert len(names) == len(set(names)) == 4
    assert "learned limits: accuracy, raised 2026-09-03T00:00:00Z" in names
    assert "learned limits: accuracy, raised 2026-10-15T00:00:00Z" in names


def test_learned_limits_that_found_nothing_pass() -> None:
    result = eventful()
    quiet = replace(result, alerts=(), found=replace(result.found, findings=()))
    (case,) = suite(quiet).findall("testcase")
    assert (case.get("name"), case.find("failure")) == ("learned limits", None)
    assert not suite(learning()).findall("testcase")
