from __future__ import annotations

from dataclasses import replace

import pytest

from report.build_result import ALL, HOSTILE, declining, eventful
from wane.report import markdown
from wane.report.markdown import escaped


def test_it_is_a_heading_a_verdict_and_tables() -> None:
    found = markdown.render(declining())
    assert found.startswith("## credit-risk: 1 Sep")
    assert "**needs attention**: Accuracy fell" in found
    assert "| metric | first | last | change | average |\n| --- | ---: |" in found
    assert "| accuracy | 0.932 | 0.882 | -0.050 | 0.921 |" in found
    assert "- 12 ids occur twice" in found


@pytest.mark.parametrize("name", list(ALL))
def test_every_row_has_the_cells_of_its_header(name: str) -> None:
    for block in markdown.render(ALL[name]()).split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        counts = {line.replace("\\\\", "").replace("\\|", "").count("|") for line in rows}
        assert len(counts) <= 1


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_become_markup(name: str) -> None:
    found = escaped(name)
    assert "\n" not in found
    assert "<" not in found
    for sign in "|*[`":
        assert found.count(sign) == found.count(f"\\{sign}")


def test_nobody_is_called() -> None:
    found = markdown.render(replace(declining(), notes=("@team look",)))
    assert "@team" not in found
    assert "&#64;team" in found


def test_events_are_a_table() -> None:
    found = markdown.render(eventful())
    assert "| since | until | severity | what |" in found
    assert "| 9 Oct | standing | critical | accuracy fell from 0.931 to 0.882, a gradual" in found
    assert "missing\\_share of payer\\_code" in found
