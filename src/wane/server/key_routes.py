"""The routes by which administrators make and drop keys."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from wane.server.access import Administrator, service_of
from wane.server.answer import JSON, answer, answers, done, reference, takes
from wane.server.body import read_body
from wane.server.keys import Scope, is_valid, make_key
from wane.server.problem import Problem, described

if TYPE_CHECKING:
    from wane.server.keys import Caller
    from wane.server.service import Service
    from wane.store.records import StoredKey

router = APIRouter(prefix="/v1/keys", tags=["keys"])
LARGEST = 10_000
"""Bytes of a request for a key."""


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a new key may do, and how long.

    Attributes:
        scopes: What it may do.
        note: What it is for.
        days: Days until it ends; null: it does not end.
    """

    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(min_length=1, max_length=3)]
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] | None = None


class ShownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret.

    Attributes:
        id: Its public part.
        scopes: What it may do.
        note: What it is for.
        created: When it was made.
        expires: When it ends; null: it does not.
        used: When it was last used since the server started; null: it was not.
    """

    id: str
    scopes: tuple[str, ...]
    note: str
    created: dt.datetime
    expires: dt.datetime | None
    used: dt.datetime | None


class MadeKey(ShownKey, frozen=True, kw_only=True):
    """A new key, with the text that is shown this once."""

    key: str


class Keys(msgspec.Struct, frozen=True):
    """The keys of a tenant, oldest first."""

    keys: tuple[ShownKey, ...]


@router.get("", responses=answers(Keys) | described(401, 403, 429, 503))
def keys(request: Request, caller: Administrator) -> Response:
    """The keys of the tenant, without their secrets."""
    service = service_of(request)
    found = service.store.keys(caller.tenant)
    return answer(Keys(tuple(_shown(key, service.used.get(key.id)) for key in found)))


@router.post(
    "",
    status_code=201,
    responses=answers(MadeKey, 201) | described(400, 401, 403, 408, 409, 413, 415, 429, 503),
    openapi_extra=takes({JSON: reference("NewKey")}, "What the key may do, and how long."),
)
async def create(request: Request, caller: Administrator) -> Response:
    """Make a key. Its text is in this answer and nowhere else."""
    body = await read_body(request, LARGEST)
    try:
        new = msgspec.json.decode(body, type=NewKey)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "bad_request", f"this says no new key: {error}") from error
    return answer(await asyncio.to_thread(_made, service_of(request), caller, new), 201)


@router.delete(
    "/{key_id}", status_code=204, responses=done() | described(401, 403, 404, 409, 429, 503)
)
def drop(request: Request, key_id: str, caller: Administrator) -> Response:
    """Drop a key; it opens nothing from now on, nor do sessions that began with it."""
    service = service_of(request)
    known = service.store.keys(caller.tenant)
    if key_id not in {key.id for key in known}:
        raise Problem(404, "unknown_key", "there is no such key")
    now = service.clock()
    if not any(
        Scope.ADMIN in key.scopes and is_valid(key, now) for key in known if key.id != key_id
    ):
        raise Problem(
            409, "last_administrator", "no other key has the scope 'admin'; make one first"
        )
    service.store.drop_key(key_id)
    service.load_keys()
    return Response(status_code=204)


def _made(service: Service, caller: Caller, new: NewKey) -> MadeKey:
    now = service.clock()
    expires = None if new.days is None else now + dt.timedelta(days=new.days)
    made = make_key(caller.tenant, new.scopes, now, note=new.note, expires=expires)
    key = service.keep_key(made)
    return MadeKey(key=key, **msgspec.structs.asdict(_shown(made.stored, None)))


def _shown(key: StoredKey, used: dt.datetime | None) -> ShownKey:
    return ShownKey(
        id=key.id,
        scopes=tuple(sorted(key.scopes)),
        note=key.note,
        created=key.created,
        expires=key.expires,
        used=used,
    )
