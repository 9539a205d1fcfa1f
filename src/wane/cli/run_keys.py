"""What `wane keys` does once its flags are read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.cli.held import held
from wane.cli.run_upkeep import looked_at
from wane.cli.say import emit
from wane.cli.show import width
from wane.errors import ConfigError, UsageError, did_you_mean
from wane.report.digest import Table
from wane.report.layout import table_lines
from wane.server.keys import Scope, make_key

if TYPE_CHECKING:
    from collections.abc import Sequence


def create_key(
    data: str, *, tenant: str, scopes: Sequence[str], note: str, days: int | None
) -> None:
    """Make a key and print it.

    Raises:
        ConfigError: A scope is not known.
        StoreError: The directory cannot be used, or a server holds it.
    """
    for scope in scopes:
        if scope not in set(Scope):
            raise ConfigError(
                f"{scope!r} is no scope",
                expected=" or ".join(Scope),
                hint=did_you_mean(scope, map(str, Scope)),
            )
    now = dt.datetime.now(dt.UTC)
    expires = None if days is None else now + dt.timedelta(days=days)
    made = make_key(tenant, map(Scope, scopes), now, note=note, expires=expires)
    with held(data) as place:
        place.store.put_key(made.stored)
    emit(f"{made.text}\n")


def list_keys(data: str) -> None:
    """Print the keys.

    Raises:
        StoreError: There is no data directory.
    """
    with looked_at(data) as store:
        stored = store.keys()
    rows = tuple(
        (
            key.id,
            key.tenant,
            " ".join(sorted(key.scopes)),
            f"{key.created:%Y-%m-%d}",
            "never" if key.expires is None else f"{key.expires:%Y-%m-%d}",
            key.note,
        )
        for key in stored
    )
    header = ("id", "tenant", "scopes", "made", "ends", "note")
    emit("\n".join(table_lines(Table("Keys", header, rows, frozenset()), width())) + "\n")


def drop_key(data: str, key_id: str) -> None:
    """Drop a key.

    Raises:
        UsageError: There is none of that id.
        StoreError: The directory cannot be used, or a server holds it.
    """
    with held(data) as place:
        if not place.store.drop_key(key_id):
            raise UsageError(f"there is no key {key_id!r}", hint="`wane keys list` shows them.")
