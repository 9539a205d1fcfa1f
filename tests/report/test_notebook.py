import re

import pytest

from report import build_result as build
from wane.report.notebook import render_inline


@pytest.mark.parametrize("name", build.ALL)
def test_the_fragment_is_one_element_without_ids_or_scripts(name: str) -> None:
    fragment = render_inline(build.ALL[name]())
    assert fragment.strip().startswith('<div class="wane inline">')
    assert fragment.strip().endswith("</div>")
    assert fragment.count("<div") == fragment.count("</div>")
    assert "<script" not in fragment
    assert not re.search(r"\sid=", re.sub(r"<style>.*?</style>", "", fragment, flags=re.DOTALL))
    assert "<html" not in fragment


def test_it_shows_verdict_tiles_and_chart() -> None:
    result = build.declining()
    fragment = render_inline(result)
    assert result.verdict.sentence in fragment
    assert fragment.count('class="tile ') == 5
    assert 'class="chart wide"' in fragment
    assert "How this was computed" not in fragment


def test_it_stays_small() -> None:
    assert len(render_inline(build.large()).encode()) < 60_000
