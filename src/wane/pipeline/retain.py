"""Forget what is older than a model's settings allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.config.duration import duration
from wane.config.settings import ServiceSettings
from wane.pipeline.clocked import window_of
from wane.pipeline.model_settings import settings_of
from wane.pipeline.recall import DEFAULT_EVERY
from wane.store.discard import discard_strays
from wane.window import DAY, Every, to_datetime, to_microseconds

if TYPE_CHECKING:
    import datetime as dt

    from wane.store.directory import DataDirectory
    from wane.store.records import Forgotten, Model
    from wane.store.store import Store


def retain(store: Store, directory: DataDirectory, model: Model, now: dt.datetime) -> Forgotten:
    """Forget rows older than `keep_rows` and profiles older than `keep_profiles`.

    Rows go by whole windows, for a window of which rows are missing can never be counted again.
    Raw files go by whole days (UTC): they are retired here and deleted with the next upkeep.

    Returns:
        What was forgotten.

    Raises:
        ConfigError: The settings cannot be read.
        StoreError: The store cannot be written.
    """
    settings = settings_of(model)
    service = settings.service or ServiceSettings()
    every = Every.parse(settings.every or DEFAULT_EVERY, settings.timezone or "UTC")
    before = oldest_kept(every, now - duration(service.keep_rows))
    day = to_datetime(before).date()
    forgotten = store.forget(model.id, before, day)
    discard_strays(directory.stray / str(model.id), day)
    store.forget_windows(model.id, to_microseconds(now - duration(service.keep_profiles)))
    return forgotten


def oldest_kept(every: Every, oldest: dt.datetime) -> int:
    """Start of the window that a time lies in, in microseconds: what is earlier may go."""
    at = to_microseconds(oldest)
    if every.by_rows:  # nothing is counted by such windows, but rows have to go all the same
        return at // DAY * DAY
    return window_of(every, at)
