"""Text from data made harmless for terminals and files: nothing invisible, nothing that acts."""

from __future__ import annotations

import re

ACTING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, direction overrides and lone surrogates."""
ASCII = str.maketrans(
    {
        "\u2013": "-",  # en dash
        "\u2014": "-",  # em dash
        "\u2212": "-",  # minus sign
        "\u2192": "->",  # rightwards arrow
        "\u2026": "...",  # horizontal ellipsis
        "\u00b7": "-",  # middle dot
        "\u2265": ">=",  # greater-than or equal to
        "\u2264": "<=",  # less-than or equal to
        "\u00d7": "x",  # multiplication sign
        "\u221e": "inf",  # infinity
        "\u2019": "'",  # right single quotation mark
        "\u2018": "'",  # left single quotation mark
        "\u201c": '"',  # left double quotation mark
        "\u201d": '"',  # right double quotation mark
        "\u00a0": " ",  # no-break space
        "\u2009": " ",  # thin space
        "\u25cf": "*",  # black circle
        "\u25b2": "!",  # black up-pointing triangle
        "\u25c6": "!",  # black diamond
        "\u25cb": "?",  # white circle
    }
)


def printable(text: str) -> str:
    """Text with every acting character spelled out, e.g. a bell as x07 after a backslash."""
    return ACTING.sub(lambda found: ascii(found[0])[1:-1], text)


def to_ascii(text: str) -> str:
    """Text for an output that knows no more than ASCII; letters it lacks become `?`."""
    return text.translate(ASCII).encode("ascii", "replace").decode("ascii")
