from __future__ import annotations

import math

from alert.signals import MINUTE, NOW
from wane.alert.failing import REASON, failing, recovered
from wane.alert.incident import Cause, Incident, State
from wane.alert.life import NOTHING


def after(*failures: bool) -> tuple[list[Incident], list[Cause]]:
    """The incident after several looks, by whether they failed."""
    known: list[Incident] = []
    causes = []
    for at, failed in enumerate(failures):
        now = NOW + at * MINUTE
        done = failing("default", "churn", known, now) if failed else recovered(known, now)
        known = list(done.incidents) or known
        causes += [transition.cause for transition in done.transitions]
    return known, causes


def test_a_failure_alone_is_pending_and_passes() -> None:
    (one,), causes = after(True, False)
    assert causes == [Cause.PENDING, Cause.PASSED]
    assert one.state is State.RESOLVED


def test_two_failures_in_a_row_fire_and_a_success_ends_it() -> None:
    (one,), causes = after(True, True, True, True)
    assert causes == [Cause.PENDING, Cause.RAISED]
    assert (one.state, one.signal.reason) == (State.FIRING, REASON)
    assert math.isnan(one.signal.value)
    (one,), causes = after(True, True, True, False)
    assert causes == [Cause.PENDING, Cause.RAISED, Cause.RECOVERED]
    assert one.ended == NOW + 3 * MINUTE


def test_it_can_come_back() -> None:
    (one,), causes = after(True, True, False, True, True)
    assert causes[3:] == [Cause.PENDING, Cause.RAISED]
    assert (one.state, one.sequence) == (State.FIRING, 5)


def test_without_a_failure_there_is_nothing() -> None:
    assert recovered([], NOW) == NOTHING
    assert after(False, False) == ([], [])
