from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alert.signals import signal
from pipeline.test_course import table
from server.served import NOW, OURS, THEIRS, Served
from wane.alert.due import Told
from wane.alert.life import step
from wane.alert.message import News
from wane.alert.mute import Mute
from wane.alert.route import Route
from wane.alert.silence import Silence
from wane.detect.severity import Severity
from wane.pipeline.desk import Desk
from wane.report.parts import MEASUREMENTS, SUMMARY
from wane.report.picture import SIGNATURE
from wane.server.keys import Scope
from wane.store.alerts import Attempt, KeptSilence
from wane.store.records import Evaluated

if TYPE_CHECKING:
    from wane.alert.incident import Incident

HOSTILE = "<script>alert(1)</script>"
PAGE = {"accept": "text/html"}
OWN = {"sec-fetch-site": "same-origin"}


def raised(served: Served, tenant: str = OURS, rule: str = "accuracy < 0.90") -> Incident:
    store = served.service.store
    model = store.open_model(tenant, "churn", NOW)
    done = step([], [signal(5, rule=rule)], NOW)
    store.alerts.stepped(model.id, done)
    (incident,) = done.incidents
    return incident


def test_open_incidents_are_listed_and_those_that_are_over_on_request(served: Served) -> None:
    headers = served.headers(Scope.READ) | PAGE
    assert "No incident is open" in served.client.get("/alerts", headers=headers).text
    incident = raised(served, rule=HOSTILE)
    text = served.client.get("/alerts", headers=headers).text
    assert "One incident is open" in text
    assert incident.fingerprint in text
    assert HOSTILE not in text
    model = served.service.store.open_model(OURS, "churn", NOW)
    over = step([incident], [], NOW)
    served.service.store.alerts.stepped(model.id, over)
    assert incident.fingerprint not in served.client.get("/alerts", headers=headers).text
    everything = served.client.get("/alerts?over=true", headers=headers).text
    assert incident.fingerprint in everything


def test_the_worst_incident_comes_first_then_the_oldest_and_what_is_over_last(
    served: Served,
) -> None:
    store = served.service.store
    model = store.open_model(OURS, "churn", NOW)
    signals = {
        rule: signal(5, rule=rule, severity=severity)
        for rule, severity in (
            ("over", Severity.CRITICAL),
            ("info", Severity.INFO),
            ("later", Severity.CRITICAL),
            ("warning", Severity.WARNING),
            ("earlier", Severity.CRITICAL),
        )
    }
    for minutes, rule in enumerate(("over", "info", "warning", "earlier", "later")):
        now = NOW + dt.timedelta(minutes=minutes)
        done = step([], [signals[rule]], now)
        store.alerts.stepped(model.id, done)
        if rule == "over":
            store.alerts.stepped(model.id, step(done.incidents, [], now))
    headers = served.headers(Scope.READ) | PAGE
    text = served.client.get("/alerts?over=true", headers=headers).text
    places = {rule: text.index(one.fingerprint) for rule, one in signals.items()}
    assert sorted(places, key=lambda rule: places[rule]) == [
        "earlier",
        "later",
        "warning",
        "info",
        "over",
    ]


def test_one_incident_shows_its_life_and_who_was_told(served: Served) -> None:
    incident = raised(served)
    name = incident.fingerprint
    told = Told("pager", "g", name, 1, News.FIRING, Severity.CRITICAL, NOW)
    attempts = served.service.store.alerts
    attempts.attempted(Attempt(NOW, "pager", "g", (name,), "delivered"), [told])
    attempts.attempted(Attempt(NOW, "mail", "h", ("0" * 32,), "refused", "not for this one"))
    headers = served.headers(Scope.READ) | PAGE
    text = served.client.get(f"/alerts/{name}", headers=headers).text
    assert "raised" in text
    assert "pager" in text
    assert "not for this one" not in text
    assert "I look after it" not in text, "who may only read is offered nothing to change"
    admin = served.headers(Scope.ADMIN) | PAGE
    assert "I look after it" in served.client.get(f"/alerts/{name}", headers=admin).text


def test_others_incidents_are_as_good_as_none(served: Served) -> None:
    incident = raised(served, THEIRS)
    headers = served.headers(Scope.ADMIN)
    name = incident.fingerprint
    assert served.client.get(f"/alerts/{name}", headers=headers).status_code == 404
    for what in ("acknowledge", "silence"):
        answer = served.client.post(f"/alerts/{name}/{what}", headers=headers | OWN)
        assert answer.status_code == 404
    assert name not in served.client.get("/alerts", headers=headers).text


def test_somebody_looks_after_it(served: Served) -> None:
    incident = raised(served)
    address = f"/alerts/{incident.fingerprint}"
    headers = served.headers(Scope.ADMIN) | OWN
    form = {"by": f"Ann {HOSTILE}"}
    answer = served.client.post(f"{address}/acknowledge", data=form, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    (kept,) = served.service.store.alerts.incidents()
    assert kept.incident.acknowledged == f"Ann {HOSTILE}"
    again = served.client.post(f"{address}/acknowledge", data={"by": "Bob"}, headers=headers)
    assert again.status_code == 303
    assert served.service.store.alerts.incidents() == (kept,)
    page = served.client.get(address, headers=headers | PAGE).text
    assert HOSTILE not in page
    assert "looked after by Ann" in page


@pytest.mark.parametrize(
    ("scope", "labels"),
    [
        ("model", {"tenant", "model"}),
        ("rule", {"tenant", "model", "rule", "metric", "column", "segment"}),
    ],
)
def test_it_is_silenced_for_a_while(served: Served, scope: str, labels: set[str]) -> None:
    incident = raised(served)
    address = f"/alerts/{incident.fingerprint}"
    headers = served.headers(Scope.ADMIN) | OWN
    form = {"by": "Ann", "for": "4h", "why": "deploy", "scope": scope}
    assert served.client.post(f"{address}/silence", data=form, headers=headers).status_code == 303
    (kept,) = served.service.store.alerts.silences(OURS)
    assert set(kept.silence.match) == labels
    assert kept.silence.ends == NOW + dt.timedelta(hours=4)
    assert "Silent until" in served.client.get(address, headers=headers | PAGE).text
    served.clock.pass_(hours=5)
    assert "Silent until" not in served.client.get(address, headers=headers | PAGE).text


def test_a_silence_on_the_owner_is_shown_and_one_of_others_is_not(served: Served) -> None:
    incident = raised(served)
    store = served.service.store
    store.configure(store.open_model(OURS, "churn", NOW).id, '{"owner": "ann"}', NOW)
    headers = served.headers(Scope.READ) | PAGE
    until = NOW + dt.timedelta(hours=2)
    for tenant, shown in ((THEIRS, False), (OURS, True)):
        silence = Silence(tenant, {"owner": "ann"}, "eve", "quiet", NOW, until)
        store.alerts.put_silence(KeptSilence(tenant, silence))
        text = served.client.get(f"/alerts/{incident.fingerprint}", headers=headers).text
        assert ("Silent until" in text) is shown


@pytest.mark.parametrize("change", [{"for": "1 fortnight"}, {"why": ""}, {"for": "9000d"}])
def test_a_silence_that_is_none_is_refused(served: Served, change: dict[str, str]) -> None:
    incident = raised(served)
    form = {"by": "Ann", "for": "4h", "why": "deploy"} | change
    answer = served.client.post(
        f"/alerts/{incident.fingerprint}/silence",
        data=form,
        headers=served.headers(Scope.ADMIN) | OWN,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_silence"


def test_what_is_pending_is_told_apart_and_what_is_learned_is_listed(served: Served) -> None:
    store = served.service.store
    model = store.open_model(OURS, "churn", NOW)
    waits = replace(signal(5), asked=2)
    told = b'{"learning": "Learning: 3 series with fewer than 21 usable windows."}'
    done = step([], [], NOW, pending=[waits])
    store.evaluated(model.id, Evaluated("", {}, (), {}, {SUMMARY: told}), NOW, done)
    text = served.client.get("/alerts", headers=served.headers(Scope.READ) | PAGE).text
    assert "No incident is open. 1 is pending." in text
    assert waits.fingerprint in text
    assert "Learning: 3 series" in text
    page = served.client.get(
        f"/alerts/{waits.fingerprint}", headers=served.headers(Scope.READ) | PAGE
    ).text
    assert "for 1 of 2 windows" in page


def test_the_incidents_of_one_model(served: Served) -> None:
    incident = raised(served)
    store, headers = served.service.store, served.headers(Scope.READ) | PAGE
    other = store.open_model(OURS, "fraud", NOW)
    store.alerts.stepped(other.id, step([], [replace(signal(5), fingerprint="f" * 32)], NOW))
    text = served.client.get("/alerts?model=churn", headers=headers).text
    assert incident.fingerprint in text
    assert "f" * 32 not in text
    assert "of all models" in text
    nobody = served.client.get(f"/alerts?model={HOSTILE}", headers=headers).text
    assert "No incident is open" in nobody
    assert HOSTILE not in nobody


def test_the_page_shows_the_evidence_and_the_course(served: Served) -> None:
    store = served.service.store
    model = store.open_model(OURS, "churn", NOW)
    held = replace(signal(5, 6), sure="95 % interval 0.79 to 0.81, wholly beyond the limit")
    said = b'{"sentence": "Accuracy fell.", "advice": "Look at <age>.", "where": "by plan"}'
    parts = {SUMMARY: said, MEASUREMENTS: table()}
    store.evaluated(model.id, Evaluated("", {}, (), {}, parts), NOW, step([], [held], NOW))
    headers = served.headers(Scope.READ) | PAGE
    text = served.client.get(f"/alerts/{held.fingerprint}", headers=headers).text
    for told in (held.sure, "Accuracy fell.", "Look at &lt;age&gt;.", "by plan", "course.png"):
        assert told in text
    drawn = served.client.get(f"/alerts/{held.fingerprint}/course.png", headers=headers)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    assert drawn.content.startswith(SIGNATURE)
    assert served.client.get("/alerts/no/course.png", headers=headers).status_code == 404
    other = raised(served, rule="another", tenant=THEIRS)
    hidden = served.client.get(f"/alerts/{other.fingerprint}/course.png", headers=headers)
    assert hidden.status_code == 404


def test_what_holds_a_message_back_is_told(served: Served) -> None:
    store, service = served.service.store, served.service
    service.desk = Desk((Route("team", mute=(Mute("nights <late>"),)),))
    model = store.open_model(OURS, "churn", NOW)
    broken = signal(5, metric="volume", rule="volume < 1")
    store.alerts.stepped(model.id, step([], [signal(5), broken], NOW))
    headers = served.headers(Scope.READ) | PAGE
    text = served.client.get("/alerts", headers=headers).text
    assert text.count("mute now: nights &lt;late&gt;") == 2
    assert text.count("explained by another one") == 1
    page = served.client.get(f"/alerts/{signal(5).fingerprint}", headers=headers).text
    assert "another incident of the model explains it" in page
