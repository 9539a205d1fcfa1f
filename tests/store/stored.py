"""Events, deliveries and stores for the tests of this room."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.events.event import Label, Prediction
from wane.store.move import prepare
from wane.store.records import Delivery, Kind
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wane.store.records import Model
    from wane.store.store import Store

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def us(time: dt.datetime) -> int:
    """Microseconds since 1970."""
    return to_microseconds(time)


def prediction(key: str, at: dt.datetime = NOW, **features: float | str | None) -> Prediction:
    """A prediction with features."""
    return Prediction(id=key, timestamp=at, prediction=1, score=0.5, features=dict(features))


def label(key: str, value: float | str | bool = 1, at: dt.datetime = NOW) -> Label:  # noqa: FBT001
    """A label."""
    return Label(id=key, label=value, timestamp=at)


def sent(
    model: Model,
    predictions: Sequence[Prediction] = (),
    labels: Sequence[Label] = (),
    at: dt.datetime = NOW,
) -> Delivery:
    """A delivery."""
    return Delivery(model.id, at, predictions, labels)


def move_all(store: Store, raw: Path, model: Model, most: int = 2_000) -> None:
    """Move everything, in moves of at most so many batches."""
    while moved := prepare(store, raw, model.id, most):
        store.moved(model.id, moved)


def rows_in_files(store: Store, model: Model, kind: Kind) -> int:
    """Rows that the manifest tells of."""
    return sum(file.rows for file in store.files(model.id, kind))
