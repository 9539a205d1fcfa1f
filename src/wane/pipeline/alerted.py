"""From an evaluation to incidents: what it says of now, and the step that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from wane.alert.failing import FAILS, SERIES, failing, recovered
from wane.alert.learned import RULE
from wane.alert.life import KEEP_FIRING, NOTHING, Step, step
from wane.alert.signal import Signal, fingerprint, signals_of
from wane.detect.defaults import OUTAGE, OUTAGE_WARNING
from wane.report.parts import parts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from wane.alert.incident import Incident
    from wane.report.result import Result
    from wane.store.records import Model
    from wane.store.store import Store

SIGNALS = "signals"
"""The conditions of the newest windows, among the parts of an evaluation."""
ALWAYS = (RULE, OUTAGE, OUTAGE_WARNING)
"""What holds besides the rules that an evaluation names."""


class Signals(msgspec.Struct, frozen=True):
    """What an evaluation says of now.

    Attributes:
        signals: One for each condition that any window fired.
        rules: Rules that are in force.
        pending: Conditions that do not hold for long enough yet.
    """

    signals: tuple[Signal, ...]
    rules: tuple[str, ...]
    pending: tuple[Signal, ...] = ()


def parts_of(result: Result | None, model: Model) -> dict[str, bytes]:
    """The parts of an evaluation, with what incidents are made from; none without a result."""
    if result is None:
        return {}
    found, pending = (
        signals_of(alerts, result.measurements, tenant=model.tenant, model=model.name)
        for alerts in (result.alerts, result.pending)
    )
    told = Signals(found, (*result.rules, *ALWAYS), pending)
    return {**parts(result), SIGNALS: msgspec.msgpack.encode(told)}


def step_of(
    store: Store,
    model: Model,
    results: Mapping[str, bytes],
    now: dt.datetime,
    keep_firing: int = KEEP_FIRING,
) -> Step:
    """What an evaluation does to the incidents of a model; nothing without signals.

    That it could be made at all ends the incident that says it could not.

    Args:
        store: Where incidents are.
        model: Whose.
        results: Parts of the evaluation.
        now: Its time.
        keep_firing: Quiet windows after which an incident is still not over.
    """
    if SIGNALS not in results:
        return NOTHING
    told = msgspec.msgpack.decode(results[SIGNALS], type=Signals)
    failing = fingerprint_of(model)
    known = [kept.incident for kept in store.alerts.incidents(model.id)]
    done = step(
        [one for one in known if one.fingerprint != failing],
        told.signals,
        now,
        pending=told.pending,
        rules=set(told.rules),
        keep_firing=keep_firing,
    )
    well = recovered([one for one in known if one.fingerprint == failing], now)
    return Step((*done.incidents, *well.incidents), (*done.transitions, *well.transitions))


def failed(store: Store, model: Model, now: dt.datetime) -> None:
    """Note that a model could not be evaluated: people are told when it happens twice running."""
    _keep(store, model, failing(model.tenant, model.name, _failures(store, model), now))


def well(store: Store, model: Model, now: dt.datetime) -> None:
    """Note that a model was looked at, though there was nothing new to conclude."""
    _keep(store, model, recovered(_failures(store, model), now))


def _failures(store: Store, model: Model) -> list[Incident]:
    """The incident that says that the model could not be evaluated, if there was one."""
    name = fingerprint_of(model)
    known = [kept.incident for kept in store.alerts.incidents(model.id)]
    return [incident for incident in known if incident.fingerprint == name]


def _keep(store: Store, model: Model, done: Step) -> None:
    if done.incidents:
        store.alerts.stepped(model.id, done)


def fingerprint_of(model: Model) -> str:
    """Of the incident that says that a model could not be evaluated."""
    return fingerprint(model.tenant, model.name, FAILS, SERIES)
