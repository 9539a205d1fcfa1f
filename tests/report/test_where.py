from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from report import build_result as build
from wane.diagnose.localise import Localised, Spot
from wane.report import html, text
from wane.report.where import facts, finding, for_messages, searched, where

if TYPE_CHECKING:
    from wane.report.result import Result

RESULT = build.taken_apart()
FOUND = build.localised()
PERCENT = "\u00a0%"


def with_found(found: Localised | None) -> Result:
    return replace(RESULT, localised=found)


def test_values_together_are_told_with_then_and_now() -> None:
    assert finding(FOUND) == (
        f"Worst together: channel=mobile & plan=<b>: accuracy 0.710 against 0.830 then, "
        f"12{PERCENT} of rows, explains 80{PERCENT} of the loss"
    )
    one = replace(FOUND, spots=FOUND.spots[1:])
    assert finding(one).startswith("Answers got worse most where channel=web: accuracy 0.910")
    assert finding(replace(FOUND, spots=())) == ""


def test_messages_name_values_of_segments_alone() -> None:
    """Others may be what nobody outside should read."""
    explained = f"explains 80{PERCENT} of the loss"
    schema = RESULT.schema
    assert schema is not None
    by_channel = replace(RESULT, schema=replace(schema, segments=("channel",)))
    assert for_messages(by_channel) == f"channel=mobile, by plan, {explained}"
    assert for_messages(replace(RESULT, schema=None)) == f"by channel & plan, {explained}"
    assert for_messages(with_found(None)) == ""


def test_every_spot_and_all_other_rows_have_a_line() -> None:
    section = where(RESULT)
    assert section is not None
    assert [row.values for row in section.rows] == [
        ("channel=mobile", "plan=<b>"),
        ("channel=web",),
        ("all other rows",),
    ]
    assert section.rows[0].part == "\u22120.041"
    assert section.rows[0].explains == f"80{PERCENT}"
    assert section.note == searched(FOUND)
    assert "channel, plan, age, up to 3 together; 1,234 sets of rows" in section.note


@pytest.mark.parametrize(
    ("explains", "told"),
    [
        (1.2, "explains all of the loss"),
        (0.5, f"explains 50{PERCENT} of the loss"),
        (0.031, f"explains 3.1{PERCENT} of the loss"),
        (None, f"12{PERCENT} of rows"),
    ],
)
def test_how_much_of_a_loss_it_is(explains: float | None, told: str) -> None:
    spot = replace(FOUND.spots[0], explains=explains)
    assert finding(replace(FOUND, spots=(spot,))).endswith(told)


def test_sentences() -> None:
    first, second = facts(RESULT)
    assert first == f"{finding(FOUND)}."
    assert second.startswith("Then channel=web: ")
    assert facts(with_found(None)) == facts(with_found(Localised("mae", 0, reason="why"))) == ()
    alike = replace(FOUND, spots=())
    assert facts(with_found(alike)) == (
        "Answers got worse alike in all rows looked at: 0.931 → 0.880.",
    )
    nothing = replace(alike, everywhere=None)
    assert facts(with_found(nothing))[0].startswith("No rows stand out. Searched: channel, plan")
    assert facts(with_found(replace(nothing, together=1))) == ()
    assert where(with_found(nothing)) is None


def test_many_columns_are_counted() -> None:
    wide = replace(FOUND, columns=tuple(f"f{at}" for at in range(500)), together=1)
    assert "f7 and 492 more, each by itself" in searched(wide)


def test_a_regression_is_told_in_its_unit() -> None:
    spot = Spot((("site", "north"),), 0.25, 10.5, 14.25, 0.9375, 0.5, 8.0)
    found = replace(FOUND, metric="mae", spots=(spot,))
    assert "site=north: MAE 14.25 against 10.50 then" in finding(found)


def test_the_page_shows_it_and_names_stay_text() -> None:
    page = html.render(RESULT)
    assert "Worst together: channel=mobile &amp; plan=&lt;b&gt;" in page
    assert "plan=<b>" not in page
    assert "Worst together" in text.render(RESULT)
    assert "Worst together" not in html.render(build.declining())
