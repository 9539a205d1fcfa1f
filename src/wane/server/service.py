"""The parts of a running server, and who may speak to them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from wane.pipeline.desk import Desk
from wane.server.ailing import ailments
from wane.server.body import Arriving
from wane.server.exposition import Exposition
from wane.server.intake import Intake
from wane.server.keys import Caller, Scope, caller_of, is_valid, make_key
from wane.server.notifier import Notifier
from wane.server.operator import Operator, Pace
from wane.server.problem import Problem
from wane.server.rate import RateLimit
from wane.server.sessions import Sessions
from wane.server.writer import Writer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from wane.server.keys import MadeKey
    from wane.store.directory import DataDirectory
    from wane.store.records import Model, StoredKey
    from wane.store.store import Store

DEFAULT_TENANT = "default"
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
MOST_KEYS = 1_000
"""Keys of a tenant."""
MOST_MODELS = 5_000
"""Models of a tenant: names of senders' making must not fill the disk."""


class Service:
    """One process, one data directory.

    Args:
        store: What is remembered; written by this process alone.
        directory: Held by this process.
        clock: The time, with a zone.
        pace: How often models are attended to.
        rate: How often a key may ask.
        desk: Who is told of incidents, and how; None: nobody.
    """

    def __init__(
        self,
        store: Store,
        directory: DataDirectory,
        clock: Callable[[], dt.datetime],
        pace: Pace | None = None,
        *,
        rate: RateLimit | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.store, self.directory, self.clock = store, directory, clock
        self.writer = Writer(store)
        self.intake = Intake(store, directory)
        self.desk = told = desk or Desk()
        self.notifier = Notifier(store, told, clock, self.ailments)
        self.operator = Operator(
            store,
            directory,
            clock,
            pace,
            intake=self.intake,
            told=self.notifier.wake,
            keep_firing=told.keep_firing,
        )
        self.exposition = Exposition(store, self.writer, self.operator)
        self.arriving = Arriving()
        self.sessions = Sessions()
        self.rate = rate or RateLimit()
        self.used: dict[str, dt.datetime] = {}
        self._keys: Mapping[str, StoredKey] = {}
        self.load_keys()

    def start(self) -> None:
        """Begin to write and to evaluate."""
        self.writer.start()
        self.operator.start()
        self.notifier.start()

    def stop(self) -> None:
        """Finish what was accepted, then end."""
        self.operator.stop()
        self.notifier.stop()
        self.writer.stop()

    def ailments(self, now: dt.datetime, lag: dt.timedelta) -> tuple[str, ...]:
        """What is not well: see `wane.server.ailing`."""
        return ailments(self.store, self.directory, self.writer, self.operator, now=now, lag=lag)

    @staticmethod
    def seconds() -> float:
        """Seconds by a clock that never goes back."""
        return time.monotonic()

    def first_key(self) -> str | None:
        """An administrator's key, when there is no key at all; it is shown this once."""
        if self._keys:
            return None
        made = make_key(DEFAULT_TENANT, [Scope.ADMIN], self.clock(), note="first start")
        return self.keep_key(made)

    def keep_key(self, made: MadeKey) -> str:
        """Let a new key open what it may; gives its text.

        Raises:
            Problem: The tenant has too many of them.
        """
        if len(self.store.keys(made.stored.tenant)) >= MOST_KEYS:
            raise Problem(409, "too_many_keys", f"there are {MOST_KEYS:,} keys; drop some first")
        self.store.put_key(made.stored)
        self.load_keys()
        return made.text

    def load_keys(self) -> None:
        """Read the keys again, after one was made or dropped."""
        stored = self.store.keys()
        self._keys = {key.id: key for key in stored}
        self.used = {name: at for name, at in self.used.items() if name in self._keys}

    def caller(self, text: str) -> Caller | None:
        """Whose key this is; when keys were last used is in `used`, since the start."""
        now = self.clock()
        found = caller_of(text, self._keys, now)
        if found is not None:
            self.used[found.key] = now
        return found

    def signed_in(self, word: str | None) -> Caller | None:
        """Whose session this is, if the key that began it still opens anything."""
        now = self.clock()
        found = self.sessions.find(word, now)
        key = None if found is None else self._keys.get(found.key)
        return found if key is not None and is_valid(key, now) else None

    def model(self, caller: Caller, name: str) -> Model:
        """A model of the caller's tenant.

        Raises:
            Problem: There is none of that name; those of others are as good as none.
        """
        found = self.store.model(caller.tenant, name)
        if found is None:
            raise Problem(404, "unknown_model", f"there is no model {name[:100]!r}")
        return found

    def known(self, caller: Caller, name: str) -> Model | None:
        """A model of the caller's tenant; None for one that can be made.

        Raises:
            Problem: No model can have that name.
        """
        found, _ = self.intake.of(caller.tenant, name, self.clock())
        if found is None and MODEL_NAME.fullmatch(name) is None:
            raise Problem(
                400,
                "bad_model_name",
                "a model's name has up to 100 letters, digits, dots, dashes and underscores, and "
                "begins with a letter or digit",
            )
        return found

    def opened(self, caller: Caller, name: str) -> Model:
        """A model of the caller's tenant, made when it is new.

        Raises:
            Problem: No model can have that name, or there are too many.
        """
        found = self.known(caller, name)
        if found is not None:
            return found
        if len(self.store.models(caller.tenant)) >= MOST_MODELS:
            raise Problem(409, "too_many_models", f"there are {MOST_MODELS:,} models already")
        return self.store.open_model(caller.tenant, name, self.clock())
