"""Count a model again from its raw files: after files were restored, or profiles damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.errors import WaneError
from wane.pipeline.attend import Attended, attend
from wane.pipeline.slots import slots_of
from wane.pipeline.standing import Standing, standing_of, unpack
from wane.store.parquet import damage
from wane.store.records import Evaluated

if TYPE_CHECKING:
    import datetime as dt

    from wane.engine.local import Workers
    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.store import Store


def rebuild(
    store: Store,
    directory: DataDirectory,
    model: Model,
    workers: Workers,
    now: dt.datetime,
    *,
    afresh: bool = False,
) -> Attended:
    """Recount every window whose rows are kept; older windows keep their profiles.

    Files noted as damaged are tried again. Profiles that cannot be read are dropped. An interrupted
    rebuild is finished by the next evaluation.

    Args:
        store: The store.
        directory: The data directory, held by this process.
        model: The model.
        workers: Reader processes.
        now: The time.
        afresh: Whether to fix anew how rows are counted, by the rows that are kept: new columns are
            taken in, and windows older than these rows are not shown any more. That is also done
            where the plan cannot be read.

    Raises:
        WaneError: As for `evaluate`.
    """
    _forgive(store, directory, model.id)
    if not _is_readable(store, model.id):
        afresh = True
    if not afresh:
        _drop_broken(store, model.id, now)
        store.mark(model.id, dict.fromkeys(slots_of(store.files(model.id)), 0))
    return attend(store, directory, model, workers, now, afresh=afresh)


def _forgive(store: Store, directory: DataDirectory, model: int) -> None:
    """Look at damaged files again: they may have been restored."""
    lame = [file.name for file in store.files(model) if file.damage]
    if lame:
        store.put_damage(model, {name: damage(directory.raw / name) for name in lame})


def _is_readable(store: Store, model: int) -> bool:
    stored = store.plan(model)
    try:
        return stored is None or standing_of(stored) is not None
    except WaneError:
        return False


def _drop_broken(store: Store, model: int, now: dt.datetime) -> None:
    """Drop profiles that cannot be read."""
    stored = store.plan(model)
    if stored is None:
        return
    plan = Standing.decode(stored.body).plan
    broken = []
    for window in store.windows(model):
        try:
            unpack(window.body, plan)
        except WaneError:
            broken.append(window.start)
    if broken:
        store.evaluated(model, Evaluated(stored.id, {}, broken, {}, {}), now)
