"""From an evaluation to incidents: what it says of now, and the step that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from wane.alert.learned import RULE
from wane.alert.life import KEEP_FIRING, Step, step
from wane.alert.signal import Signal, signals_of
from wane.detect.defaults import OUTAGE, OUTAGE_WARNING
from wane.report.parts import parts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

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
    """

    signals: tuple[Signal, ...]
    rules: tuple[str, ...]


def parts_of(result: Result | None, model: Model) -> dict[str, bytes]:
    """The parts of an evaluation, with what incidents are made from; none without a result."""
    if result is None:
        return {}
    found = signals_of(result.alerts, result.measurements, tenant=model.tenant, model=model.name)
    told = Signals(found, (*result.rules, *ALWAYS))
    return {**parts(result), SIGNALS: msgspec.msgpack.encode(told)}


def alerted(
    store: Store,
    model: int,
    results: Mapping[str, bytes],
    now: dt.datetime,
    keep_firing: int = KEEP_FIRING,
) -> Step:
    """Bring the incidents of a model up to date with an evaluation, and store them.

    Args:
        store: Where they are.
        model: Number of the model.
        results: Parts of the evaluation; without signals nothing changes.
        now: Its time.
        keep_firing: Quiet windows after which an incident is still not over.
    """
    if SIGNALS not in results:
        return Step((), ())
    told = msgspec.msgpack.decode(results[SIGNALS], type=Signals)
    known = [kept.incident for kept in store.alerts.incidents(model)]
    done = step(known, told.signals, now, rules=set(told.rules), keep_firing=keep_firing)
    if done.incidents:
        store.alerts.stepped(model, done)
    return done
