import numpy as np
import pytest

from report.build_result import hours
from report.drawing import parse
from wane.report import heat_strip


@pytest.mark.parametrize("view", heat_strip.WIDTHS)
def test_every_hour_of_the_week_has_a_cell(view: str) -> None:
    root = parse(heat_strip.draw(hours(), view, "when"))
    cells = sum(path.get("d", "").count("z") for path in root.iter("path"))
    assert cells == 7 * 24
    assert root.get("aria-label") == "when"


def test_the_finding_names_the_busiest_hour() -> None:
    assert heat_strip.finding(hours()).startswith("Busiest on Tue at 14:00")


def test_no_traffic_is_drawn_empty_and_the_table_has_all_shares() -> None:
    assert "heat0" in heat_strip.draw(np.zeros((7, 24)), "narrow", "none")
    assert [len(row) for row in heat_strip.table(hours())] == [25] * 7
