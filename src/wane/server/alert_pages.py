"""The pages of incidents: the list, one of them, looking after it, silencing it."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from wane.alert.due import Item, Watched
from wane.alert.inhibit import causes_of
from wane.alert.life import acknowledge, waits
from wane.alert.message import News
from wane.alert.mute import muted
from wane.alert.route import labels_of, route_of
from wane.alert.silence import Silence, silenced
from wane.config.duration import duration
from wane.errors import UsageError
from wane.pipeline.course import course_of
from wane.pipeline.notify import message_of, owner_of
from wane.pipeline.still_learning import learning_of
from wane.report.parts import SUMMARY
from wane.report.tone import OF_SEVERITY, Tone
from wane.server.access import Administrator, Reader, service_of
from wane.server.body import read_form
from wane.server.keys import Scope
from wane.server.pages import show
from wane.server.problem import Problem
from wane.store.alerts import KeptSilence
from wane.window import to_datetime

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from wane.alert.incident import Incident
    from wane.alert.mute import Mute
    from wane.server.keys import Caller
    from wane.server.service import Service
    from wane.store.alerts import KeptIncident

router = APIRouter(include_in_schema=False)
MOST_ATTEMPTS = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """An incident as a line of the list."""

    id: str
    tone: Tone
    severity: str
    state: str
    model: str
    what: str
    since: dt.datetime
    opened: dt.datetime
    ended: dt.datetime | None
    acknowledged: str | None
    silence: Silence | None
    mute: Mute | None
    explained: bool
    waits: str


@router.get("/alerts")
def alerts(
    request: Request,
    caller: Reader,
    over: bool = False,  # noqa: FBT001, FBT002
    model: str = "",
) -> Response:
    """Open incidents, of all models or one, the worst first; with `over`, those that ended too."""
    service = service_of(request)
    found = [
        (kept, labels)
        for kept, labels in _labelled(service, caller)
        if (over or kept.incident.is_open) and model in ("", labels["model"])
    ]
    found.sort(key=lambda pair: pair[0].incident.order)
    rows = _rows(service, caller, found)
    models = [one for one in service.store.models(caller.tenant) if model in ("", one.name)]
    values = {
        "rows": rows,
        "over": over,
        "model": model,
        "learning": learning_of(service.store, models),
    }
    return show("alerts.html.j2", request, values)


@router.get("/alerts/{incident}")
def alert(request: Request, incident: str, caller: Reader) -> Response:
    """One incident: what it is, what happened to it, who was told."""
    service = service_of(request)
    kept, labels = _named(service, caller, incident)
    store = service.store.alerts
    name = kept.incident.fingerprint
    told = Watched(kept.incident, caller.tenant, labels["model"])
    summary = service.store.result(kept.model, SUMMARY)
    facts = message_of(
        Item(told, News.FIRING), {} if summary is None else json.loads(summary.body), None
    )
    values = {
        "facts": facts,
        "has_course": course_of(service.store, kept.model, kept.incident.signal) is not None,
        "row": _rows(service, caller, [(kept, labels)])[0],
        "incident": kept.incident,
        "steps": store.transitions(kept.model, name),
        "attempts": [one for one in store.attempts(MOST_ATTEMPTS) if name in one.fingerprints],
        "may_change": caller.may(Scope.ADMIN),
    }
    return show("alert.html.j2", request, values)


@router.get("/alerts/{incident}/course.png")
def course(request: Request, incident: str, caller: Reader) -> Response:
    """The course of the series of an incident."""
    service = service_of(request)
    kept, _ = _named(service, caller, incident)
    drawn = course_of(service.store, kept.model, kept.incident.signal)
    if drawn is None:
        raise Problem(404, "no_course", "too little is known of the series to draw it")
    return Response(drawn, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/alerts/{incident}/acknowledge")
async def look_after(request: Request, incident: str, caller: Administrator) -> Response:
    """Note who looks after an incident; reminders stop."""
    service = service_of(request)
    kept, _ = await asyncio.to_thread(_named, service, caller, incident)
    form = await read_form(request)
    done = acknowledge(kept.incident, form.get("by", "")[:100] or caller.key, service.clock())
    if done.incidents:
        await asyncio.to_thread(service.store.alerts.stepped, kept.model, done)
        service.notifier.wake()
    return RedirectResponse(f"/alerts/{kept.incident.fingerprint}", 303)


@router.post("/alerts/{incident}/silence")
async def silence(request: Request, incident: str, caller: Administrator) -> Response:
    """Send nothing about an incident's model, or its rule, for a while."""
    service = service_of(request)
    kept, labels = await asyncio.to_thread(_named, service, caller, incident)
    form, now = await read_form(request), service.clock()
    match = {name: labels[name] for name in ("tenant", "model")}
    if form.get("scope") == "rule":
        match |= {name: labels[name] for name in ("rule", "metric", "column", "segment")}
    try:
        length = duration(form.get("for", ""))
        made = Silence(
            id=secrets.token_hex(6),
            match=match,
            author=form.get("by", "")[:100] or caller.key,
            why=form.get("why", "")[:500],
            starts=now,
            ends=now + length,
        )
    except (UsageError, ValueError) as error:
        raise Problem(400, "bad_silence", str(error)) from error
    kept_silence = KeptSilence(caller.tenant, made)
    await asyncio.to_thread(service.store.alerts.put_silence, kept_silence)
    return RedirectResponse(f"/alerts/{kept.incident.fingerprint}", 303)


def _rows(
    service: Service, caller: Caller, found: Sequence[tuple[KeptIncident, Mapping[str, str]]]
) -> list[Row]:
    """Incidents as lines of the list, with what holds back what would be sent of them."""
    silences, now, causes = _silences(service, caller), service.clock(), {}
    for number in {kept.model for kept, _ in found}:
        known = [one.incident for one in service.store.alerts.incidents(number)]
        causes[number] = causes_of(known)
    rows = []
    for kept, labels in found:
        incident, route = kept.incident, route_of(service.desk.routes, labels)
        held = Held(
            silenced(silences, labels, now),
            None if route is None else muted(route.mute, now),
            incident.is_told and causes[kept.model].explain(incident.signal),
        )
        rows.append(_row(incident, labels, held))
    return rows


@dataclass(frozen=True, slots=True)
class Held:
    """Why nothing is sent of an incident at this time."""

    silence: Silence | None
    mute: Mute | None
    explained: bool


def _row(incident: Incident, labels: Mapping[str, str], held: Held) -> Row:
    """An incident as a line of the list."""
    signal = incident.signal
    return Row(
        id=incident.fingerprint,
        tone=OF_SEVERITY[signal.severity] if incident.is_open else Tone.GOOD,
        severity=signal.severity.value,
        state=incident.state.value,
        model=labels["model"],
        what=signal.reason,
        since=to_datetime(signal.since),
        opened=incident.opened,
        ended=incident.ended,
        acknowledged=incident.acknowledged,
        silence=held.silence,
        mute=held.mute,
        explained=held.explained,
        waits=incident.signal.waiting.value if waits(incident) else "",
    )


def _silences(service: Service, caller: Caller) -> list[Silence]:
    """The silences of the tenant."""
    return [one.bound for one in service.store.alerts.silences(caller.tenant)]


def _labelled(service: Service, caller: Caller) -> Iterator[tuple[KeptIncident, dict[str, str]]]:
    """The incidents of the tenant, each with its labels."""
    models = {model.id: model for model in service.store.models(caller.tenant)}
    owners: dict[int, str | None] = {}
    for kept in service.store.alerts.incidents():
        if (model := models.get(kept.model)) is None:
            continue
        if model.id not in owners:
            owners[model.id] = owner_of(model)
        yield (
            kept,
            labels_of(
                kept.incident, tenant=caller.tenant, model=model.name, owner=owners[model.id]
            ),
        )


def _named(service: Service, caller: Caller, incident: str) -> tuple[KeptIncident, dict[str, str]]:
    """An incident of the tenant, and its labels.

    Raises:
        Problem: There is none; those of others are as good as none.
    """
    for kept, labels in _labelled(service, caller):
        if kept.incident.fingerprint == incident:
            return kept, labels
    raise Problem(404, "unknown_incident", "there is no such incident")
