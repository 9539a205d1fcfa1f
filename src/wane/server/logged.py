"""Text of strangers in the log: a line stays a line."""

from __future__ import annotations

import traceback


def one_line(text: object) -> str:
    """A text in which everything that does not print is written out as an escape.

    Names and values of senders get into messages of errors; a line feed in one of them would let
    its sender write lines of the log.
    """
    return "".join(c if c.isprintable() else _written(c) for c in str(text))


def traced(error: BaseException) -> str:
    """An error with its traceback, on one line: its message can be a stranger's too."""
    return one_line("".join(traceback.format_exception(error)))


def _written(character: str) -> str:
    return character.encode("unicode_escape").decode()
