"""A model behind a service: events that come in, and what is counted of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wane.events.event import Label, Prediction
from wane.pipeline.attend import Attended, attend
from wane.pipeline.standing import Standing, unpack
from wane.profile.counters import Total
from wane.store.records import Delivery
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.engine.local import Workers
    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.store import Store

NOW = dt.datetime(2026, 11, 26, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What the stored profile of a window says."""

    rows: int
    labelled: int


@dataclass
class Served:
    """A store with one model, at a time that only tests move on."""

    directory: DataDirectory
    store: Store
    workers: Workers
    now: dt.datetime = NOW

    @property
    def model(self) -> Model:
        """The model."""
        return self.store.open_model("default", "churn", self.now)

    def send(self, predictions: Sequence[Prediction] = (), labels: Sequence[Label] = ()) -> int:
        """Accept events; how many were new."""
        (receipt,) = self.store.append([Delivery(self.model.id, self.now, predictions, labels)])
        return receipt.accepted

    def attend(self) -> Attended:
        """Do all there is to do."""
        return attend(self.store, self.directory, self.model, self.workers, self.now)

    def counted(self) -> dict[int, Counted]:
        """Window start in hours before 2026-11-26 00:00 UTC -> what its profile says."""
        plan = self.store.plan(self.model.id)
        if plan is None:
            return {}
        standing = Standing.decode(plan.body)
        found = {}
        for window in self.store.windows(self.model.id):
            totals = unpack(window.body, standing.plan).summarised.whole.counters.totals
            rows, labelled = totals[:, [Total.ROWS, Total.LABELLED]].sum(axis=0)
            start = dt.datetime.fromtimestamp(window.start / 1e6, dt.UTC)
            hours = (NOW.replace(hour=0) - start) // HOUR
            found[hours] = Counted(int(rows), int(labelled))
        return found


def day(before: int, n: int = 40, **changes: Any) -> list[Prediction]:  # noqa: ANN401 - any field
    """Predictions of the day so many days before 2026-11-26, every half an hour from midnight."""
    start = NOW.replace(hour=0) - before * DAY
    return [
        Prediction(
            **{
                "id": f"{before}-{i}",
                "timestamp": start + i * HOUR / 2,
                "prediction": i % 2,
                "score": 0.2 + 0.6 * (i % 2),
                "features": {"x": float(i), "kind": "ab"[i % 2]},
                **changes,
            }
        )
        for i in range(n)
    ]


def labels_of(events: Sequence[Prediction], at: dt.datetime = NOW) -> list[Label]:
    """The true answers: every fifth prediction is wrong."""
    return [
        Label(id=event.id or "", label=(i % 2) ^ (i % 5 == 0), timestamp=at)
        for i, event in enumerate(events)
    ]


def later(served: Served, step: dt.timedelta) -> Served:
    """The same at a later time."""
    return replace(served, now=served.now + step)


def serve(directory: DataDirectory, workers: Workers) -> Served:
    """A new one."""
    return Served(directory, SqliteStore(directory.state), workers)
