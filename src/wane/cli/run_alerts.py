"""What `wane alerts` does once its flags are read."""

from __future__ import annotations

import datetime as dt
import getpass
import secrets
from typing import TYPE_CHECKING

import typer

from wane.alert.life import acknowledge
from wane.alert.message import Group, Message, News, hexdigest
from wane.alert.notify.channel import Delivered
from wane.alert.silence import Silence
from wane.cli.held import held
from wane.cli.run_upkeep import looked_at
from wane.cli.say import emit
from wane.cli.show import width
from wane.config import load
from wane.config.duration import duration
from wane.detect.severity import Severity
from wane.errors import ConfigError, UsageError, did_you_mean
from wane.pipeline.desk import desk_of
from wane.pipeline.still_learning import learning_of
from wane.report.digest import Table
from wane.report.layout import table_lines
from wane.store.alerts import KeptSilence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.alert.notify.heartbeat import Heartbeat
    from wane.store.alerts import KeptIncident
    from wane.store.store import Store

SHORT = 8
"""Digits of a fingerprint that are shown in lists."""
NOT_DELIVERED = 1
HEARTBEAT = "heartbeat"
"""What the sign of life is called among receivers; a receiver of that name comes first."""


def list_incidents(data: str, tenant: str, *, everything: bool) -> None:
    """Print the incidents of a tenant.

    Raises:
        UsageError: There is no data directory.
    """
    with looked_at(data) as store:
        names = {model.id: model.name for model in store.models(tenant)}
        kept = [
            one
            for one in store.alerts.incidents()
            if one.model in names and (everything or one.incident.is_open)
        ]
        learning = learning_of(store, store.models(tenant))
    _list(kept, names, everything=everything)
    for name, told in learning.items():
        emit(f"{name}: {told}\n")


def _list(kept: list[KeptIncident], names: Mapping[int, str], *, everything: bool) -> None:
    """Print incidents, the worst first."""
    if not kept:
        emit("No incident is open.\n" if not everything else "There has been no incident.\n")
        return
    kept.sort(key=lambda one: one.incident.order)
    rows = tuple(
        (
            one.incident.fingerprint[:SHORT],
            one.incident.signal.severity.value,
            one.incident.state.value,
            names[one.model],
            f"{one.incident.opened:%Y-%m-%d %H:%M}",
            one.incident.acknowledged or "",
            one.incident.signal.reason,
        )
        for one in kept
    )
    header = ("id", "severity", "state", "model", "raised (UTC)", "looked after by", "what")
    emit("\n".join(table_lines(Table("Incidents", header, rows, frozenset()), width())) + "\n")


def show_incident(data: str, tenant: str, incident: str) -> None:
    """Print the life of one incident, and who was told.

    Raises:
        UsageError: There is no such incident.
    """
    with looked_at(data) as store:
        kept = _named(store, tenant, incident)
        name = kept.incident.fingerprint
        told = [one for one in store.alerts.attempts(10_000) if name in one.fingerprints]
        steps = store.alerts.transitions(kept.model, name)
        models = {model.id: model.name for model in store.models(tenant)}
    one = kept.incident
    emit(f"{one.signal.severity.value} {one.state.value}: {one.signal.reason}\n")
    emit(f"model {models[kept.model]}, rule {one.signal.rule}, id {name}\n")
    for step in steps:
        emit(f"{step.at:%Y-%m-%d %H:%M} UTC  {step.cause.value}: {step.reason}\n")
    for attempt in reversed(told):
        tail = f" ({attempt.reason})" if attempt.reason else ""
        emit(f"{attempt.at:%Y-%m-%d %H:%M} UTC  {attempt.receiver}: {attempt.outcome}{tail}\n")


def acknowledge_incident(data: str, tenant: str, incident: str, *, by: str) -> None:
    """Note who looks after an incident.

    Raises:
        UsageError: There is no such incident, or it is over or looked after already.
        StoreError: A server holds the directory.
    """
    with held(data) as place:
        kept = _named(place.store, tenant, incident)
        done = acknowledge(kept.incident, by or getpass.getuser(), dt.datetime.now(dt.UTC))
        if not done.incidents:
            who = kept.incident.acknowledged
            why = f"{who} looks after it already" if who else "it is over"
            raise UsageError(f"incident {incident} is not acknowledged: {why}")
        place.store.alerts.stepped(kept.model, done)
    emit(f"{done.transitions[0].reason}\n")


def silence_incidents(
    data: str, tenant: str, match: Sequence[str], *, length: str, why: str, by: str
) -> None:
    """Begin a silence now.

    Raises:
        ConfigError: A matcher or the length cannot be read.
        UsageError: It matches nothing, has no reason, or does not end.
        StoreError: A server holds the directory.
    """
    matchers = {}
    for text in match:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError("--match is not label=value", got=repr(text))
        matchers[name.strip()] = value.strip()
    try:
        lasting = duration(length)
    except ValueError as error:
        raise ConfigError("--for is no length of time", got=repr(length)) from error
    now = dt.datetime.now(dt.UTC)
    author = by or getpass.getuser()
    silence = Silence(secrets.token_hex(6), matchers, author, why, now, now + lasting)
    with held(data) as place:
        place.store.alerts.put_silence(KeptSilence(tenant, silence))
    emit(f"{silence.id}: silent until {silence.ends:%Y-%m-%d %H:%M} UTC\n")


def test_receiver(config: str | None, receiver: str) -> None:
    """Send a receiver a test; ends with `typer.Exit(1)` where a channel does not take it.

    Raises:
        ConfigError: There is no such receiver, or its settings cannot be used.
    """
    source = config or "wane.toml"
    desk = desk_of(load(source).alerts, source)
    receivers = desk.receivers
    if receiver == HEARTBEAT and desk.heartbeat is not None and receiver not in receivers:
        _beat(desk.heartbeat)
        return
    if receiver not in receivers:
        raise ConfigError(
            f"there is no receiver {receiver!r}",
            expected=", ".join([*receivers, *([HEARTBEAT] if desk.heartbeat else [])])
            or "a table [alerts.receivers.NAME]",
            hint=did_you_mean(receiver, receivers),
        )
    now = dt.datetime.now(dt.UTC)
    message = Message(
        fingerprint=hexdigest("wane alerts test", receiver, now.isoformat()),
        sequence=1,
        state=News.FIRING,
        severity=Severity.INFO,
        model="test",
        segment=None,
        metric="test",
        rule="test",
        verdict=f"This is a test of the receiver {receiver}; nothing is wrong",
        what="a message sent by `wane alerts test`",
        since="just now",
        started=now,
    )
    failed = False
    for name, channel in receivers[receiver].items():
        outcome = channel.send(Group(f"{receiver}/{name}", "test", (message,)), now)
        good = isinstance(outcome, Delivered)
        failed = failed or not good
        told = outcome.note if isinstance(outcome, Delivered) else outcome.reason
        emit(f"{name}: {'delivered' if good else 'not delivered'}{f' ({told})' if told else ''}\n")
    if failed:
        raise typer.Exit(NOT_DELIVERED)


def _beat(heartbeat: Heartbeat) -> None:
    """Send one sign of life; ends with `typer.Exit(1)` where it is not taken."""
    outcome = heartbeat.beat((), dt.datetime.now(dt.UTC))
    if isinstance(outcome, Delivered):
        emit(f"{HEARTBEAT}: delivered\n")
        return
    emit(f"{HEARTBEAT}: not delivered{'' if outcome is None else f' ({outcome.reason})'}\n")
    raise typer.Exit(NOT_DELIVERED)


def _named(store: Store, tenant: str, incident: str) -> KeptIncident:
    """The incident whose fingerprint begins so.

    Raises:
        UsageError: There is none, or more than one.
    """
    numbers = {model.id for model in store.models(tenant)}
    found = [
        one
        for one in store.alerts.incidents()
        if one.model in numbers and one.incident.fingerprint.startswith(incident)
    ]
    if len(found) != 1 or not incident:
        what = "several incidents begin" if found else "no incident begins"
        raise UsageError(f"{what} with {incident!r}", hint="`wane alerts list --all` shows them.")
    return found[0]
