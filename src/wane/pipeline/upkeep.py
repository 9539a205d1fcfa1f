"""What is done from time to time, so that a data directory stays small and quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.errors import WaneError
from wane.pipeline.retain import retain
from wane.store.compact import compact
from wane.store.discard import discard
from wane.store.records import Forgotten

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from wane.store.directory import DataDirectory
    from wane.store.store import Store


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was done.

    Attributes:
        deleted: Raw files retired by earlier upkeeps that are gone now.
        forgotten: What was older than settings allow, over all models.
        merged: Small raw files that lie in larger ones now.
        failures: Model -> why it could not be kept up; others were.
    """

    deleted: int
    forgotten: Forgotten
    merged: int
    failures: Mapping[str, str]


def upkeep(store: Store, directory: DataDirectory, now: dt.datetime) -> Upkeep:
    """Delete what was retired, forget what is old, merge what is small, for all models.

    Call it by the process that holds the directory, after evaluations, say every hour: never twice
    within the time that an evaluation takes, which may be reading files that the last one retired.

    Raises:
        StoreError: Retired files cannot be deleted.
    """
    deleted = discard(store, directory.raw)
    predictions = labels = files = merged = 0
    failures = {}
    for model in store.models():
        try:
            gone = retain(store, directory, model, now)
            predictions += gone.predictions
            labels += gone.labels
            files += gone.files
            merged += len(compact(store, directory.raw, model.id).old)
        except WaneError as error:
            failures[f"{model.tenant}/{model.name}"] = error.message
    return Upkeep(deleted, Forgotten(predictions, labels, files), merged, failures)
