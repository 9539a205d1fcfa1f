"""The routes that show what is known, to programs."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse, Response

from wane.config import Settings
from wane.config.duration import FORM as DURATION
from wane.config.duration import duration
from wane.errors import WaneError
from wane.events.arrow import ARROW
from wane.metrics.tidy import to_objects
from wane.report.csv_table import to_csv
from wane.report.parts import CONCLUSIONS, MEASUREMENTS, REPORT, SUMMARY
from wane.server.access import allowed, service_of
from wane.server.body import read_body
from wane.server.ingest import PARQUET
from wane.server.keys import Caller, Scope
from wane.server.problem import Problem, answered, described
from wane.window import to_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wane.server.service import Service
    from wane.store.records import Model

router = APIRouter(prefix="/v1/models")
Reader = Annotated[Caller, Depends(allowed(Scope.READ))]
Administrator = Annotated[Caller, Depends(allowed(Scope.ADMIN))]
ERRORS = described(400, 401, 403, 404, 422, 429, 503)
MOST_ROWS = 100_000
"""Rows of one answer as JSON; the other forms have no bound."""


@router.get("", responses=ERRORS)
def models(request: Request, caller: Reader) -> Response:
    """All models of the tenant, with their verdicts."""
    service = service_of(request)
    found = [_entry(service, model) for model in service.store.models(caller.tenant)]
    return JSONResponse({"models": found})


@router.get("/{name}", responses=ERRORS)
def model(request: Request, name: str, caller: Reader) -> Response:
    """One model: verdict, settings, counters, reference."""
    service = service_of(request)
    found = service.model(caller, name)
    reference = service.store.reference(found.id)
    failure = service.operator.failures.get(found.id)
    return JSONResponse(
        {
            **_entry(service, found),
            "settings": json.loads(found.settings),
            "settings_version": found.version,
            "counts": service.store.counts(found.id),
            "parked_labels": len(service.store.parked(found.id)),
            "reference": None
            if reference is None
            else {"rows": reference.rows, "given": reference.given.isoformat()},
            "failure": None
            if failure is None
            else {"at": failure.at.isoformat(), "message": failure.message},
        }
    )


@router.put(
    "/{name}/settings",
    responses=described(400, 401, 403, 404, 413, 422, 429, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
)
async def settings(request: Request, name: str, caller: Administrator) -> Response:
    """Give a model settings: the keys of wane.toml as a JSON object."""
    service = service_of(request)
    found = service.model(caller, name)
    body = await read_body(request)
    try:
        valid = Settings.model_validate_json(body)
    except (ValidationError, WaneError) as error:
        raise Problem(400, "bad_settings", str(error)) from error
    text = valid.model_dump_json(by_alias=True, exclude_unset=True)
    changed = await asyncio.to_thread(service.store.configure, found.id, text, service.clock())
    service.forget(found.id)
    service.operator.wake(found.id)
    return JSONResponse({"settings": json.loads(text), "settings_version": changed.version})


@router.post("/{name}/evaluate", status_code=202, responses=ERRORS)
def evaluate(request: Request, name: str, caller: Administrator) -> Response:
    """Have a model evaluated at the next turn, which comes at once."""
    service = service_of(request)
    service.operator.wake(service.model(caller, name).id)
    return JSONResponse({"status": "asked"}, 202)


@router.get("/{name}/windows", responses=ERRORS)
def windows(request: Request, name: str, caller: Reader) -> Response:
    """The windows that are counted: start, when, how often."""
    service = service_of(request)
    found = service.store.windows(service.model(caller, name).id)
    return JSONResponse(
        {
            "windows": [
                {
                    "window_start": to_datetime(window.start).isoformat(),
                    "counted": window.counted.isoformat(),
                    "revision": window.revision,
                }
                for window in found
            ]
        }
    )


@router.get("/{name}/conclusions", responses=ERRORS)
def conclusions(request: Request, name: str, caller: Reader) -> Response:
    """Verdict, alerts, findings and summary: `wane check --format json` without measurements."""
    return Response(
        _part(service_of(request), caller, name, CONCLUSIONS), media_type="application/json"
    )


@router.get("/{name}/alerts", responses=ERRORS)
def alerts(request: Request, name: str, caller: Reader) -> Response:
    """The alerts of the newest evaluation, oldest first, and those taken back."""
    found = json.loads(_part(service_of(request), caller, name, CONCLUSIONS))
    return JSONResponse({"alerts": found["alerts"], "withdrawn": found["withdrawn"]})


@router.get("/{name}/report", responses=answered("text/html") | ERRORS, response_class=Response)
def report(request: Request, name: str, caller: Reader) -> Response:
    """The report as one self-contained HTML file."""
    body = _part(service_of(request), caller, name, REPORT)
    headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
    return Response(body, media_type="text/html", headers=headers)


class Wanted(BaseModel):
    """Which measurements are asked for, and in which form; what is left out is not narrowed."""

    model_config = ConfigDict(extra="forbid")

    metric: list[str] = []
    column: list[str] = []
    segment: list[str] = []
    last: Annotated[str | None, Field(pattern=DURATION)] = None
    format: Literal["json", "csv", "parquet", "arrow"] = "json"


@router.get(
    "/{name}/measurements",
    responses=answered("application/json", "text/csv", PARQUET, ARROW) | ERRORS,
    response_class=Response,
)
def measurements(
    request: Request, name: str, caller: Reader, wanted: Annotated[Wanted, Query()]
) -> Response:
    """Measurements as a tidy table: by metric, column and segment, and of the newest windows."""
    service = service_of(request)
    table = pq.read_table(io.BytesIO(_part(service, caller, name, MEASUREMENTS)))
    for field in ("metric", "column", "segment"):
        if values := getattr(wanted, field):
            table = table.filter(pc.is_in(table[field], pa.array(values, pa.string())))
    if wanted.last is not None:
        since = pa.scalar(service.clock() - duration(wanted.last), pa.timestamp("us", "UTC"))
        table = table.filter(pc.greater_equal(table["window_start"], since))
    return FORMS[wanted.format](table, name)


def _as_json(table: pa.Table, _name: str) -> Response:
    shown = to_objects(table.slice(0, MOST_ROWS))
    left_out = max(0, table.num_rows - MOST_ROWS)
    return JSONResponse({"measurements": shown, "left_out": left_out})


def _as_csv(table: pa.Table, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}-measurements.csv"'}
    return Response(to_csv(table), media_type="text/csv", headers=headers)


def _as_parquet(table: pa.Table, name: str) -> Response:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    headers = {"Content-Disposition": f'attachment; filename="{name}-measurements.parquet"'}
    return Response(sink.getvalue(), media_type=PARQUET, headers=headers)


def _as_arrow(table: pa.Table, _name: str) -> Response:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return Response(sink.getvalue().to_pybytes(), media_type=ARROW)


FORMS: Mapping[str, Callable[[pa.Table, str], Response]] = {
    "json": _as_json,
    "csv": _as_csv,
    "parquet": _as_parquet,
    "arrow": _as_arrow,
}


def _part(service: Service, caller: Caller, name: str, part: str) -> bytes:
    found = service.store.result(service.model(caller, name).id, part)
    if found is None:
        raise Problem(
            404, "not_evaluated", "no window of this model has closed yet; look again later"
        )
    return found.body


def _entry(service: Service, model: Model) -> dict[str, Any]:
    """A line of the list of models."""
    result = service.store.result(model.id, SUMMARY)
    summary = {} if result is None else json.loads(result.body)
    return {
        "name": model.name,
        "created": model.created.isoformat(),
        "state": summary.get("state", "no data"),
        "sentence": summary.get("sentence"),
        "advice": summary.get("advice"),
        "newest_window_end": summary.get("newest_window_end"),
        "evaluated": None if result is None else result.made.isoformat(),
    }
