from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from alert.signals import NOW, signal
from wane.alert.incident import Cause, Incident, State
from wane.alert.life import Step, acknowledge, step
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from wane.alert.signal import Signal


def after(steps: list[list[Signal]]) -> tuple[list[Incident], list[Cause]]:
    """The incidents after several evaluations, and why they moved.

    Signals that ask for more windows than they have are pending.
    """
    known: dict[str, Incident] = {}
    causes = []
    for signals in steps:
        firing = [one for one in signals if not one.asked]
        pending = [one for one in signals if one.asked]
        done = step(known.values(), firing, NOW, pending=pending)
        known |= {one.fingerprint: one for one in done.incidents}
        causes += [transition.cause for transition in done.transitions]
        assert step(known.values(), firing, NOW, pending=pending) == Step((), ())
    return list(known.values()), causes


def soon(*days: int) -> Signal:
    """A condition that has to hold for one window more."""
    return replace(signal(*days), asked=len(days) + 1)


def test_what_is_pending_fires_once_it_lasts() -> None:
    (one,), causes = after([[soon(5)], [signal(5, 6)]])
    assert causes == [Cause.PENDING, Cause.RAISED]
    assert (one.state, one.sequence, one.signal.asked) == (State.FIRING, 2, 0)


def test_what_is_pending_may_pass() -> None:
    (one,), causes = after([[soon(5)], []])
    assert (one.state, causes) == (State.RESOLVED, [Cause.PENDING, Cause.PASSED])
    (one,), causes = after([[soon(5)], [], [soon(8)], [signal(8, 9)]])
    assert causes == [Cause.PENDING, Cause.PASSED, Cause.PENDING, Cause.RAISED]
    assert one.sequence == 4


def test_labels_that_take_back_what_was_pending_and_then_bear_it_out() -> None:
    """Nobody was told of that window, so it can still be raised."""
    (one,), causes = after([[soon(6)], [], [signal(5, 6)]])
    assert (one.state, causes[-1]) == (State.FIRING, Cause.RAISED)


def test_nothing_is_pending_while_the_incident_is_open() -> None:
    both = [signal(5, quiet=1), soon(7)]
    (one,), causes = after([[signal(5)], both])
    assert (one.state, causes) == (State.RECOVERING, [Cause.RAISED, Cause.QUIET])
    (one,), causes = after([[signal(5)], [signal(5, quiet=2), soon(8)]])
    assert causes == [Cause.RAISED, Cause.RECOVERED, Cause.PENDING]
    assert one.state is State.PENDING


def test_an_incident_is_raised_once_and_goes_on() -> None:
    (one,), causes = after([[signal(5)], [signal(5, 6)], [signal(5, 6, 7, value=0.7)]])
    assert causes == [Cause.RAISED]
    assert (one.state, one.sequence, one.worst) == (State.FIRING, 1, 0.7)


def test_a_quiet_window_is_not_the_end_two_are() -> None:
    (one,), causes = after([[signal(5)], [signal(5, quiet=1)]])
    assert (one.state, causes[-1]) == (State.RECOVERING, Cause.QUIET)
    (one,), causes = after([[signal(5)], [signal(5, quiet=1)], [signal(5, quiet=2)]])
    assert (one.state, causes[-1]) == (State.RESOLVED, Cause.RECOVERED)
    assert one.ended == NOW


def test_firing_again_while_recovering_is_the_same_incident() -> None:
    (one,), causes = after([[signal(5)], [signal(5, quiet=1)], [signal(5, 7)]])
    assert causes == [Cause.RAISED, Cause.QUIET, Cause.AGAIN]
    assert one.sequence == 3
    assert one.state is State.FIRING


def test_what_was_over_before_the_first_look_opens_nothing() -> None:
    assert after([[signal(5, quiet=1)], [signal(5, quiet=9)]]) == ([], [])


def test_windows_that_labels_revised_are_withdrawn() -> None:
    (one,), causes = after([[signal(5, 6)], []])
    assert (one.state, causes) == (State.RESOLVED, [Cause.RAISED, Cause.WITHDRAWN])
    (one,), causes = after([[signal(5, 6)], [signal(2, quiet=4)]])
    assert causes == [Cause.RAISED, Cause.WITHDRAWN]


def test_of_a_revised_run_one_window_is_enough_to_stand() -> None:
    (one,), causes = after([[signal(5, 6, 7)], [signal(6)]])
    assert (one.state, causes) == (State.FIRING, [Cause.RAISED])


def test_a_rule_that_is_gone_is_told_so() -> None:
    raised = step([], [signal(5)], NOW)
    done = step(raised.incidents, [], NOW, rules={"f1 < 0.8"})
    assert [transition.cause for transition in done.transitions] == [Cause.RULE_GONE]


def test_what_came_back_while_nobody_looked_is_another_incident() -> None:
    (one,), causes = after([[signal(5)], [signal(5, 9)]])
    assert causes == [Cause.RAISED, Cause.RECOVERED, Cause.RAISED]
    assert (one.state, one.sequence) == (State.FIRING, 3)


def test_escalation_asks_for_attention_again() -> None:
    warning = signal(5, severity=Severity.WARNING)
    (raised,) = step([], [warning], NOW).incidents
    (noted,) = acknowledge(raised, "ann", NOW).incidents
    assert noted.acknowledged == "ann"
    (worse,) = step([noted], [signal(5, 6)], NOW).incidents
    assert worse.acknowledged is None
    assert (
        step([worse], [replace(warning, windows=worse.signal.windows)], NOW).transitions[0].cause
        is Cause.EASED
    )


def test_what_is_over_or_noted_is_not_acknowledged() -> None:
    (raised,) = step([], [signal(5)], NOW).incidents
    (noted,) = acknowledge(raised, "ann", NOW).incidents
    assert acknowledge(noted, "bob", NOW) == Step((), ())
    over = replace(raised, state=State.RESOLVED)
    assert acknowledge(over, "bob", NOW) == Step((), ())


@given(
    st.lists(
        st.lists(st.integers(0, 11), unique=True).map(sorted).map(tuple),
        min_size=1,
        max_size=12,
    )
)
def test_any_history_of_any_revisions_keeps_the_laws(histories: list[tuple[int, ...]]) -> None:
    """Each evaluation sees days 0 to k and says which fire; later ones revise earlier ones."""
    known: dict[str, Incident] = {}
    seen = 0
    for number, fires in enumerate(histories):
        newest = number
        days = tuple(day for day in fires if day <= newest)
        signals = [signal(*days, quiet=newest - days[-1])] if days else []
        done = step(known.values(), signals, NOW)
        states = [one.state for one in known.values()]
        for transition in done.transitions:
            assert transition.sequence == seen + 1
            assert transition.before == (states[-1] if states else None)
            states.append(transition.after)
            seen = transition.sequence
        known |= {one.fingerprint: one for one in done.incidents}
        for one in known.values():
            assert one.sequence == seen
            assert one.is_open == (one.ended is None)
            if days and days[-1] == newest:
                assert one.state is State.FIRING
            if one.is_open:
                assert days
                assert newest - days[-1] <= 1
