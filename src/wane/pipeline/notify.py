"""Telling people: what is due is sent, and what came of it is remembered."""

from __future__ import annotations

import datetime as dt
import json
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wane.alert.due import Situation, Watched, delivered, due, failed, given_up
from wane.alert.message import Group, Message
from wane.alert.notify.channel import Again, Delivered
from wane.alert.route import SEPARATOR
from wane.errors import ConfigError
from wane.metrics import metric_of
from wane.metrics.catalogue import Family
from wane.pipeline.course import course_of
from wane.pipeline.model_settings import settings_of
from wane.report.parts import SUMMARY
from wane.report.words import format_metric, sentence_case
from wane.store.alerts import REFRESHED, Attempt
from wane.window import to_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wane.alert.due import Item, Sending
    from wane.alert.notify.channel import Outcome
    from wane.metrics.catalogue import Metric
    from wane.pipeline.desk import Desk
    from wane.store.records import Model
    from wane.store.store import Store

STORM = 10
"""More incidents of one rule than this are told by their number."""


def notify(
    store: Store,
    desk: Desk,
    now: dt.datetime,
    sleep: Callable[[float], object] = time.sleep,
) -> tuple[Attempt, ...]:
    """Send what is due, one message after the other, and remember what came of each.

    Args:
        store: Where incidents are, and who was told.
        desk: Who is told, and how.
        now: The time.
        sleep: Waits, where a receiver does not put up with messages one after the other.

    Returns:
        The attempts that were made; empty where nothing was due. A failure of a receiver is an
        attempt and no error.
    """
    models = {model.id: model for model in store.models()}
    situation = situation_of(store, desk, models)
    memories = store.alerts.memories()
    made: list[Attempt] = []
    sent: set[str] = set()
    for sending in due(situation, now):
        receiver, _, channel = sending.receiver.partition("/")
        way = desk.receivers[receiver][channel]
        group = _group(store, sending, desk, models, memories.get(sending.group, ""))
        if way.pictures:
            group = _with_pictures(store, sending, group, models)
        if sending.receiver in sent and way.pause_seconds:
            sleep(way.pause_seconds)
        sent.add(sending.receiver)
        outcome = way.send(group, now)
        made.append(_remember(store, situation, sending, outcome, now))
    return tuple(made)


def undelivered(store: Store, desk: Desk, now: dt.datetime) -> tuple[str, ...]:
    """Messages that were given up, a sentence each; empty where there are none."""
    models = {model.id: model for model in store.models()}
    return tuple(
        f"{trouble.group.partition(SEPARATOR)[0]}: a message was given up: {trouble.reason}"
        for trouble in given_up(situation_of(store, desk, models), now)
    )


def situation_of(store: Store, desk: Desk, models: Mapping[int, Model]) -> Situation:
    """Everything that decides what is due, as it is stored."""
    known = [kept for kept in store.alerts.incidents() if kept.model in models]
    owners = {number: owner_of(models[number]) for number in {kept.model for kept in known}}
    watched = [
        Watched(
            kept.incident, models[kept.model].tenant, models[kept.model].name, owners[kept.model]
        )
        for kept in known
    ]
    return Situation(
        incidents=watched,
        routes=desk.routes,
        silences=[kept.bound for kept in store.alerts.silences()],
        told={(told.receiver, told.fingerprint): told for told in store.alerts.told()},
        troubles={trouble.group: trouble for trouble in store.alerts.troubles()},
        channels={
            receiver: tuple(f"{receiver}/{name}" for name in channels)
            for receiver, channels in desk.receivers.items()
        },
        refresh={
            f"{receiver}/{name}": dt.timedelta(seconds=channel.refresh_seconds)
            for receiver, channels in desk.receivers.items()
            for name, channel in channels.items()
            if channel.refresh_seconds
        },
    )


def owner_of(model: Model) -> str | None:
    """Who looks after a model; None where its settings do not say."""
    try:
        return settings_of(model).owner
    except ConfigError:
        return None


def _remember(
    store: Store, situation: Situation, sending: Sending, outcome: Outcome, now: dt.datetime
) -> Attempt:
    """Keep what came of an attempt."""
    names = tuple(item.watched.incident.fingerprint for item in sending.items)
    if isinstance(outcome, Delivered):
        word = REFRESHED if all(item.refresh for item in sending.items) else "delivered"
        attempt = Attempt(now, sending.receiver, sending.group, names, word, outcome.note)
        told = delivered(sending, now)
        store.alerts.attempted(attempt, told, memory=outcome.memory)
        return attempt
    again = isinstance(outcome, Again)
    after = None
    if isinstance(outcome, Again) and outcome.after_seconds is not None:
        after = dt.timedelta(seconds=outcome.after_seconds)
    before = situation.troubles.get(sending.group)
    trouble = failed(sending, before, outcome.reason, now, after=after, final=not again)
    failure = "again" if again else "refused"
    attempt = Attempt(now, sending.receiver, sending.group, names, failure, outcome.reason)
    store.alerts.attempted(attempt, (), trouble)
    return attempt


def _group(
    store: Store, sending: Sending, desk: Desk, models: Mapping[int, Model], memory: str
) -> Group:
    """What goes out together, as people read it."""
    numbers = {(model.tenant, model.name): number for number, model in models.items()}
    summaries: dict[int, Mapping[str, object]] = {}
    messages = []
    for item in sending.items:
        number = numbers[item.watched.tenant, item.watched.model]
        if number not in summaries:
            found = store.result(number, SUMMARY)
            summaries[number] = {} if found is None else json.loads(found.body)
        messages.append(message_of(item, summaries[number], desk.link))
    return Group(
        receiver=sending.receiver,
        key=sending.group,
        messages=tuple(messages),
        summary=storm(sending.items),
        lapses=desk.lapses,
        memory=memory,
    )


def _with_pictures(
    store: Store, sending: Sending, group: Group, models: Mapping[int, Model]
) -> Group:
    """The group with the course of the series that are told in full."""
    numbers = {(model.tenant, model.name): number for number, model in models.items()}
    watched = {item.watched.incident.fingerprint: item.watched for item in sending.items}
    courses = {
        name: course_of(store, numbers[of.tenant, of.model], of.incident.signal)
        for name in (message.fingerprint for message in group.top)
        if (of := watched[name])
    }
    messages = tuple(
        replace(message, picture=courses.get(message.fingerprint)) for message in group.messages
    )
    return replace(group, messages=messages)


def _performs(metric: Metric | None) -> bool:
    """Whether it tells of performance, which the conclusions on a model explain."""
    return metric is not None and metric.family is Family.PERFORMANCE


def storm(items: Sequence[Item]) -> str:
    """One sentence for many incidents of one rule: "37 columns: psi(*) > 0.2"; empty for few."""
    by_rule: dict[str, int] = {}
    for item in items:
        rule = item.watched.incident.signal.rule
        by_rule[rule] = by_rule.get(rule, 0) + 1
    rule, count = max(by_rule.items(), key=lambda pair: pair[1], default=("", 0))
    if count <= STORM:
        return ""
    others = len(items) - count
    told = f"{count} series at once: {rule}"
    return f"{told}, and {others} other alerts" if others else told


def message_of(item: Item, summary: Mapping[str, object], link: str | None) -> Message:
    """What people are told of one incident.

    Args:
        item: The incident, and what is told of it.
        summary: The line of its model in the list of models; may be empty.
        link: Address of the pages.
    """
    watched, incident = item.watched, item.watched.incident
    signal = incident.signal
    known = metric_of(signal.metric)
    title = signal.metric if known is None else known.title
    subject = title if signal.column is None else f"{title} of {signal.column}"
    started = to_datetime(signal.since)
    worst = format_metric(signal.metric, incident.worst)
    measured = not math.isnan(signal.value)
    return Message(
        fingerprint=incident.fingerprint,
        sequence=incident.sequence,
        state=item.news,
        severity=signal.severity,
        model=watched.model,
        segment=signal.segment,
        metric=signal.metric,
        rule=signal.rule,
        verdict=sentence_case(signal.reason),
        what=f"{subject} {format_metric(signal.metric, signal.value)}, "
        f"limit {format_metric(signal.metric, signal.threshold)}"
        if measured
        else "",
        since=f"since {started:%Y-%m-%d %H:%M} UTC"
        + (f", {len(signal.windows)} windows" if measured else ""),
        started=started,
        owner=watched.owner,
        ended=incident.ended,
        size=f"at worst {worst}" if measured and incident.worst != signal.value else "",
        sure=signal.sure,
        where=str(summary.get("where") or "") if _performs(known) else "",
        why=str(summary.get("sentence") or ""),
        advice=str(summary.get("advice") or ""),
        link=None if link is None else f"{link}/alerts/{incident.fingerprint}",
        labels={"tenant": watched.tenant},
    )
