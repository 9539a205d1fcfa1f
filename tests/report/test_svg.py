from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from report.drawing import parse
from wane.report.svg import bar_path, element, join, line_path, number


def test_names_of_attributes_and_rounding() -> None:
    drawn = element("text", "a", x=1.04, y=-0.01, class_="on", text_anchor="end", id=None)
    assert drawn == '<text x="1" y="0" class="on" text-anchor="end">a</text>'
    assert element("path", d="M0 0") == '<path d="M0 0"/>'


def test_markup_is_kept_and_text_is_escaped() -> None:
    inner = element("title", '<b> & "c"')
    assert element("g", inner) == "<g><title>&lt;b&gt; &amp; &#34;c&#34;</title></g>"
    assert isinstance(join([inner, inner]), Markup)


@given(st.text())
def test_any_text_gives_well_formed_xml(text: str) -> None:
    root = parse(element("text", text, aria_label=text))
    assert (root.text or "").replace("\r", "") is not None


def test_paths() -> None:
    assert line_path([(0, 1), (2.55, 3)]) == "M0 1L2.5 3"
    assert line_path([]) == ""
    assert bar_path(1, 10, 3, 4) == "M1 10v-4h3v4z"
    assert number(-0.04) == "0"
