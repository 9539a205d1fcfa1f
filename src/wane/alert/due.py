"""What has to be sent now.

Nothing is queued: what is due follows from what is stored, the state of each incident and what a
receiver was told of it last. So a crash can lose nothing, whatever it interrupts; at worst a
message that left just before is sent again, under the same key.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping  # noqa: TC003  # what is stored is decoded by its annotations
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from wane.alert.incident import State
from wane.alert.inhibit import causes_of
from wane.alert.message import News
from wane.alert.mute import muted
from wane.alert.route import group_of, labels_of, route_of
from wane.alert.silence import silenced
from wane.detect.severity import Severity  # noqa: TC001  # as above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wane.alert.incident import Incident
    from wane.alert.inhibit import Causes
    from wane.alert.route import Route
    from wane.alert.silence import Silence


@dataclass(frozen=True, slots=True)
class Told:
    """What a receiver was told last of an incident.

    Attributes:
        receiver: Its name; of a receiver with several channels, "name/channel".
        group: In which group.
        fingerprint: Of the incident.
        sequence: Of the incident at that time.
        news: What.
        severity: Of the incident at that time.
        at: When it was delivered.
    """

    receiver: str
    group: str
    fingerprint: str
    sequence: int
    news: News
    severity: Severity
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A group that could not be delivered, and when it is tried again.

    Attributes:
        group: Its key.
        since: When the first attempt failed.
        attempts: How many failed, >= 1.
        again: When it is tried again; None: not any more, until something changes.
        sequences: Fingerprint -> sequence of what was tried.
        reason: Why the last attempt failed.
    """

    group: str
    since: dt.datetime
    attempts: int
    again: dt.datetime | None
    sequences: Mapping[str, int]
    reason: str


@dataclass(frozen=True, slots=True)
class Watched:
    """An incident and whose it is.

    Attributes:
        incident: The incident.
        tenant: Whose model.
        model: Its name.
        owner: Who looks after the model; None where that is not said.
    """

    incident: Incident
    tenant: str
    model: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One incident in a message, and what is told of it.

    Attributes:
        watched: The incident.
        news: What is told.
        refresh: Whether it is told only because the receiver would take silence for the end.
    """

    watched: Watched
    news: News
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """What goes to a receiver in one message, most severe first."""

    receiver: str
    group: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that decides what is due.

    Attributes:
        incidents: The newest of each fingerprint, open and over.
        routes: In order.
        silences: All that have not ended.
        told: By receiver and fingerprint.
        troubles: By group.
        channels: Receiver -> what is told apart: each of its channels may fail by itself. A
            receiver that is not in it is told as one.
        refresh: What is told apart -> how often it has to hear that something still fires, as it
            takes silence for the end; others are told once.
    """

    incidents: Sequence[Watched]
    routes: Sequence[Route]
    silences: Sequence[Silence] = ()
    told: Mapping[tuple[str, str], Told] = field(default_factory=dict)
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    refresh: Mapping[str, dt.timedelta] = field(default_factory=dict)


def due(situation: Situation, now: dt.datetime) -> tuple[Sending, ...]:
    """The messages that should leave now, by receiver and group; empty when nothing is due.

    A firing incident is told once: its end, an escalation and its acknowledgement are told when
    they come, and it is told again only after the route's `repeat_interval` without
    acknowledgement. Silenced and inhibited incidents are not told, and nothing that fires at a time
    at which their route is mute; the end of one that was told is.
    """
    return tuple(
        one.sending
        for one in _wanted(situation, now)
        if one.ready <= now
        and not _waits(situation.troubles.get(one.sending.group), one.sending.items, now)
    )


def given_up(situation: Situation, now: dt.datetime) -> tuple[Trouble, ...]:
    """What should be told, and is not tried any more; empty where there is nothing.

    It goes when the receiver takes something newer of its group, or there is nothing left to tell.
    """
    troubles = (
        (situation.troubles.get(one.sending.group), one.sending.items)
        for one in _wanted(situation, now)
    )
    return tuple(
        trouble
        for trouble, items in troubles
        if trouble is not None and trouble.again is None and _waits(trouble, items, now)
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A message that should leave, and not before when."""

    sending: Sending
    ready: dt.datetime


def _wanted(situation: Situation, now: dt.datetime) -> tuple[_Wanted, ...]:
    """What receivers do not know yet, by receiver and group."""
    newest: dict[str, dt.datetime] = {}
    for told in situation.told.values():
        newest[told.group] = max(told.at, newest.get(told.group, told.at))
    groups: dict[str, list[_Wish]] = defaultdict(list)
    for wish in _wishes(situation, now):
        groups[group_of(wish.receiver, wish.route, wish.labels)].append(wish)
    return tuple(
        _Wanted(
            Sending(
                wishes[0].receiver, group, tuple(sorted((one.item for one in wishes), key=_weight))
            ),
            min(_ready(one, newest.get(group), now) for one in wishes),
        )
        for group, wishes in sorted(groups.items())
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one receiver should hear of one incident."""

    receiver: str
    route: Route
    labels: Mapping[str, str]
    item: Item


def _wishes(situation: Situation, now: dt.datetime) -> Iterator[_Wish]:
    believed = {
        told.fingerprint for told in situation.told.values() if told.news is not News.RESOLVED
    }
    of_model: dict[tuple[str, str], list[Incident]] = defaultdict(list)
    for watched in situation.incidents:
        of_model[watched.tenant, watched.model].append(watched.incident)

    @cache
    def causes(tenant: str, model: str) -> Causes:
        return causes_of(of_model[tenant, model])

    for watched in situation.incidents:
        incident = watched.incident
        if not incident.is_told and incident.fingerprint not in believed:
            continue  # most are over, and nobody has to hear of them
        labels = labels_of(
            incident, tenant=watched.tenant, model=watched.model, owner=watched.owner
        )
        route = route_of(situation.routes, labels)
        if route is None:
            continue
        for receiver in situation.channels.get(route.receiver, (route.receiver,)):
            last = situation.told.get((receiver, incident.fingerprint))
            item = _item(watched, last, route, situation, now)
            if item is None:
                continue
            if item.news is News.FIRING and (
                silenced(situation.silences, labels, now) is not None
                or (not item.refresh and muted(route.mute, now) is not None)
                or causes(watched.tenant, watched.model).explain(incident.signal)
            ):
                continue
            yield _Wish(receiver, route, labels, item)


def _item(
    watched: Watched, last: Told | None, route: Route, situation: Situation, now: dt.datetime
) -> Item | None:
    """What a receiver should hear, if it did not need to be quiet."""
    news = _news(watched.incident, last, route, now)
    if news is not None:
        return Item(watched, news)
    if last is not None and _must_hear(last, watched.incident, situation, now):
        return Item(watched, last.news, refresh=True)
    return None


def _ready(wish: _Wish, since: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """When it may leave; `since` is when its group last did.

    What was noted in the future was noted by a clock that has been set back since: it does not
    wait for that time to come again.
    """
    changed = wish.item.watched.incident.changed
    if wish.item.refresh or changed > now:
        return now
    if since is None or since > now:
        return changed + wish.route.group_wait
    return max(changed, since + wish.route.group_interval)


def _news(incident: Incident, last: Told | None, route: Route, now: dt.datetime) -> News | None:
    """What the receiver does not know yet, or should be reminded of."""
    told = last is not None and last.news is not News.RESOLVED
    if not incident.is_told:
        return News.RESOLVED if told and route.send_resolved else None
    if last is None or not told:
        return News.FIRING if incident.state is State.FIRING else None
    if incident.signal.severity.rank > last.severity.rank:
        return News.FIRING
    if incident.acknowledged is not None:
        return None if last.news is News.ACKNOWLEDGED else News.ACKNOWLEDGED
    overdue = now - last.at >= route.repeat_interval
    return News.FIRING if overdue and incident.state is State.FIRING else None


def _must_hear(last: Told, incident: Incident, situation: Situation, now: dt.datetime) -> bool:
    """Whether a receiver that takes silence for the end has to hear again what still fires."""
    if last.news is News.RESOLVED or not incident.is_told:
        return False
    every = situation.refresh.get(last.receiver)
    return every is not None and not dt.timedelta(0) <= now - last.at < every


def _waits(trouble: Trouble | None, items: Iterable[Item], now: dt.datetime) -> bool:
    """Whether a group that failed is not to be tried yet; given up, only what is new is tried."""
    if trouble is None:
        return False
    if trouble.again is not None:
        return trouble.since <= now < trouble.again
    return all(
        trouble.sequences.get(one.watched.incident.fingerprint) == one.watched.incident.sequence
        for one in items
    )


def _weight(item: Item) -> tuple[int, str, str]:
    incident = item.watched.incident
    return -incident.signal.severity.rank, item.watched.model, incident.fingerprint


FIRST_PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=5)
GIVE_UP = dt.timedelta(hours=24)


def failed(
    sending: Sending,
    before: Trouble | None,
    reason: str,
    now: dt.datetime,
    *,
    after: dt.timedelta | None = None,
    final: bool = False,
) -> Trouble:
    """What is noted of a delivery that failed.

    Args:
        sending: What was to be delivered.
        before: What was noted of its group.
        reason: Why it failed.
        now: The time.
        after: When the receiver wants to be asked again; None: it did not say.
        final: Whether the receiver will never take it.

    Returns:
        Pauses grow from 5 s to 5 min, with up to a fifth more so that groups do not come all at
        once; after 24 hours it is given up.
    """
    attempts = 1 if before is None else before.attempts + 1
    since = now if before is None else before.since
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    spread = sum(sending.group.encode("utf-8", "surrogatepass")) * attempts % 100 / 500
    again = now + max(pause * (1 + spread), after or dt.timedelta(0))
    over = final or now - since >= GIVE_UP
    return Trouble(
        group=sending.group,
        since=since,
        attempts=attempts,
        again=None if over else again,
        sequences={
            item.watched.incident.fingerprint: item.watched.incident.sequence
            for item in sending.items
        },
        reason=reason,
    )


def delivered(sending: Sending, now: dt.datetime) -> tuple[Told, ...]:
    """What is noted of a delivery."""
    return tuple(
        Told(
            receiver=sending.receiver,
            group=sending.group,
            fingerprint=item.watched.incident.fingerprint,
            sequence=item.watched.incident.sequence,
            news=item.news,
            severity=item.watched.incident.signal.severity,
            at=now,
        )
        for item in sending.items
    )
