import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.server.logged import one_line, traced


def test_line_feeds_and_control_characters_are_written_out() -> None:
    assert one_line("a\nb\r\x1b[31m\x00\u2028c") == r"a\nb\r\x1b[31m\x00\u2028c"


def test_other_text_stays_as_it_is() -> None:
    assert one_line("größe ≥ 3 \\") == "größe ≥ 3 \\"


@given(st.text())
def test_every_text_is_one_line_and_can_be_written(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    line.encode()


def test_a_traceback_is_one_line() -> None:
    with pytest.raises(ValueError, match="b") as caught:
        int("a\nb")
    line = traced(caught.value)
    assert line.isprintable()
    assert "ValueError" in line
