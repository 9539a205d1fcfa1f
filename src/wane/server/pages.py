"""The pages for people: the list of models, one model, signing in, the first minutes."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow.parquet as pq
from fastapi import APIRouter, Request
from jinja2 import ChoiceLoader, PackageLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from wane.diagnose.verdict import State
from wane.report.column_charts import column_charts
from wane.report.environment import environment, style
from wane.report.parts import (
    COLUMNS,
    FINDINGS,
    MEASUREMENTS,
    RANGES,
    REPORT,
    SUMMARY,
    findings_of,
)
from wane.report.svg import printable
from wane.report.tone import Tone
from wane.server.access import Administrator, Reader, check_origin, identified, service_of
from wane.server.body import read_form
from wane.server.keys import Scope, make_key
from wane.server.problem import Problem
from wane.server.sessions import COOKIE, LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from wane.server.service import Service
    from wane.store.records import Model

router = APIRouter(include_in_schema=False)
WORST_FIRST = (Tone.BAD, Tone.WATCH, Tone.UNKNOWN, Tone.GOOD)
STATIC = ("htmx.min.js", "cursor.js", "server.css")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list of models."""

    name: str
    tone: Tone
    state: str
    sentence: str
    tiles: tuple[Mapping[str, Any], ...]
    evaluated: str


@router.get("/")
def portfolio(request: Request, caller: Reader) -> Response:
    """All models, worst first; the ways in while there is none."""
    service = service_of(request)
    models = service.store.models(caller.tenant)
    if not models:
        return show("welcome.html.j2", request, {"key": None, "model": "my-model"})
    rows = sorted((_row(service, model) for model in models), key=_badness)
    return show("portfolio.html.j2", request, {"rows": rows})


@router.post("/welcome")
def welcome(request: Request, caller: Administrator) -> Response:
    """The ways in, with a key for sending filled in; it is shown this once."""
    service = service_of(request)
    made = make_key(caller.tenant, [Scope.INGEST], service.clock(), note="made on the first page")
    values = {"key": service.keep_key(made), "model": "my-model"}
    return show("welcome.html.j2", request, values)


@router.get("/arrived")
def arrived(request: Request, caller: Reader) -> Response:
    """Asked by the first page until there is a model: then it shows the list."""
    if not service_of(request).store.models(caller.tenant):
        return Response(status_code=204)
    return Response(status_code=204, headers={"HX-Redirect": "/"})


@router.get("/models/{name}")
def model(request: Request, name: str, caller: Reader, last: str = "") -> Response:
    """One model, all of it or the newest part."""
    service = service_of(request)
    values = _model_values(service, service.model(caller, name), last)
    return show("model.html.j2", request, values)


@router.get("/models/{name}/findings")
def findings(
    request: Request, name: str, caller: Reader, last: str = "", seen: str = ""
) -> Response:
    """The middle of a model's page, when it is newer than what was seen."""
    service = service_of(request)
    values = _model_values(service, service.model(caller, name), last)
    if values["stamp"] == seen:
        return Response(status_code=204)
    return show("findings_part.html.j2", request, values)


@router.get("/models/{name}/columns/{column:path}")
def column(request: Request, name: str, column: str, caller: Reader) -> Response:
    """One column of a model: its distribution, and its metrics over time."""
    service = service_of(request)
    found = service.model(caller, name)
    parts = [service.store.result(found.id, part) for part in (COLUMNS, MEASUREMENTS, SUMMARY)]
    known, measured, summary = (b"" if part is None else part.body for part in parts)
    columns = json.loads(known or b"{}")
    if column not in columns:
        raise Problem(404, "unknown_column", f"the model has no column {column[:100]!r}")
    table = pq.read_table(io.BytesIO(measured), filters=[("column", "=", column)])
    charts = column_charts(table, column, json.loads(summary)["timezone"])
    row = columns[column]
    drawing = None if row["drawing"] is None else Markup(row["drawing"])  # noqa: S704  # ours
    values = {"model": found, "column": column, "row": row, "drawing": drawing, "charts": charts}
    return show("column.html.j2", request, values)


@router.get("/models/{name}/report")
def report(request: Request, name: str, caller: Reader) -> Response:
    """The report as a file to keep."""
    service = service_of(request)
    found = service.store.result(service.model(caller, name).id, REPORT)
    if found is None:
        raise Problem(404, "not_evaluated", "no window of this model has closed yet")
    headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
    return Response(found.body, media_type="text/html", headers=headers)


@router.get("/login")
def login(request: Request, next: str = "/") -> Response:  # noqa: A002  # the word in the address
    """Where people type a key in."""
    return show("login.html.j2", request, {"next": _own(next), "wrong": False})


@router.post("/login")
async def sign_in(request: Request) -> Response:
    """Begin a session, if the key is right."""
    check_origin(request)
    form = await read_form(request)
    service = service_of(request)
    target = _own(form.get("next", "/"))
    caller = service.caller(form.get("key", "").strip())
    if caller is None or not caller.may(Scope.READ):
        service.rate.take("login", service.seconds())
        return show("login.html.j2", request, {"next": target, "wrong": True}, 401)
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        COOKIE,
        service.sessions.begin(caller, service.clock()),
        max_age=int(LENGTH.total_seconds()),
        httponly=True,
        samesite="lax",
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
    )
    return answer


@router.post("/logout")
def sign_out(request: Request) -> Response:
    """End the session."""
    check_origin(request)
    service_of(request).sessions.end(request.cookies.get(COOKIE))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/static/report.css")
def report_style() -> Response:
    """The style sheet that the report has inside."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(style(), media_type="text/css", headers=headers)


def sign_in_instead(request: Request, problem: Problem) -> Response | None:
    """What a person is shown who cannot be shown a page; None for programs, which get JSON."""
    page = "text/html" in request.headers.get("accept", "")
    if request.method != "GET" or not page or request.url.path.startswith("/v1/"):
        return None
    if problem.status != 401:
        return show("problem.html.j2", request, {"problem": problem}, problem.status)
    raw = request.scope.get("raw_path") or request.url.path.encode()
    address = raw.decode("ascii", "replace") + (
        f"?{request.url.query}" if request.url.query else ""
    )
    return RedirectResponse(f"/login?next={quote(address, safe='')}", 303)


def _own(address: str) -> str:
    """An address of this server; anything else becomes the first page."""
    own = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if own and address.isprintable() else "/"


def _model_values(service: Service, model: Model, last: str) -> dict[str, Any]:
    """What the page of a model shows.

    Raises:
        Problem: There is no such time range.
    """
    if last and last not in RANGES:
        raise Problem(404, "unknown_range", f"a range is one of {', '.join(RANGES)}")
    store = service.store
    found = store.result(model.id, findings_of(last)) if last else None
    found = found or store.result(model.id, FINDINGS)
    failure = service.operator.failures.get(model.id)
    arrived = found is None and bool(store.waiting(model.id, 1) or store.files(model.id))
    evaluated = None if found is None else found.made.timestamp()
    failed = None if failure is None else failure.at.timestamp()
    return {
        "model": model,
        "last": last,
        "ranges": (*RANGES, ""),
        "findings": None if found is None else Markup(found.body.decode()),  # noqa: S704  # ours
        "evaluated": None if found is None else found.made,
        "stamp": "-".join(str(at) for at in (evaluated, failed, int(arrived)) if at),
        "failure": failure,
        "counts": store.counts(model.id),
        "arrived": arrived,
    }


def _row(service: Service, model: Model) -> Row:
    result = service.store.result(model.id, SUMMARY)
    if result is None:
        waiting = "Waiting for the first window to close."
        return Row(model.name, Tone.UNKNOWN, State.NO_DATA, waiting, (), "")
    found = json.loads(result.body)
    tiles = tuple(
        {
            **tile,
            "tone": Tone(tile["tone"]),
            "spark": None if tile["spark"] is None else Markup(tile["spark"]),  # noqa: S704  # ours
        }
        for tile in found["tiles"]
    )
    evaluated = f"{result.made:%Y-%m-%d %H:%M} UTC"
    return Row(model.name, Tone(found["tone"]), found["state"], found["sentence"], tiles, evaluated)


def _badness(row: Row) -> tuple[int, str]:
    return WORST_FIRST.index(row.tone), row.name


@cache
def _templates() -> Environment:
    """The templates of the report, and those of the pages around them."""
    own = environment().overlay(
        loader=ChoiceLoader([PackageLoader("wane.server"), PackageLoader("wane.report")])
    )
    static = files("wane.server") / "static"
    contents = {name: (static / name).read_bytes() for name in STATIC}
    contents["report.css"] = style().encode()
    own.globals["versions"] = {name: _version(data) for name, data in contents.items()}
    return own


def _version(data: bytes) -> str:
    """A word that changes with a file, so that browsers may keep it for ever."""
    return hashlib.sha256(data).hexdigest()[:12]


def show(
    template: str, request: Request, values: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """A filled page."""
    signed_in = identified(request) is not None if request.method == "GET" else True
    filled = (
        _templates()
        .get_template(template)
        .render(**values, signed_in=signed_in, base=str(request.base_url).rstrip("/"))
    )
    return HTMLResponse(printable(filled), status, {"Cache-Control": "no-store"})
