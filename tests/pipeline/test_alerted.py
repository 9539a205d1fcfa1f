from __future__ import annotations

from pipeline.served import DAY, HOUR, Served, day, later
from wane.alert.incident import Cause, State


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
