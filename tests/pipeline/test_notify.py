from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from alert.signals import MINUTE, NOW, signal
from wane.alert.life import acknowledge, step
from wane.alert.message import Group, News
from wane.alert.mute import Mute
from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.route import Route
from wane.alert.silence import Silence
from wane.config.settings import AlertSettings
from wane.errors import ConfigError
from wane.pipeline.desk import Desk, desk_of
from wane.pipeline.notify import notify
from wane.report.parts import SUMMARY
from wane.store.alerts import KeptSilence
from wane.store.memory import MemoryStore
from wane.store.records import Evaluated

if TYPE_CHECKING:
    from wane.alert.signal import Signal

HOUR = 60 * MINUTE


@dataclass
class Inbox:
    """A channel that keeps what it is given, and answers as it is told."""

    answers: list[Outcome] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    pause_seconds: float = 0.0
    refresh_seconds: float = 0.0
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        assert now.tzinfo is not None
        self.groups.append(group)
        return self.answers.pop(0) if self.answers else Delivered(memory=f"m{len(self.groups)}")


@dataclass
class Office:
    """A store with a model, a pager and a mailbox."""

    store: MemoryStore = field(default_factory=MemoryStore)
    pager: Inbox = field(default_factory=Inbox)
    mail: Inbox = field(default_factory=Inbox)
    now: dt.datetime = NOW
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        model = self.store.open_model("default", "churn", self.now)
        self.store.configure(model.id, '{"owner": "ann"}', self.now)
        self.model = model.id
        self.desk = Desk(
            (Route("team"),),
            {"team": {"pager": self.pager, "mail": self.mail}},
            link="https://wane.example",
        )

    def evaluate(self, *signals: Signal) -> None:
        known = [kept.incident for kept in self.store.alerts.incidents(self.model)]
        self.store.alerts.stepped(self.model, step(known, signals, self.now))

    def notify(self, after: dt.timedelta = MINUTE) -> list[str]:
        self.now += after
        made = notify(self.store, self.desk, self.now, self.slept.append)
        return [one.outcome for one in made]


def test_what_fires_is_told_to_every_channel_once_and_its_end_too() -> None:
    office = Office()
    office.evaluate(signal(5))
    assert office.notify() == ["delivered", "delivered"]
    assert office.notify(HOUR) == []
    (message,) = office.pager.groups[0].messages
    assert message.state is News.FIRING
    assert message.owner == "ann"
    assert message.link is not None
    assert message.link.startswith("https://wane.example/alerts/")
    assert message.verdict == "Accuracy 0.8 is below 0.9"
    office.evaluate(signal(5, quiet=2))
    assert office.notify(10 * MINUTE) == ["delivered", "delivered"]
    (end,) = office.pager.groups[1].messages
    assert (end.state, end.fingerprint) == (News.RESOLVED, message.fingerprint)
    assert end.sequence > message.sequence
    assert office.notify(100 * HOUR) == []


def test_one_channel_that_fails_is_tried_again_without_the_other() -> None:
    office = Office(mail=Inbox([Again("busy", 600), Again("busy")]))
    office.evaluate(signal(5))
    assert sorted(office.notify()) == ["again", "delivered"]
    assert office.notify() == []
    assert office.notify(9 * MINUTE) == ["again"]
    assert office.notify(MINUTE) == ["delivered"]
    assert (len(office.pager.groups), len(office.mail.groups)) == (1, 3)
    assert office.store.alerts.troubles() == ()


def test_what_is_refused_is_not_sent_again_until_something_changes() -> None:
    office = Office(pager=Inbox([Refused("404: no such service")]))
    office.evaluate(signal(5))
    assert sorted(office.notify()) == ["delivered", "refused"]
    assert office.notify(1_000 * HOUR) == ["delivered"]
    refused = [one for one in office.store.alerts.attempts() if one.outcome == "refused"]
    assert [one.reason for one in refused] == ["404: no such service"]


def test_channels_get_back_what_they_returned() -> None:
    office = Office()
    office.evaluate(signal(5))
    office.notify()
    office.evaluate(signal(5, quiet=2))
    office.notify(HOUR)
    assert [group.memory for group in office.mail.groups] == ["", "m1"]


def test_looking_after_it_is_told_and_ends_reminders() -> None:
    office = Office()
    office.evaluate(signal(5))
    office.notify()
    (kept,) = office.store.alerts.incidents()
    office.store.alerts.stepped(office.model, acknowledge(kept.incident, "ann", office.now))
    assert office.notify(10 * MINUTE) == ["delivered", "delivered"]
    assert office.pager.groups[-1].messages[0].state is News.ACKNOWLEDGED
    assert office.notify(100 * HOUR) == []


def test_a_storm_is_told_by_its_number() -> None:
    office = Office()
    office.evaluate(
        *(signal(5, rule="psi(*) > 0.2", metric="psi", column=f"x{at}") for at in range(37))
    )
    office.notify()
    (group,) = office.mail.groups
    assert len(group.messages) == 37
    assert group.summary == "37 series at once: psi(*) > 0.2"


def test_the_verdict_of_the_model_is_the_likely_why() -> None:
    office = Office()
    body = b'{"sentence": "Accuracy fell.", "advice": "Look at age.", "where": "by plan"}'
    outcome = Evaluated("p", {}, (), {}, {SUMMARY: body})
    office.store.evaluated(office.model, outcome, NOW)
    office.evaluate(signal(5), signal(5, metric="psi", column="age"))
    office.notify()
    message, of_drift = sorted(office.mail.groups[0].messages, key=lambda one: one.metric)
    assert (message.why, message.advice) == ("Accuracy fell.", "Look at age.")
    assert (message.where, of_drift.where) == ("by plan", "")


def test_who_takes_silence_for_the_end_hears_every_minute_what_still_fires() -> None:
    office = Office(mail=Inbox(refresh_seconds=60))
    office.evaluate(signal(5))
    assert office.notify() == ["delivered", "delivered"]
    assert office.notify(MINUTE / 2) == []
    for _ in range(3):
        assert office.notify() == ["refreshed"]
    assert office.mail.groups[-1].messages[0].state is News.FIRING
    assert len(office.store.alerts.attempts()) == 2
    (kept,) = office.store.alerts.incidents()
    office.store.alerts.stepped(office.model, acknowledge(kept.incident, "ann", office.now))
    office.notify(10 * MINUTE)
    for _ in range(3):
        assert office.notify() == ["refreshed"]
    office.evaluate(signal(5, quiet=2))
    assert office.notify(10 * MINUTE) == ["delivered", "delivered"]
    assert office.notify(10 * MINUTE) == []


def test_who_wants_a_pause_between_messages_gets_it() -> None:
    office = Office(mail=Inbox(pause_seconds=1))
    other = office.store.open_model("default", "fraud", NOW)
    office.evaluate(signal(5))
    office.store.alerts.stepped(other.id, step([], [replace(signal(5), fingerprint="f" * 32)], NOW))
    assert office.notify() == ["delivered"] * 4
    assert office.slept == [1]


def settings(**more: object) -> AlertSettings:
    receivers = {"hook": {"webhook": {"url": "https://hooks.example", "secret": "env:SECRET"}}}
    return AlertSettings.model_validate({"receivers": receivers, **more})


def test_a_desk_is_what_settings_say() -> None:
    route = {
        "receiver": "hook",
        "match": {"severity": "critical"},
        "group_by": ["model", "segment"],
        "group_wait": "45s",
        "repeat_interval": "1d",
    }
    desk = desk_of(settings(route=[route], keep_firing=3), link="https://wane.example")
    assert list(desk.receivers["hook"]) == ["webhook"]
    assert desk.routes == (
        replace(
            Route("hook", {"severity": "critical"}, ("model", "segment")),
            group_wait=dt.timedelta(seconds=45),
            repeat_interval=dt.timedelta(days=1),
        ),
    )
    assert desk.keep_firing == 3
    assert desk_of(None) == Desk()


NIGHTS = {
    "name": "nights",
    "weekdays": ["Fri", "saturday"],
    "begins": "22:00",
    "ends": "06:30",
    "timezone": "Europe/Rome",
    "dates": ["2026-12-24..2026-12-31", "2027-01-06"],
}


def test_a_route_is_mute_at_the_times_it_names() -> None:
    route = {"receiver": "hook", "mute": ["nights"]}
    (made,) = desk_of(settings(route=[route], mute_times=[NIGHTS])).routes
    assert made.mute == (
        Mute(
            "nights",
            "Europe/Rome",
            frozenset({4, 5}),
            dt.time(22),
            dt.time(6, 30),
            (
                (dt.date(2026, 12, 24), dt.date(2026, 12, 31)),
                (dt.date(2027, 1, 6), dt.date(2027, 1, 6)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"weekdays": ["feiertag"]}, "'fei' is no weekday"),
        ({"timezone": "Europe/Atlantis"}, "no time zone 'Europe/Atlantis'"),
        ({"timezone": "../../etc/passwd"}, "no time zone"),
        ({"begins": "22 Uhr"}, "22 Uhr"),
        ({"ends": "24:30"}, "nights"),
        ({"begins": "22:00+01:00"}, "no zone of their own"),
        ({"dates": ["2026-12-31..2026-12-24"]}, "no days from one to another"),
        ({"dates": ["2026-12-31.."]}, "no days from one to another"),
        ({"dates": ["yule"]}, "yule"),
    ],
)
def test_a_mute_time_that_is_none_is_told(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match="the mute time 'nights'") as raised:
        desk_of(settings(mute_times=[NIGHTS | wrong]))
    assert told in str(raised.value)


def test_mute_times_have_names_of_their_own_and_routes_name_those() -> None:
    with pytest.raises(ValueError, match=r"two .* have one name"):
        settings(mute_times=[NIGHTS, NIGHTS])
    with pytest.raises(ValueError, match=r"mute at 'days'; .* has nights"):
        settings(route=[{"receiver": "hook", "mute": ["days"]}], mute_times=[NIGHTS])


def test_what_began_in_a_mute_time_is_told_after_it() -> None:
    office = Office()
    nights = Mute("nights", begins=NOW.time(), ends=(NOW + HOUR).time())
    office.desk = replace(office.desk, routes=(Route("team", mute=(nights,)),))
    office.store.alerts.stepped(office.model, step([], [signal(5)], NOW))
    assert office.notify() == []
    office.now = NOW + HOUR
    assert office.notify() == ["delivered"] * 2


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ({"receiver": "hook", "match": {"modle": "x"}}, "Did you mean 'model'?"),
        ({"receiver": "hook", "group_by": ["row"]}, "no label 'row'"),
    ],
)
def test_labels_that_incidents_do_not_have_are_told(route: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match="incidents have no label") as raised:
        desk_of(settings(route=[route]))
    assert told in str(raised.value)


def test_a_silence_is_of_its_tenant_alone() -> None:
    """Nobody can silence the models of others, whatever a silence matches."""
    office = Office()
    theirs = office.store.open_model("theirs", "churn", NOW)
    for of in (office.model, theirs.id):
        office.store.alerts.stepped(of, step([], [signal(5)], NOW))
    for match in ({"model": "churn"}, {"tenant": "default", "model": "*"}):
        silence = Silence("s", match, "eve", "quiet", NOW, NOW + HOUR)
        office.store.alerts.put_silence(KeptSilence("theirs", silence))
        assert office.notify() == (["delivered"] * 2 if match == {"model": "churn"} else [])
    (group,) = office.pager.groups
    assert [message.owner for message in group.messages] == ["ann"]


def test_values_are_written_as_everywhere() -> None:
    office = Office()
    office.evaluate(replace(signal(5), metric="volume", value=12_345.0, threshold=20_000.0))
    office.notify()
    (message,) = office.pager.groups[0].messages
    assert message.what == "volume 12,345, limit 20,000"
