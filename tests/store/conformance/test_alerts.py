from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from alert.signals import MINUTE, NOW, incident, signal
from wane.alert.due import Told, Trouble
from wane.alert.life import acknowledge, step
from wane.alert.message import News
from wane.alert.silence import Silence
from wane.detect.severity import Severity
from wane.store.alerts import Attempt, KeptIncident, KeptSilence

if TYPE_CHECKING:
    from wane.store.records import Model
    from wane.store.store import Store

HOUR = 60 * MINUTE
LATER = NOW + dt.timedelta(days=400)


def test_states_and_transitions_are_kept_together(store: Store, model: Model) -> None:
    assert store.alerts.incidents() == ()
    raised = step([], [signal(5), signal(5, rule="f1 < 0.8", value=float("inf"))], NOW)
    store.alerts.stepped(model.id, raised)
    kept = store.alerts.incidents(model.id)
    assert {one.incident for one in kept} == set(raised.incidents)
    assert kept == store.alerts.incidents()
    assert store.alerts.incidents(model.id + 1) == ()
    (first, *_) = raised.incidents
    noted = acknowledge(first, "ann", NOW + MINUTE)
    store.alerts.stepped(model.id, noted)
    assert KeptIncident(model.id, noted.incidents[0]) in store.alerts.incidents(model.id)
    assert len(store.alerts.incidents()) == 2
    told = store.alerts.transitions(model.id, first.fingerprint)
    assert [one.sequence for one in told] == [1, 2]
    assert len(store.alerts.transitions(model.id)) == 3
    assert store.alerts.transitions(model.id, "0" * 32) == ()


def test_who_was_told_what_last(store: Store) -> None:
    told = Told("pager", "g", "f", 1, News.FIRING, Severity.CRITICAL, NOW)
    store.alerts.attempted(Attempt(NOW, "pager", "g", ("f",), "delivered"), [told])
    assert store.alerts.told() == (told,)
    ended = Told("pager", "g", "f", 2, News.RESOLVED, Severity.CRITICAL, NOW + HOUR)
    store.alerts.attempted(Attempt(NOW + HOUR, "pager", "g", ("f",), "delivered"), [ended])
    assert store.alerts.told() == (ended,)
    assert [one.at for one in store.alerts.attempts()] == [NOW + HOUR, NOW]
    assert len(store.alerts.attempts(most=1)) == 1


def test_trouble_stays_until_it_is_over(store: Store) -> None:
    trouble = Trouble("g", NOW, 1, NOW + MINUTE, {"f": 1}, "no answer")
    store.alerts.attempted(Attempt(NOW, "pager", "g", ("f",), "again", "no answer"), (), trouble)
    assert store.alerts.troubles() == (trouble,)
    store.alerts.attempted(Attempt(NOW, "pager", "h", ("f",), "delivered"))
    assert store.alerts.troubles() == (trouble,)
    store.alerts.attempted(Attempt(NOW, "pager", "g", ("f",), "delivered"))
    assert store.alerts.troubles() == ()


def test_what_a_channel_remembers(store: Store) -> None:
    assert store.alerts.memories() == {}
    store.alerts.attempted(Attempt(NOW, "team", "g", ("f",), "delivered"), memory="1.2")
    store.alerts.attempted(Attempt(NOW, "team", "g", ("f",), "delivered"))
    assert store.alerts.memories() == {"g": "1.2"}


def test_silences_of_a_tenant(store: Store) -> None:
    silence = Silence("s", {"model": "churn"}, "ann", "deploy", NOW, NOW + HOUR)
    store.alerts.put_silence(KeptSilence("a", silence))
    assert store.alerts.silences("a") == store.alerts.silences() == (KeptSilence("a", silence),)
    assert store.alerts.silences("b") == ()
    shorter = Silence("s", {"model": "churn"}, "ann", "done", NOW, NOW + MINUTE)
    store.alerts.put_silence(KeptSilence("a", shorter))
    assert store.alerts.silences() == (KeptSilence("a", shorter),)


def test_what_is_long_over_is_forgotten(store: Store, model: Model) -> None:
    open_one = incident()
    over = incident(signal=signal(5, rule="f1 < 0.8"), ended=NOW)
    for one in (open_one, over):
        store.alerts.stepped(model.id, step([], [one.signal], NOW))
        store.alerts.stepped(model.id, type(step([], [], NOW))((one,), ()))
    told = Told("pager", "g", over.fingerprint, 2, News.RESOLVED, Severity.CRITICAL, NOW)
    store.alerts.attempted(Attempt(NOW, "pager", "g", ("f",), "delivered"), [told])
    silence = Silence("s", {"model": "churn"}, "ann", "deploy", NOW, NOW + HOUR)
    store.alerts.put_silence(KeptSilence("a", silence))
    store.alerts.forget(NOW - HOUR)
    assert len(store.alerts.incidents()) == 2
    store.alerts.forget(LATER)
    assert [one.incident for one in store.alerts.incidents()] == [open_one]
    assert [one.fingerprint for one in store.alerts.transitions(model.id)] == [open_one.fingerprint]
    assert (store.alerts.told(), store.alerts.attempts(), store.alerts.silences()) == ((), (), ())
