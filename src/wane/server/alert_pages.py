"""The pages of incidents: the list, one of them, looking after it, silencing it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from wane.alert.life import acknowledge, waits
from wane.alert.route import labels_of
from wane.alert.silence import Silence, silenced
from wane.config.duration import duration
from wane.detect.severity import Severity
from wane.errors import UsageError
from wane.report.tone import OF_SEVERITY, Tone
from wane.server.access import allowed, service_of
from wane.server.body import read_body
from wane.server.keys import Caller, Scope
from wane.server.pages import show
from wane.server.problem import Problem
from wane.store.alerts import KeptSilence
from wane.window import to_datetime

if TYPE_CHECKING:
    import datetime as dt

    from wane.server.service import Service
    from wane.store.alerts import KeptIncident

router = APIRouter(include_in_schema=False)
Reader = Annotated[Caller, Depends(allowed(Scope.READ))]
Administrator = Annotated[Caller, Depends(allowed(Scope.ADMIN))]
MOST_FORM = 10_000
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
    waits: bool


@router.get("/alerts")
def alerts(request: Request, caller: Reader, over: bool = False) -> Response:  # noqa: FBT001, FBT002
    """Open incidents of all models, the worst first; with `over`, those that ended too."""
    service = service_of(request)
    rows = [row for row in _rows(service, caller) if over or row.ended is None]
    return show("alerts.html.j2", request, {"rows": rows, "over": over})


@router.get("/alerts/{incident}")
def alert(request: Request, incident: str, caller: Reader) -> Response:
    """One incident: what it is, what happened to it, who was told."""
    service = service_of(request)
    kept = _named(service, caller, incident)
    store = service.store.alerts
    name = kept.incident.fingerprint
    values = {
        "row": next(row for row in _rows(service, caller) if row.id == name),
        "incident": kept.incident,
        "steps": store.transitions(kept.model, name),
        "attempts": [one for one in store.attempts(MOST_ATTEMPTS) if name in one.fingerprints],
        "may_change": caller.may(Scope.ADMIN),
    }
    return show("alert.html.j2", request, values)


@router.post("/alerts/{incident}/acknowledge")
async def look_after(request: Request, incident: str, caller: Administrator) -> Response:
    """Note who looks after an incident; reminders stop."""
    service = service_of(request)
    kept = _named(service, caller, incident)
    form = await _form(request)
    done = acknowledge(kept.incident, form.get("by", "")[:100] or caller.key, service.clock())
    if done.incidents:
        await asyncio.to_thread(service.store.alerts.stepped, kept.model, done)
        service.notifier.wake()
    return RedirectResponse(f"/alerts/{kept.incident.fingerprint}", 303)


@router.post("/alerts/{incident}/silence")
async def silence(request: Request, incident: str, caller: Administrator) -> Response:
    """Send nothing about an incident's model, or its rule, for a while."""
    service = service_of(request)
    kept = _named(service, caller, incident)
    form, now = await _form(request), service.clock()
    labels = _labels(service, kept)
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


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent."""
    body = await read_body(request, MOST_FORM)
    return {name: many[0] for name, many in parse_qs(body.decode("utf-8", "replace")).items()}


def _rows(service: Service, caller: Caller) -> list[Row]:
    """The incidents of the tenant, open ones first, the worst of them first."""
    names = {model.id: model.name for model in service.store.models(caller.tenant)}
    kept = [one for one in service.store.alerts.incidents() if one.model in names]
    silences = [one.silence for one in service.store.alerts.silences(caller.tenant)]
    now = service.clock()
    rows = [
        Row(
            id=one.incident.fingerprint,
            tone=OF_SEVERITY[one.incident.signal.severity] if one.incident.is_open else Tone.GOOD,
            severity=one.incident.signal.severity.value,
            state=one.incident.state.value,
            model=names[one.model],
            what=one.incident.signal.reason,
            since=to_datetime(one.incident.signal.since),
            opened=one.incident.opened,
            ended=one.incident.ended,
            acknowledged=one.incident.acknowledged,
            silence=silenced(silences, _labels(service, one), now),
            waits=waits(one.incident),
        )
        for one in kept
    ]
    rank = {severity.value: severity.rank for severity in Severity}
    return sorted(rows, key=lambda row: (row.ended is not None, -rank[row.severity], row.opened))


def _labels(service: Service, kept: KeptIncident) -> dict[str, str]:
    """An incident as labels."""
    model = next(one for one in service.store.models() if one.id == kept.model)
    return labels_of(kept.incident, tenant=model.tenant, model=model.name)


def _named(service: Service, caller: Caller, incident: str) -> KeptIncident:
    """An incident of the tenant.

    Raises:
        Problem: There is none; those of others are as good as none.
    """
    numbers = {model.id for model in service.store.models(caller.tenant)}
    for kept in service.store.alerts.incidents():
        if kept.model in numbers and kept.incident.fingerprint == incident:
            return kept
    raise Problem(404, "unknown_incident", "there is no such incident")
