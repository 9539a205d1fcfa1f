"""The life of incidents: pending, raised, escalated, quiet, resolved; each step with its cause.

An evaluation looks at all windows anew, so what is stored and what is found are compared as they
are: nothing depends on how often, or in which order, evaluations ran in between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.alert.incident import Cause, Incident, State, Transition
from wane.alert.signal import Waiting

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from wane.alert.signal import Signal

KEEP_FIRING = 1
"""Quiet windows after which an incident is still not over."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an evaluation does to the incidents of a model.

    Attributes:
        incidents: Those that changed, or whose signal did; by fingerprint.
        transitions: What happened to them, in order.
    """

    incidents: tuple[Incident, ...]
    transitions: tuple[Transition, ...]


def step(
    known: Iterable[Incident],
    signals: Iterable[Signal],
    now: dt.datetime,
    *,
    pending: Iterable[Signal] = (),
    rules: Collection[str] | None = None,
    keep_firing: int = KEEP_FIRING,
) -> Step:
    """Bring incidents up to date with what an evaluation found.

    A condition that holds in the newest window that can be judged opens an incident. One that has
    been quiet for more than `keep_firing` judged windows ends it; windows that cannot be judged,
    for want of rows or labels, neither end nor prolong it. An incident whose windows do not fire
    any more, since labels that came later revised them, ends as withdrawn. What was over before it
    was first looked at opens nothing. Where nothing is open, a rule that is not broken for long
    enough yet is pending, of which nobody is told.

    Args:
        known: The incidents of the model: the newest of each fingerprint, open or not.
        signals: Of the newest evaluation.
        now: The time of the evaluation.
        pending: Conditions that do not hold for long enough yet.
        rules: Rules that are in force; None where that is not known.
        keep_firing: See above, >= 0.

    Returns:
        Nothing changed where nothing is new: the same step twice is one step.
    """
    before = {incident.fingerprint: incident for incident in known}
    found = {signal.fingerprint: signal for signal in signals}
    soon = {signal.fingerprint: signal for signal in pending}
    changed: dict[str, Incident] = {}
    transitions: list[Transition] = []
    for name in sorted(before.keys() | found.keys() | soon.keys()):
        incident, signal = before.get(name), found.get(name)
        moves = _steps(incident, signal, now, rules, keep_firing)
        last = moves[-1][0] if moves else incident
        if last is None or last.state in (State.PENDING, State.RESOLVED):
            moves += _soon(last, soon.get(name), now)
        for after, transition in moves:
            changed[name] = after
            if transition is not None:
                transitions.append(transition)
    return Step(tuple(changed.values()), tuple(transitions))


NOTHING = Step((), ())


def acknowledge(incident: Incident, by: str, now: dt.datetime) -> Step:
    """Note that somebody looks after an incident; nothing where it is over or noted already."""
    if not incident.is_open or incident.acknowledged is not None:
        return NOTHING
    after = replace(incident, acknowledged=by, sequence=incident.sequence + 1, changed=now)
    told = _transition(incident, after, Cause.ACKNOWLEDGED, f"{by} looks after it")
    return Step((after,), (told,))


def recover(incident: Incident, reason: str, now: dt.datetime) -> Step:
    """End an open incident at once."""
    cause = Cause.PASSED if incident.state is State.PENDING else Cause.RECOVERED
    after, told = _moved(incident, incident.signal, cause, reason, now)
    return Step((after,), (told,))


def _steps(
    incident: Incident | None,
    signal: Signal | None,
    now: dt.datetime,
    rules: Collection[str] | None,
    keep_firing: int,
) -> list[tuple[Incident, Transition | None]]:
    """What happens to one condition; several things may."""
    if incident is None or incident.state in (State.PENDING, State.RESOLVED):
        return _raised(incident, signal, now)
    if signal is None or not _is_of(incident, signal):
        ended = _taken_back(incident, now, rules)
        newly = [] if signal is None else _raised(ended[0], signal, now)
        return [ended, *newly]
    missed = signal.since > incident.signal.windows[-1] and signal.gap > keep_firing
    if missed:  # it was over, and has come back, while nobody looked
        ended = _moved(incident, incident.signal, Cause.RECOVERED, "it was quiet meanwhile", now)
        return [ended, *_raised(ended[0], signal, now)]
    if signal.quiet:
        return _quiet(incident, signal, now, keep_firing)
    return _firing(incident, signal, now)


def _soon(
    incident: Incident | None, signal: Signal | None, now: dt.datetime
) -> list[tuple[Incident, Transition | None]]:
    """What is pending begins, goes on, or has passed."""
    waits = incident is not None and incident.state is State.PENDING
    if signal is None:
        if incident is None or not waits:
            return []
        return [_moved(incident, incident.signal, Cause.PASSED, "it did not last", now)]
    if incident is not None and waits:
        return _refreshed(incident, signal)
    if not _is_news(incident, signal):
        return []
    held, asked = len(signal.windows), signal.asked
    reason = f"{signal.reason}, for {held} of {asked} windows"
    return [_begun(incident, signal, Cause.PENDING, reason, now)]


def _begun(
    old: Incident | None, signal: Signal, cause: Cause, reason: str, now: dt.datetime
) -> tuple[Incident, Transition]:
    """A new incident, that goes on counting where an old one of the condition ended."""
    sequence = 1 if old is None else old.sequence + 1
    incident = Incident(signal, AFTER[cause], sequence, now, now, signal.value)
    before = None if old is None else old.state
    told = Transition(signal.fingerprint, sequence, now, before, incident.state, cause, reason)
    return incident, told


def _is_news(old: Incident | None, signal: Signal) -> bool:
    """Whether a condition is not the one that was just over; what was only pending was not told."""
    if old is None or old.state is not State.RESOLVED or old.signal.asked:
        return True
    return old.signal.windows[-1] < signal.windows[-1]


def _quiet(
    incident: Incident, signal: Signal, now: dt.datetime, keep_firing: int
) -> list[tuple[Incident, Transition | None]]:
    """An incident whose condition does not hold any more: it is over, or nearly."""
    if signal.quiet > keep_firing:
        reason = f"quiet for {signal.quiet} windows"
        return [_moved(incident, signal, Cause.RECOVERED, reason, now)]
    if incident.state is State.RECOVERING:
        return _refreshed(incident, signal)
    reason = f"quiet for {signal.quiet} of {keep_firing + 1} windows"
    return [_moved(incident, signal, Cause.QUIET, reason, now)]


def _raised(
    old: Incident | None, signal: Signal | None, now: dt.datetime
) -> list[tuple[Incident, Transition | None]]:
    """A new incident, when the condition holds now and is not the one that was just over."""
    if signal is None or signal.quiet or not _is_news(old, signal):
        return []
    return [_begun(old, signal, Cause.RAISED, signal.reason, now)]


def _taken_back(
    incident: Incident, now: dt.datetime, rules: Collection[str] | None
) -> tuple[Incident, Transition]:
    """The end of an incident whose windows do not fire any more."""
    gone = rules is not None and incident.signal.rule not in rules
    cause = Cause.RULE_GONE if gone else Cause.WITHDRAWN
    reason = (
        "the rule is not in force any more"
        if gone
        else "measured again with what came later, its windows do not fire any more"
    )
    return _moved(incident, incident.signal, cause, reason, now)


def _firing(
    incident: Incident, signal: Signal, now: dt.datetime
) -> list[tuple[Incident, Transition | None]]:
    """An incident goes on, or fires again; it may have become more, or less, severe."""
    steps: list[tuple[Incident, Transition | None]] = []
    current = incident
    if current.state is State.RECOVERING:
        steps.append(_moved(current, signal, Cause.AGAIN, signal.reason, now))
        current = steps[-1][0]
    rank = incident.signal.severity.rank
    if signal.severity.rank != rank:
        cause = Cause.ESCALATED if signal.severity.rank > rank else Cause.EASED
        steps.append(_moved(current, signal, cause, signal.reason, now))
        if cause is Cause.ESCALATED:  # who looked after a warning has not seen this
            last, told = steps[-1]
            steps[-1] = replace(last, acknowledged=None), told
    return steps or _refreshed(incident, signal)


def _refreshed(incident: Incident, signal: Signal) -> list[tuple[Incident, Transition | None]]:
    """The same incident with what was seen last; nothing where that is the same."""
    after = replace(incident, signal=signal, worst=_worse(incident, signal))
    return [] if after == incident else [(after, None)]


def _is_of(incident: Incident, signal: Signal) -> bool:
    """Whether any window of the incident still fires."""
    begin = incident.signal.since
    return any(window in signal.windows for window in incident.signal.windows if window >= begin)


AFTER = {
    Cause.PENDING: State.PENDING,
    Cause.RAISED: State.FIRING,
    Cause.ESCALATED: State.FIRING,
    Cause.EASED: State.FIRING,
    Cause.AGAIN: State.FIRING,
    Cause.QUIET: State.RECOVERING,
    Cause.RECOVERED: State.RESOLVED,
    Cause.WITHDRAWN: State.RESOLVED,
    Cause.RULE_GONE: State.RESOLVED,
    Cause.PASSED: State.RESOLVED,
}
"""The state that each cause leads to."""


def _moved(
    incident: Incident, signal: Signal, cause: Cause, reason: str, now: dt.datetime
) -> tuple[Incident, Transition]:
    state = AFTER[cause]
    after = replace(
        incident,
        signal=signal,
        state=state,
        sequence=incident.sequence + 1,
        changed=now,
        worst=_worse(incident, signal),
        ended=now if state is State.RESOLVED else None,
    )
    return after, _transition(incident, after, cause, reason)


def _transition(before: Incident, after: Incident, cause: Cause, reason: str) -> Transition:
    return Transition(
        after.fingerprint, after.sequence, after.changed, before.state, after.state, cause, reason
    )


def _worse(incident: Incident, signal: Signal) -> float:
    """The value that is further beyond the threshold."""
    far, near = incident.worst, signal.value
    return far if abs(far - signal.threshold) >= abs(near - signal.threshold) else near


def waits(incident: Incident) -> bool:
    """Whether an open incident cannot be judged at present, for want of rows or labels."""
    return incident.is_open and incident.signal.waiting is not Waiting.NOTHING
