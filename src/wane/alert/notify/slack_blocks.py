"""A group as Slack shows it, within Slack's limits.

50 blocks a message, 3,000 characters a section, 150 a header; and in practice about 13,000 for the
blocks of a message together, of which 12,000 are used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wane.alert.message import News
from wane.alert.notify.wording import cut, facts, link_of, title, units
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.alert.message import Group, Message

Block = dict[str, Any]

LONGEST_HEADER = 150
LONGEST_SECTION = 2_900
LONGEST_FACT = 600
LONGEST_LINE = 150
FOR_MESSAGES = 9_500
"""Characters of all messages together; the rest is for what stands around them."""
MOST_LINES = 30
"""Of an overview. In JSON, with every character escaped, they take 9,000 characters."""

ICONS = {Severity.INFO: "🔵", Severity.WARNING: "🟠", Severity.CRITICAL: "🔴"}
STATES = {News.ACKNOWLEDGED: "👀", News.RESOLVED: "✅"}


def told_in_full(group: Group) -> list[Block]:
    """The headline, and the messages that matter most with everything that is known of them."""
    top = group.top
    most = min(LONGEST_SECTION, FOR_MESSAGES // len(top))
    blocks = [_header(headline(group))]
    for message in top:
        blocks += [_section(_told(message, most)), {"type": "divider"}]
    if group.rest:
        blocks.append(_section(escaped(group.rest)))
    return blocks


def overview(heading: str, lines: Sequence[str]) -> list[Block]:
    """Where every alert of an incident stands, one line each.

    Args:
        heading: One line.
        lines: What `line` returns.
    """
    shown = [cut(text, LONGEST_LINE, escaped) for text in lines[:MOST_LINES]]
    left = len(lines) - MOST_LINES
    if left > 0:
        shown.append(f"And {left} more.")
    blocks = [_header(heading)]
    blocks += [_section("\n".join(shown[begin : begin + 10])) for begin in range(0, len(shown), 10)]
    return blocks


def line(message: Message) -> str:
    """One line of an overview, cut."""
    return cut(f"{_icon(message)} {title(message)}", LONGEST_LINE)


def headline(group: Group) -> str:
    """What is shown first, and in notifications: one line, not escaped."""
    if len(group.messages) == 1:
        return line(group.messages[0])
    return cut(f"{_icon(group.top[0])} {group.headline}", LONGEST_HEADER)


def escaped(text: str) -> str:
    """Text in which nothing is a link, a mention or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(text: str) -> Block:
    plain = {"type": "plain_text", "text": cut(text, LONGEST_HEADER), "emoji": False}
    return {"type": "header", "text": plain}


def _section(text: str) -> Block:
    # verbatim: Slack makes neither links nor mentions of what is in the text
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _told(message: Message, most: int) -> str:
    """As many lines as fit, the most important first."""
    link = link_of(message)
    address = None if link is None else f"<{escaped(link)}|Open in wane>"
    lines = [f"*{cut(title(message), LONGEST_FACT, escaped)}*"]
    further = [address] if address else []
    further += [
        f"*{heading}:* {cut(text, LONGEST_FACT, escaped)}" for heading, text in facts(message)
    ]
    for each in further:
        if _size([*lines, each]) <= most:
            lines.append(each)
    return "\n".join(lines)


def _size(lines: Iterable[str]) -> int:
    """Characters in JSON, as which they are sent."""
    return units(json.dumps("\n".join(lines), ensure_ascii=False))


def _icon(message: Message) -> str:
    return STATES.get(message.state) or ICONS[message.severity]
