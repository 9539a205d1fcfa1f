"""API keys: `wane_<id>_<secret>`. Only a hash of the secret is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.store.records import StoredKey

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

FORM = re.compile(r"wane_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
SECRET_BYTES = 32


class Scope(StrEnum):
    """What a key may do."""

    INGEST = "ingest"
    """Send events and references."""
    READ = "read"
    """See everything of the tenant."""
    ADMIN = "admin"
    """The other two, and change settings and keys."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        tenant: Whose models are seen.
        key: Id of the key.
        scopes: What is allowed.
    """

    tenant: str
    key: str
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Whether a scope is granted."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key: what is kept of it, and the text that is shown once."""

    stored: StoredKey
    text: str


def make_key(
    tenant: str,
    scopes: Iterable[Scope],
    now: dt.datetime,
    *,
    note: str = "",
    expires: dt.datetime | None = None,
) -> MadeKey:
    """A new key with a random secret of 256 bits."""
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(SECRET_BYTES)
    stored = StoredKey(
        id=name,
        tenant=tenant,
        digest=_digest(secret),
        scopes=frozenset(map(str, scopes)),
        note=note,
        created=now,
        expires=expires,
    )
    return MadeKey(stored, f"wane_{name}_{secret}")


def caller_of(text: str, keys: Mapping[str, StoredKey], now: dt.datetime) -> Caller | None:
    """Whose key a text is; None where it is no valid key, or one that has expired.

    The secret has 256 random bits, so that one round of SHA-256 is enough; it is compared in
    constant time.
    """
    form = FORM.fullmatch(text)
    if form is None:
        return None
    key = keys.get(form[1])
    known = key.digest if key is not None else _digest("")
    same = hmac.compare_digest(_digest(form[2]), known)
    if key is None or not same or not is_valid(key, now):
        return None
    return Caller(key.tenant, key.id, key.scopes)


def is_valid(key: StoredKey, now: dt.datetime) -> bool:
    """Whether a key has not expired."""
    return key.expires is None or now < key.expires


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
