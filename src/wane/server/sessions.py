"""Sessions of people: a random word in a cookie stands for a key that was typed in once."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.server.keys import Caller

COOKIE = "wane_session"
LENGTH = dt.timedelta(hours=12)
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, and until when."""

    caller: Caller
    ends: dt.datetime


class Sessions:
    """The sessions of this process; they end with it."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}

    def begin(self, caller: Caller, now: dt.datetime) -> str:
        """Sign somebody in; gives the word for the cookie, of which only a hash is kept."""
        self._open = {name: one for name, one in self._open.items() if one.ends > now}
        if len(self._open) >= MOST:
            self._open.pop(next(iter(self._open)))
        word = secrets.token_urlsafe(32)
        self._open[_name(word)] = Session(caller, now + LENGTH)
        return word

    def find(self, word: str | None, now: dt.datetime) -> Caller | None:
        """Who is signed in with this word."""
        session = self._open.get(_name(word or ""))
        return session.caller if session is not None and session.ends > now else None

    def end(self, word: str | None) -> None:
        """Sign somebody out."""
        self._open.pop(_name(word or ""), None)


def _name(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()
