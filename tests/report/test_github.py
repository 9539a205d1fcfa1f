from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.build_result import ALL, declining, eventful
from wane.alert.alert import Alert
from wane.detect.severity import Severity
from wane.metrics.measurement import SeriesKey
from wane.report import github
from wane.window import DAY, Window

RESULT = declining()


def test_severities_are_commands() -> None:
    lines = github.render(RESULT).splitlines()
    assert lines[0] == (
        "::error title=accuracy < 0.90::30 Oct\u00a02026: accuracy 0.882 is below 0.9 (171 rows)"
        "; in 8 windows since 23 Oct\u00a02026"
    ).replace("30 Oct", "30\u00a0Oct").replace("23 Oct", "23\u00a0Oct")
    assert lines[1].startswith("::warning title=latency_p99 > 300 as warning::")
    assert lines[-1].startswith("::notice title=wane credit-risk::needs attention: Accuracy fell")


@pytest.mark.parametrize("name", list(ALL))
def test_every_line_is_one_command(name: str) -> None:
    for line in github.render(ALL[name]()).splitlines():
        assert line.startswith(("::error title=", "::warning title=", "::notice title="))


@given(st.text(), st.text())
def test_text_cannot_start_another_command(rule: str, reason: str) -> None:
    alert = Alert(rule, SeriesKey("psi"), Severity.INFO, Window(0, DAY), 0.3, 0.2, reason)
    lines = github.render(replace(RESULT, alerts=(alert,))).split("\n")
    assert len(lines) == 3
    head = lines[0].removeprefix("::notice title=").split("::")[0]
    assert not set(head) & set(":,\r")


def test_line_ends_and_percents_are_escaped() -> None:
    alert = Alert("a: 5%, b", SeriesKey("psi"), Severity.INFO, Window(0, DAY), 1, 0, "x\n100 %")
    line = github.render(replace(RESULT, alerts=(alert,))).split("\n")[0]
    assert line.startswith("::notice title=a%3A 5%25%2C b::")
    assert line.endswith("x%0A100 %25")


def test_an_event_is_one_annotation_in_its_own_words() -> None:
    result = eventful()
    lines = github.render(result).splitlines()
    assert len(lines) == 4
    assert lines[0] == (
        "::error title=learned limits%3A accuracy"
        "::accuracy fell from 0.931 to 0.882 since 9 Oct: a gradual change"
    )
    assert "missing_share of payer_code in region=north" in lines[1] + lines[2]
