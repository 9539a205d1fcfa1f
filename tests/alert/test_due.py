from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alert.signals import MINUTE, NOW, incident, signal
from wane.alert.due import Situation, Told, Trouble, Watched, delivered, due, failed, given_up
from wane.alert.incident import Incident, State
from wane.alert.life import acknowledge, step
from wane.alert.message import News
from wane.alert.mute import Mute
from wane.alert.route import Route
from wane.alert.silence import Silence
from wane.detect.severity import Severity
from wane.errors import UsageError

HOUR = 60 * MINUTE
PAGER = Route("pager", {"severity": "critical"})
TEAM = Route("team")


def watched(one: Incident, model: str = "churn") -> Watched:
    return Watched(one, "default", model)


def told(situation: Situation, now: dt.datetime = NOW) -> Situation:
    """The situation after everything that is due was delivered."""
    more = {
        (one.receiver, one.fingerprint): one
        for sending in due(situation, now)
        for one in delivered(sending, now)
    }
    return replace(situation, told={**situation.told, **more})


def test_the_first_route_that_matches_is_told_once() -> None:
    warning = incident(signal=signal(5, rule="f1 < 0.8", severity=Severity.WARNING))
    situation = Situation([watched(incident()), watched(warning)], [PAGER, TEAM])
    found = due(situation, NOW)
    assert [(one.receiver, len(one.items)) for one in found] == [("pager", 1), ("team", 1)]
    assert due(told(situation), NOW + HOUR) == ()
    assert due(Situation([watched(warning)], [PAGER]), NOW) == ()


def test_at_a_mute_time_nothing_new_is_told_and_what_still_fires_is_told_after() -> None:
    """The end of what was told before comes through; another route is not mute."""
    night = Mute("night", begins=NOW.time(), ends=(NOW + 8 * HOUR).time())
    quiet = replace(TEAM, mute=(night,))
    warning = incident(signal=signal(5, rule="f1 < 0.8", severity=Severity.WARNING))
    both = [watched(incident()), watched(warning)]
    situation = Situation(both, [PAGER, quiet])
    assert [one.receiver for one in due(situation, NOW)] == ["pager"]
    later = told(situation)
    assert due(later, NOW + 7 * HOUR) == ()
    (after,) = due(later, NOW + 8 * HOUR)
    assert (after.receiver, len(after.items)) == ("team", 1)

    known = told(Situation([watched(warning)], [TEAM]), NOW)
    over = step([warning], [], NOW + HOUR)
    ended = replace(known, incidents=[watched(one) for one in over.incidents], routes=[quiet])
    told_of = [item.news for one in due(ended, NOW + 2 * HOUR) for item in one.items]
    assert News.FIRING not in told_of


def test_a_receiver_that_takes_silence_for_the_end_hears_on_at_a_mute_time() -> None:
    night = Mute("night", begins=NOW.time(), ends=(NOW + 8 * HOUR).time())
    quiet = replace(PAGER, mute=(night,))
    before = Situation([watched(incident())], [PAGER], refresh={"pager": HOUR})
    known = replace(told(before), routes=[quiet])
    (sending,) = due(known, NOW + HOUR)
    assert sending.items[0].refresh


def test_a_group_waits_for_others_and_goes_out_together() -> None:
    fresh = incident(changed=NOW)
    later = incident(signal=signal(5, rule="f1 < 0.8"), changed=NOW + MINUTE / 4)
    situation = Situation([watched(fresh), watched(later)], [PAGER])
    assert due(situation, NOW + MINUTE / 3) == ()
    (only,) = due(situation, NOW + MINUTE / 2)
    assert len(only.items) == 2
    third = incident(signal=signal(5, rule="recall < 0.8"), changed=NOW + MINUTE)
    more = replace(told(situation, NOW + MINUTE / 2), incidents=[watched(fresh), watched(third)])
    assert due(more, NOW + 5 * MINUTE) == ()
    (again,) = due(more, NOW + 5.5 * MINUTE)
    assert [item.watched.incident for item in again.items] == [third]


def test_models_are_grouped_apart_unless_the_route_says_otherwise() -> None:
    other = replace(incident(), signal=signal(5, rule="f1 < 0.8"))
    both = [watched(incident(), "a"), watched(other, "b")]
    assert len(due(Situation(both, [PAGER]), NOW)) == 2
    assert len(due(Situation(both, [Route("pager", group_by=("tenant",))]), NOW)) == 1


def test_reminders_stop_when_somebody_looks_after_it() -> None:
    firing = incident()
    situation = told(Situation([watched(firing)], [PAGER]))
    assert due(situation, NOW + 11 * HOUR) == ()
    (reminder,) = due(situation, NOW + 12 * HOUR)
    assert reminder.items[0].news is News.FIRING
    (noted,) = acknowledge(firing, "ann", NOW + MINUTE).incidents
    situation = replace(situation, incidents=[watched(noted)])
    (note,) = due(situation, NOW + 10 * MINUTE)
    assert note.items[0].news is News.ACKNOWLEDGED
    situation = told(situation, NOW + 10 * MINUTE)
    assert due(situation, NOW + 100 * HOUR) == ()


def test_the_end_is_told_to_those_who_were_told_the_begin() -> None:
    over = incident(State.RESOLVED, sequence=2, ended=NOW)
    assert due(Situation([watched(over)], [PAGER]), NOW) == ()
    knows = told(Situation([watched(incident())], [PAGER]))
    ended = replace(knows, incidents=[watched(over)])
    (end,) = due(ended, NOW + 10 * MINUTE)
    assert end.items[0].news is News.RESOLVED
    assert due(told(ended, NOW + 10 * MINUTE), NOW + 100 * HOUR) == ()
    silent = replace(ended, routes=[replace(PAGER, send_resolved=False)])
    assert due(silent, NOW + 10 * MINUTE) == ()


def test_silence_holds_back_and_what_still_fires_after_it_is_told() -> None:
    silence = Silence("s", {"model": "ch*"}, "ann", "deploy", NOW - HOUR, NOW + HOUR)
    situation = Situation([watched(incident())], [PAGER], [silence])
    assert due(situation, NOW) == ()
    assert len(due(situation, NOW + HOUR)) == 1
    elsewhere = replace(situation, silences=[replace(silence, match={"model": "fraud"})])
    assert len(due(elsewhere, NOW)) == 1


def test_no_data_explains_the_rest_of_the_model() -> None:
    outage = incident(signal=signal(5, rule="volume < 1", metric="volume"))
    drift = incident(signal=signal(5, rule="psi > 0.2", metric="psi", column="age"))
    (only,) = due(Situation([watched(outage), watched(drift), watched(incident())], [TEAM]), NOW)
    assert [item.watched.incident for item in only.items] == [outage]
    other = watched(drift, "other")
    assert len(due(Situation([watched(outage), other], [TEAM]), NOW)) == 2


def test_a_segment_follows_its_model() -> None:
    part = incident(signal=signal(5, segment="channel=web"))
    (only,) = due(Situation([watched(incident()), watched(part)], [TEAM]), NOW)
    assert [item.watched.incident for item in only.items] == [incident()]
    assert len(due(Situation([watched(part)], [TEAM]), NOW)) == 1


def test_what_fails_is_tried_again_later_and_later() -> None:
    situation = Situation([watched(incident())], [PAGER])
    (sending,) = due(situation, NOW)
    trouble, pauses, now = None, [], NOW
    while trouble is None or trouble.again is not None:
        trouble = failed(sending, trouble, "no answer", now)
        if trouble.again is not None:
            pauses.append((trouble.again - now).total_seconds())
            now = trouble.again
            situation = replace(situation, troubles={sending.group: trouble})
            assert due(situation, now - MINUTE / 60) == ()
            assert len(due(situation, now)) == 1
    assert pauses[0] < 6.1
    assert max(pauses) < 361
    assert dt.timedelta(hours=24) <= now - NOW < dt.timedelta(hours=24, minutes=7)
    given_up = replace(situation, troubles={sending.group: trouble})
    assert due(given_up, now + 100 * HOUR) == ()
    changed = incident(sequence=2, changed=now)
    assert len(due(replace(given_up, incidents=[watched(changed)]), now + HOUR)) == 1


def test_a_receiver_says_when_and_whether_to_try_again() -> None:
    (sending,) = due(Situation([watched(incident())], [PAGER]), NOW)
    assert failed(sending, None, "429", NOW, after=HOUR).again == NOW + HOUR
    assert failed(sending, None, "404", NOW, final=True).again is None


@pytest.mark.parametrize(
    ("match", "author", "why", "hours"),
    [
        ({}, "ann", "deploy", 1),
        ({"modell": "x"}, "ann", "deploy", 1),
        ({"model": "x"}, " ", "deploy", 1),
        ({"model": "x"}, "ann", "", 1),
        ({"model": "x"}, "ann", "deploy", 0),
        ({"model": "x"}, "ann", "deploy", 24 * 400),
    ],
)
def test_a_silence_says_what_by_whom_why_and_until_when(
    match: dict[str, str], author: str, why: str, hours: int
) -> None:
    with pytest.raises(UsageError):
        Silence("s", match, author, why, NOW, NOW + hours * HOUR)


def test_a_clock_that_was_ahead_holds_nothing_back() -> None:
    """Raised by a clock a day ahead, which was then set right."""
    ahead = incident(opened=NOW + 24 * HOUR, changed=NOW + 24 * HOUR)
    (sending,) = due(Situation([watched(ahead)], [PAGER]), NOW)
    busy = failed(sending, None, "busy", NOW + 24 * HOUR)
    troubled = Situation([watched(ahead)], [PAGER], troubles={sending.group: busy})
    assert due(troubled, NOW) == (sending,)
    told = {(t.receiver, t.fingerprint): t for t in delivered(sending, NOW + 24 * HOUR)}
    over = replace(ahead, state=State.RESOLVED, changed=NOW, sequence=2)
    (last,) = due(Situation([watched(over)], [PAGER], told=told), NOW + HOUR)
    assert last.items[0].news is News.RESOLVED
    every = {"pager": MINUTE}
    (again,) = due(Situation([watched(ahead)], [PAGER], told=told, refresh=every), NOW)
    assert again.items[0].refresh


class Service(RuleBasedStateMachine):
    """Evaluations that revise, deliveries that fail, restarts, silences and acknowledgements.

    Only what would be stored survives a step; the receiver keeps what a pager would.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.day = 0
        self.incidents: dict[str, Incident] = {}
        self.told: dict[tuple[str, str], Told] = {}
        self.troubles: dict[str, Trouble] = {}
        self.silence: Silence | None = None
        self.fires: set[int] = set()
        self.open_at_receiver = False
        self.pages: list[int] = []
        self.last_sequence = 0
        self.asked = 1

    @initialize(asked=st.integers(1, 2))
    def choose(self, asked: int) -> None:
        """For how many days it has to hold."""
        self.asked = asked

    @property
    def situation(self) -> Situation:
        silences = [] if self.silence is None else [self.silence]
        known = [watched(one) for one in self.incidents.values()]
        return Situation(known, [PAGER], silences, self.told, self.troubles)

    @rule(fires=st.booleans(), revised=st.sets(st.integers(0, 30)))
    def evaluate(self, fires: bool, revised: set[int]) -> None:  # noqa: FBT001
        self.day += 1
        self.now += 24 * HOUR
        self.fires = {day for day in self.fires ^ revised if day < self.day}
        self.fires |= {self.day} if fires else set()
        self.look()

    @rule()
    def look(self) -> None:
        """An evaluation, or the same once more after a restart."""
        days = [day for day in sorted(self.fires) if self.asked == 1 or day - 1 in self.fires]
        signals = [signal(*days, quiet=self.day - days[-1])] if days else []
        begins = self.day in self.fires and self.day not in days
        pending = [replace(signal(self.day), asked=self.asked)] if begins else []
        done = step(self.incidents.values(), signals, self.now, pending=pending)
        self.incidents |= {one.fingerprint: one for one in done.incidents}

    @rule(minutes=st.integers(1, 3_000))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(minutes=st.integers(-2_000, 2_000))
    def set_the_clock(self, minutes: int) -> None:
        """The clock of the machine was wrong, or is now."""
        self.now += minutes * MINUTE

    @rule(works=st.booleans(), crashes=st.booleans())
    def deliver(self, works: bool, crashes: bool) -> None:  # noqa: FBT001
        for sending in due(self.situation, self.now):
            if not works:
                before = self.troubles.get(sending.group)
                self.troubles[sending.group] = failed(sending, before, "no", self.now)
                continue
            (item,) = sending.items
            sequence = item.watched.incident.sequence
            assert sequence >= self.last_sequence, "told in order"
            self.last_sequence = sequence
            if item.news is News.FIRING:
                if not self.open_at_receiver:
                    self.pages.append(item.watched.incident.sequence)
                self.open_at_receiver = True
            if item.news is News.RESOLVED:
                self.open_at_receiver = False
            if crashes:
                return
            self.troubles.pop(sending.group, None)
            self.told |= {(t.receiver, t.fingerprint): t for t in delivered(sending, self.now)}

    @rule()
    def look_after_it(self) -> None:
        for one in list(self.incidents.values()):
            done = acknowledge(one, "ann", self.now)
            self.incidents |= {new.fingerprint: new for new in done.incidents}

    @rule(hours=st.integers(1, 48))
    def silence_it(self, hours: int) -> None:
        end = self.now + hours * HOUR
        self.silence = Silence("s", {"model": "churn"}, "ann", "deploy", self.now, end)

    @invariant()
    def no_incident_pages_twice(self) -> None:
        assert len(set(self.pages)) == len(self.pages)

    @invariant()
    def what_is_due_in_the_end_agrees_with_the_state(self) -> None:
        """When everything works again, the receiver comes to know what is."""
        ends = self.now if self.silence is None else self.silence.ends
        later = max(self.now, ends) + dt.timedelta(days=3)
        situation = replace(self.situation, troubles={})
        news = {item.news for sending in due(situation, later) for item in sending.items}
        firing = any(one.state is State.FIRING for one in self.incidents.values())
        ended = all(not one.is_told for one in self.incidents.values())
        if ended and self.told and self.open_at_receiver:
            known = all(one.news is News.RESOLVED for one in self.told.values())
            assert News.RESOLVED in news or known
        if firing and not self.told:
            assert News.FIRING in news


Service.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestService = Service.TestCase


def test_what_is_given_up_is_named_while_it_should_be_told() -> None:
    situation = Situation([watched(incident())], [PAGER])
    (sending,) = due(situation, NOW)
    busy = failed(sending, None, "busy", NOW)
    assert given_up(replace(situation, troubles={sending.group: busy}), NOW) == ()
    refused = failed(sending, None, "404", NOW, final=True)
    lost = replace(situation, troubles={sending.group: refused})
    assert given_up(lost, NOW) == (refused,)
    worse = replace(incident(), sequence=incident().sequence + 1)
    assert given_up(replace(lost, incidents=[watched(worse)]), NOW) == ()
    over = replace(incident(), state=State.RESOLVED, ended=NOW)
    assert given_up(replace(lost, incidents=[watched(over)]), NOW) == ()
