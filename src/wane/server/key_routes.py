"""The routes by which administrators make and drop keys."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from wane.server.access import allowed, service_of
from wane.server.keys import Caller, Scope, make_key
from wane.server.problem import Problem, described

if TYPE_CHECKING:
    from wane.store.records import StoredKey

router = APIRouter(prefix="/v1/keys")
Administrator = Annotated[Caller, Depends(allowed(Scope.ADMIN))]
ERRORS = described(400, 401, 403, 404, 422, 429, 503)


class NewKey(BaseModel):
    """What a new key may do, and how long."""

    model_config = ConfigDict(extra="forbid")

    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    note: Annotated[str, Field(max_length=200)] = ""
    days: Annotated[int | None, Field(ge=1, le=3_650)] = None


@router.get("", responses=ERRORS)
def keys(request: Request, caller: Administrator) -> Response:
    """The keys of the tenant, without their secrets."""
    found = service_of(request).store.keys(caller.tenant)
    return JSONResponse({"keys": [_shown(key) for key in found]})


@router.post("", status_code=201, responses=ERRORS)
def create(request: Request, new: NewKey, caller: Administrator) -> Response:
    """Make a key. Its text is in this answer and nowhere else."""
    service = service_of(request)
    now = service.clock()
    expires = None if new.days is None else now + dt.timedelta(days=new.days)
    made = make_key(caller.tenant, new.scopes, now, note=new.note, expires=expires)
    service.store.put_key(made.stored)
    service.load_keys()
    return JSONResponse({"key": made.text, **_shown(made.stored)}, 201)


@router.delete("/{key_id}", status_code=204, responses=ERRORS)
def drop(request: Request, key_id: str, caller: Administrator) -> Response:
    """Drop a key; it opens nothing from now on."""
    service = service_of(request)
    if key_id not in {key.id for key in service.store.keys(caller.tenant)}:
        raise Problem(404, "unknown_key", "there is no such key")
    service.store.drop_key(key_id)
    service.load_keys()
    return Response(status_code=204)


def _shown(key: StoredKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "scopes": sorted(key.scopes),
        "note": key.note,
        "created": key.created.isoformat(),
        "expires": None if key.expires is None else key.expires.isoformat(),
    }
