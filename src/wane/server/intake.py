"""What models take, read from the store at most once a second: senders ask hundreds of times."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.pipeline.policy import policy_of
from wane.pipeline.standing import Standing, standing_of
from wane.server.recent import recent
from wane.server.space import check_space
from wane.store.records import Model

if TYPE_CHECKING:
    from wane.events.policy import Policy
    from wane.store.directory import DataDirectory
    from wane.store.store import Store

FRESH = dt.timedelta(seconds=1)
MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A model and what it takes, as they were at a moment."""

    at: dt.datetime
    model: Model
    policy: Policy


class Intake:
    """Models and their policies, as they are or were less than a second ago.

    Args:
        store: Where they are.
        directory: Whose disk must have room.
    """

    def __init__(self, store: Store, directory: DataDirectory) -> None:
        self._store, self._directory = store, directory
        self._secret = directory.secret()
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], _Known] = {}
        self._standing: dict[int, Standing | None] = {}
        self._room_at: dt.datetime | None = None

    def of(self, tenant: str, name: str, now: dt.datetime) -> tuple[Model | None, Policy]:
        """A model and what it takes now.

        Where the tenant has no model of that name, that is looked up each time; the policy is then
        what a new model takes.
        """
        known = self._known.get((tenant, name))
        if known is not None and recent(known.at, FRESH, now):
            return known.model, replace(known.policy, now=now)
        found = self._store.model(tenant, name)
        if found is None:
            new = Model(0, tenant, name, now, "{}", 0)
            return None, policy_of(new, None, self._secret, now)
        with self._lock:
            policy = policy_of(found, self._standing_of(found.id), self._secret, now)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[tenant, name] = _Known(now, found, policy)
        return found, policy

    def check_space(self, now: dt.datetime) -> None:
        """Refuse events when the disk is nearly full.

        Raises:
            Problem: 503.
        """
        if not recent(self._room_at, FRESH, now):
            check_space(self._directory.path)
            self._room_at = now

    def forget(self, model: int) -> None:
        """Read a model again: its settings, its plan or its reference has changed."""
        with self._lock:
            self._standing.pop(model, None)
            self._known = {key: one for key, one in self._known.items() if one.model.id != model}

    def _standing_of(self, model: int) -> Standing | None:
        """How a model is counted, read once for each plan; the lock is held meanwhile.

        Otherwise one that was read before a change could be kept after it.
        """
        if model not in self._standing:
            self._standing[model] = standing_of(self._store.plan(model))
        return self._standing[model]
