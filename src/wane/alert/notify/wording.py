"""A message in words: the facts in their order, cleaned and cut to what a receiver takes."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

from wane.alert.message import News

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.alert.message import Message

SPOILING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of what cannot be encoded, is not seen, or turns the text around it."""
JOINING = "\u200c\u200d"
"""Two of them that words of some scripts, and emoji, are made with."""
ELLIPSIS = "…"
LONGEST_LINK = 2_000
LINK_CHARACTERS = "%:/?#[]@!$&'()*+,;=-._~"
"""What may stand in an address as it is (RFC 3986)."""
_LINK = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#]\S*)?", re.IGNORECASE)


def clean(text: str) -> str:
    """One line that every receiver can take.

    Line ends, tabs and runs of space become one space. Control characters, lone surrogates and
    characters that turn the direction of what follows are replaced by U+FFFD.
    """
    sound = text if text.isprintable() else "".join(map(_sound, text))
    return " ".join(sound.split())


def _sound(character: str) -> str:
    if character.isspace():
        return " "
    spoils = unicodedata.category(character) in SPOILING and character not in JOINING
    return "\ufffd" if spoils else character


def units(text: str) -> int:
    """Length in UTF-16 units: the longest of the ways in which receivers count characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int, written: Callable[[str], str] = str) -> str:
    """The text as written, cut so that it has at most `most` UTF-16 units.

    Args:
        text: Any text; it is cleaned.
        most: At least 1.
        written: How the receiver wants it, e.g. escaped; never shorter for a longer text. What is
            cut is the text before, so that no escape is cut in two.

    Returns:
        `written` of the whole, or of the longest beginning that fits together with an ellipsis.
    """
    text = clean(text)
    whole = written(text)
    if units(whole) <= most:
        return whole
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        if units(written(text[:middle] + ELLIPSIS)) <= most:
            low = middle
        else:
            high = middle - 1
    return written(text[:low].rstrip() + ELLIPSIS)


def link_of(message: Message) -> str | None:
    """The link, percent-encoded.

    None where there is none, and for what is no http(s) address, names a user, or is longer than
    2,000 characters.
    """
    link = (message.link or "").strip()
    if _LINK.fullmatch(link) is None:
        return None
    encoded = quote(link.encode("utf-8", "replace"), safe=LINK_CHARACTERS)
    return encoded if len(encoded) <= LONGEST_LINK else None


def title(message: Message) -> str:
    """State or severity, model and verdict: "Critical: churn: accuracy fell to 0.81"."""
    return clean(f"{mark(message)}: {message.model}: {message.verdict}")


def mark(message: Message) -> str:
    """The word that comes first: the severity while it fires, the state afterwards."""
    word = message.severity.value if message.state is News.FIRING else message.state.value
    return word.capitalize()


def facts(message: Message) -> tuple[tuple[str, str], ...]:
    """What is known, each as a heading and a text; what is not known is left out."""
    told = (
        ("What", message.what),
        ("Since", message.since),
        ("Until", _until(message)),
        ("How large", message.size),
        ("How sure", message.sure),
        ("Where", "; ".join(dict.fromkeys(filter(None, (message.segment, message.where))))),
        ("Likely why", message.why),
        ("Next step", message.advice),
        ("Rule", message.rule),
        ("Owner", message.owner or ""),
    )
    return tuple((heading, text) for heading, raw in told if (text := clean(raw)))


def _until(message: Message) -> str:
    if message.ended is None:
        return ""
    lasted = (message.ended - message.started).total_seconds()
    return f"{message.ended:%d %b %Y %H:%M %Z}, after {length(lasted)}"


def length(seconds: float) -> str:
    """A length of time in its two largest units: "3 d 4 h", "12 min", "under a minute"."""
    minutes = int(max(seconds, 0) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (left, "min")]
    told = [f"{n} {unit}" for n, unit in parts if n]
    return " ".join(told[:2]) or "under a minute"
