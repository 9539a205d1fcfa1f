"""The routes that show what is known, to programs."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from wane.config import Settings
from wane.config.duration import FORM as DURATION
from wane.config.duration import duration
from wane.diagnose.verdict import State
from wane.errors import WaneError
from wane.events.arrow import ARROW
from wane.metrics.tidy import to_objects
from wane.report.csv_table import to_csv
from wane.report.parts import CONCLUSIONS, MEASUREMENTS, NEWEST, REPORT, SUMMARY
from wane.server.access import Administrator, Reader, service_of
from wane.server.answer import BINARY, JSON, TEXT, answer, answers, answers_in, reference, takes
from wane.server.body import read_body
from wane.server.problem import Problem, described
from wane.server.references import PARQUET
from wane.window import to_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wane.server.keys import Caller
    from wane.server.service import Service
    from wane.store.records import Model

router = APIRouter(prefix="/v1/models", tags=["what is known"])
ERRORS = described(401, 403, 404, 429, 503)
MOST_ROWS = 100_000
"""Rows of one answer as JSON; the other forms have no bound."""
LARGEST_SETTINGS = 1 << 20
LAST_TIME = 10_000_000_000_000_000
"""Microseconds since 1970: in 2286."""


class ModelLine(msgspec.Struct, frozen=True, kw_only=True):
    """A model and its verdict.

    Attributes:
        name: Its name.
        created: When it was first heard of.
        state: The verdict in a word.
        sentence: The verdict; null until a window has been evaluated.
        advice: The next step; empty when there is nothing to do.
        newest_window_end: End of the newest window that was evaluated.
        evaluated: When that was.
    """

    name: str
    created: dt.datetime
    state: str
    sentence: str | None
    advice: str | None
    newest_window_end: dt.datetime | None
    evaluated: dt.datetime | None


class Models(msgspec.Struct, frozen=True):
    """The models of a tenant, by name."""

    models: tuple[ModelLine, ...]


class GivenReference(msgspec.Struct, frozen=True):
    """The data that a model is compared with."""

    rows: int
    given: dt.datetime


class FailedEvaluation(msgspec.Struct, frozen=True):
    """The newest failure of an evaluation."""

    at: dt.datetime
    message: str


class ModelPage(ModelLine, frozen=True, kw_only=True):
    """Everything about a model but its measurements.

    Attributes:
        settings: Keys of wane.toml.
        settings_version: From 1; each change makes a new one.
        counts: What was not counted, by reason.
        parked_labels: Labels whose prediction has not come.
        reference: What it is compared with; null: its own first windows.
        failure: Why the newest evaluation failed; null: it did not.
    """

    settings: dict[str, Any]
    settings_version: int
    counts: dict[str, int]
    parked_labels: int
    reference: GivenReference | None
    failure: FailedEvaluation | None


class NewSettings(msgspec.Struct, frozen=True):
    """The settings that hold from now on."""

    settings: dict[str, Any]
    settings_version: int


class Asked(msgspec.Struct, frozen=True):
    """The model is evaluated at the next turn, which comes at once."""

    status: Literal["asked"] = "asked"


class CountedWindow(msgspec.Struct, frozen=True):
    """A window that is counted.

    Attributes:
        window_start: When it begins.
        counted: When it was counted.
        revision: How often.
    """

    window_start: dt.datetime
    counted: dt.datetime
    revision: int


class Windows(msgspec.Struct, frozen=True):
    """The windows that are counted, oldest first."""

    windows: tuple[CountedWindow, ...]


class NewestValue(msgspec.Struct, frozen=True):
    """A series: a metric, of a column or a segment, and its value in the newest window.

    Attributes:
        metric: Its key.
        column: Of a column; null: of the whole model.
        segment: Of a segment; null: of all rows.
        value: Null where it is undefined, and then `reason` says why.
        n: Rows behind it.
        reason: See `value`.
    """

    metric: str
    column: str | None
    segment: str | None
    value: float | None
    n: int
    reason: str | None


class AllSeries(msgspec.Struct, frozen=True):
    """Every series of a model, and how many an answer leaves out."""

    series: tuple[NewestValue, ...]
    left_out: int


@router.get("", responses=answers(Models) | described(401, 403, 429, 503))
def models(request: Request, caller: Reader) -> Response:
    """All models of the tenant, with their verdicts."""
    service = service_of(request)
    found = service.store.models(caller.tenant)
    return answer(Models(tuple(ModelLine(**_line(service, model)) for model in found)))


@router.get("/{name}", responses=answers(ModelPage) | ERRORS)
def model(request: Request, name: str, caller: Reader) -> Response:
    """One model: verdict, settings, counters, reference."""
    service = service_of(request)
    found = service.model(caller, name)
    given = service.store.reference(found.id)
    failure = service.operator.failures.get(found.id)
    return answer(
        ModelPage(
            **_line(service, found),
            settings=json.loads(found.settings),
            settings_version=found.version,
            counts=service.store.counts(found.id),
            parked_labels=len(service.store.parked(found.id)),
            reference=None if given is None else GivenReference(given.rows, given.given),
            failure=None if failure is None else FailedEvaluation(failure.at, failure.message),
        )
    )


@router.put(
    "/{name}/settings",
    responses=answers(NewSettings) | described(400, 401, 403, 408, 409, 413, 415, 429, 503),
    openapi_extra=takes({JSON: reference("Settings")}, "The keys of wane.toml."),
)
async def settings(request: Request, name: str, caller: Administrator) -> Response:
    """Give a model settings; it is made when it is new, so that they hold for its first event."""
    service = service_of(request)
    service.known(caller, name)
    body = await read_body(request, LARGEST_SETTINGS)
    try:
        valid = Settings.model_validate_json(body)
    except (ValidationError, WaneError) as error:
        raise Problem(400, "bad_settings", str(error)) from error
    text = valid.model_dump_json(by_alias=True, exclude_unset=True)
    return answer(await asyncio.to_thread(_configured, service, caller, name, text))


def _configured(service: Service, caller: Caller, name: str, text: str) -> NewSettings:
    found = service.opened(caller, name)
    changed = service.store.configure(found.id, text, service.clock())
    service.intake.forget(found.id)
    service.operator.wake(found.id)
    return NewSettings(json.loads(text), changed.version)


@router.post("/{name}/evaluate", status_code=202, responses=answers(Asked, 202) | ERRORS)
def evaluate(request: Request, name: str, caller: Administrator) -> Response:
    """Have a model evaluated at the next turn, which comes at once."""
    service = service_of(request)
    service.operator.wake(service.model(caller, name).id)
    return answer(Asked(), 202)


@router.get("/{name}/windows", responses=answers(Windows) | ERRORS)
def windows(request: Request, name: str, caller: Reader) -> Response:
    """The windows that are counted: start, when, how often."""
    service = service_of(request)
    found = service.store.windows(service.model(caller, name).id)
    return answer(
        Windows(
            tuple(
                CountedWindow(to_datetime(window.start), window.counted, window.revision)
                for window in found
            )
        )
    )


@router.get("/{name}/conclusions", responses=answers_in({JSON: reference("Conclusions")}) | ERRORS)
def conclusions(request: Request, name: str, caller: Reader) -> Response:
    """Verdict, alerts, findings and summary: `wane check --format json` without measurements."""
    return Response(_part(service_of(request), caller, name, CONCLUSIONS), media_type=JSON)


@router.get("/{name}/alerts", responses=answers_in({JSON: reference("Alerts")}) | ERRORS)
def alerts(request: Request, name: str, caller: Reader) -> Response:
    """The alerts of the newest evaluation, oldest first, what is pending, and those taken back."""
    found = json.loads(_part(service_of(request), caller, name, CONCLUSIONS))
    shown = {key: found[key] for key in ("alerts", "pending", "withdrawn")}
    return Response(msgspec.json.encode(shown), media_type=JSON)


@router.get("/{name}/series", responses=answers(AllSeries) | ERRORS)
def series(request: Request, name: str, caller: Reader) -> Response:
    """What is measured of a model: every series, with its value in the newest window."""
    file = io.BytesIO(_part(service_of(request), caller, name, NEWEST))
    columns = ["metric", "column", "segment", "value", "n", "reason"]
    rows = pq.read_table(file, columns=columns).to_pylist()
    shown = tuple(NewestValue(**row) for row in rows[:MOST_ROWS])
    return answer(AllSeries(shown, max(0, len(rows) - MOST_ROWS)))


@router.get(
    "/{name}/report", responses=answers_in({"text/html": TEXT}) | ERRORS, response_class=Response
)
def report(request: Request, name: str, caller: Reader) -> Response:
    """The report as one self-contained HTML file."""
    body = _part(service_of(request), caller, name, REPORT)
    headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
    return Response(body, media_type="text/html", headers=headers)


Time = Annotated[AwareDatetime, Field(ge=to_datetime(0), lt=to_datetime(LAST_TIME))]
"""A time of the 20th to the 23rd century; the calendar's ends have no time in every zone."""


class Wanted(BaseModel):
    """Which measurements are asked for, and in which form; what is left out is not narrowed."""

    model_config = ConfigDict(extra="forbid")

    metric: list[str] = []
    column: list[str] = []
    segment: list[str] = []
    last: Annotated[str | None, Field(pattern=DURATION)] = None
    since: Time | None = None
    until: Time | None = None
    format: Literal["json", "csv", "parquet", "arrow"] = "json"


@router.get(
    "/{name}/measurements",
    responses=answers_in(
        {JSON: reference("Measurements"), "text/csv": TEXT, PARQUET: BINARY, ARROW: BINARY}
    )
    | ERRORS
    | described(422),
    response_class=Response,
)
def measurements(
    request: Request, name: str, caller: Reader, wanted: Annotated[Wanted, Query()]
) -> Response:
    """Measurements as a tidy table: by metric, column and segment, and in time."""
    service = service_of(request)
    file = io.BytesIO(_part(service, caller, name, MEASUREMENTS))
    # As filters of the file, so that groups of rows that have none of it are not even unpacked.
    table = pq.read_table(file, filters=_filters(wanted, service.clock()) or None)
    return FORMS[wanted.format](table, name)


def _as_json(table: pa.Table, _name: str) -> Response:
    shown = to_objects(table.slice(0, MOST_ROWS))
    left_out = max(0, table.num_rows - MOST_ROWS)
    return Response(
        msgspec.json.encode({"measurements": shown, "left_out": left_out}), media_type=JSON
    )


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


def _filters(wanted: Wanted, now: dt.datetime) -> list[tuple[str, str, object]]:
    """What is asked for, as Parquet readers take it."""
    found: list[tuple[str, str, object]] = [
        (field, "in", values)
        for field in ("metric", "column", "segment")
        if (values := getattr(wanted, field))
    ]
    if wanted.last is not None:
        found.append(("window_start", ">=", now - duration(wanted.last)))
    if wanted.since is not None:
        found.append(("window_start", ">=", wanted.since))
    if wanted.until is not None:
        found.append(("window_end", "<=", wanted.until))
    return found


def _line(service: Service, model: Model) -> dict[str, Any]:
    """The fields of a line of the list of models."""
    result = service.store.result(model.id, SUMMARY)
    summary = {} if result is None else json.loads(result.body)
    end = summary.get("newest_window_end")
    return {
        "name": model.name,
        "created": model.created,
        "state": summary.get("state", State.NO_DATA),
        "sentence": summary.get("sentence"),
        "advice": summary.get("advice"),
        "newest_window_end": None if end is None else dt.datetime.fromisoformat(end),
        "evaluated": None if result is None else result.made,
    }
