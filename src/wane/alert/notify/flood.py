"""Many alerts of one rule at once: a pager rings once for them, and is quiet when all are over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from wane.alert.message import News, hexdigest
from wane.detect.severity import Severity  # noqa: TC001  # what is remembered is decoded by it

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.alert.message import Message

MOST = 10
"""More alerts of one rule that begin together than this are a flood."""


class Flood(msgspec.Struct, frozen=True):
    """Alerts of a rule that a receiver knows as one.

    Attributes:
        key: What the receiver knows it by; the same when it is sent again.
        severity: The greatest among them at the time.
        open: Fingerprints of those that are not over.
    """

    key: str
    severity: Severity
    open: frozenset[str]


class Floods(msgspec.Struct, frozen=True):
    """The floods of a group, by rule."""

    by_rule: dict[str, Flood] = {}

    @classmethod
    def decode(cls, memory: str) -> Floods:
        """From what `encode` gave; none where that cannot be read."""
        try:
            return msgspec.json.decode(memory, type=cls) if memory else cls()
        except msgspec.DecodeError:
            return cls()

    def encode(self) -> str:
        """As text; empty for none."""
        return msgspec.json.encode(self, order="deterministic").decode() if self.by_rule else ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a group comes to.

    Attributes:
        alone: Messages that are told by themselves.
        begun: (flood, its messages, the worst first) of those that begin.
        over: Keys of floods of which nothing is left, each with its last message.
        floods: Those that are open afterwards.
    """

    alone: tuple[Message, ...]
    begun: tuple[tuple[Flood, tuple[Message, ...]], ...]
    over: tuple[tuple[str, Message], ...]
    floods: Floods


def sort_out(messages: Sequence[Message], known: Floods) -> Sorted:
    """Tell floods from alerts that stand alone.

    An alert that fires while a flood of its rule is open belongs to it, unless it is worse than the
    flood was: then it is told by itself. The end of each is told by itself too, as a receiver may
    know it from before the flood.

    Args:
        messages: Of a group.
        known: Floods that the receiver knows of.
    """
    floods = dict(known.by_rule)
    alone: list[Message] = []
    fresh: dict[str, list[Message]] = defaultdict(list)
    over: list[tuple[str, Message]] = []
    for message in messages:
        flood, rule = floods.get(message.rule), message.rule
        inside = flood is not None and message.fingerprint in flood.open
        if flood is None and message.state is News.FIRING:
            fresh[rule].append(message)
        elif flood is None:
            alone.append(message)
        elif message.state is News.FIRING and message.severity.rank <= flood.severity.rank:
            floods[rule] = Flood(flood.key, flood.severity, flood.open | {message.fingerprint})
        elif message.state is News.ACKNOWLEDGED and inside:
            continue
        else:
            alone.append(message)
            floods[rule] = Flood(flood.key, flood.severity, flood.open - {message.fingerprint})
            if not floods[rule].open:
                over.append((floods.pop(rule).key, message))
    begun = []
    for rule, many in fresh.items():
        if len(many) <= MOST or rule in floods:
            alone += many
            continue
        worst = sorted(many, key=lambda one: -one.severity.rank)
        key = hexdigest("flood", *sorted(one.id for one in many))
        floods[rule] = Flood(key, worst[0].severity, frozenset(one.fingerprint for one in many))
        begun.append((floods[rule], tuple(worst)))
    return Sorted(tuple(alone), tuple(begun), tuple(over), Floods(floods))
