from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.served import DAY, HOUR, Served, day, later, serve
from wane.alert.incident import Cause, State
from wane.engine.local import Workers
from wane.store.directory import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as started:
        yield started


@pytest.fixture
def served(tmp_path: Path, workers: Workers) -> Iterator[Served]:
    with DataDirectory(tmp_path) as directory:
        made = serve(directory, workers)
        yield made
        made.store.close()


def causes(served: Served) -> list[Cause]:
    return [one.cause for one in served.store.alerts.transitions(served.model.id)]


def test_silence_raises_an_incident_and_rows_end_it(served: Served) -> None:
    for before in range(6, 0, -1):
        served.send(day(before))
    served.attend()
    assert causes(served) == []
    served = later(served, DAY)
    served.attend()
    (kept,) = served.store.alerts.incidents(served.model.id)
    assert (kept.incident.state, kept.incident.signal.metric) == (State.FIRING, "volume")
    served.attend()
    assert causes(served) == [Cause.RAISED]


def test_rows_that_come_late_withdraw_it(served: Served) -> None:
    for before in range(6, 0, -1):
        served.send(day(before))
    served = later(served, DAY)
    served.attend()
    assert causes(served) == [Cause.RAISED]
    served.send(day(0))
    served = later(served, HOUR)
    served.attend()
    assert causes(served) == [Cause.RAISED, Cause.WITHDRAWN]
    (kept,) = served.store.alerts.incidents(served.model.id)
    assert not kept.incident.is_open
