from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from pipeline.served import DAY, NOW, day, labels_of, later
from wane.pipeline.attend import find, keep
from wane.report import parts as report_parts
from wane.store.move import prepare
from wane.store.records import Evaluated, Moved

if TYPE_CHECKING:
    from pipeline.served import Served


def test_all_there_is_to_do_is_done(served: Served) -> None:
    events = [*day(2), *day(1)]
    served.send(events, labels_of(events))
    served.send(day(3))
    done = served.attend()
    assert (done.batches, done.counted) == (3, 3)
    assert done.result is not None
    assert served.store.inbox(served.model.id, 9) == ()
    summary = served.store.result(served.model.id, report_parts.SUMMARY)
    assert summary is not None
    assert msgspec.json.decode(summary.body)["windows"] == 3
    assert summary.made == NOW


def test_a_second_time_there_is_nothing_to_do(served: Served) -> None:
    served.send(day(1))
    served.attend()
    again = served.attend()
    assert (again.batches, again.counted, again.result) == (0, 0, None)
    assert served.store.result(served.model.id, report_parts.SUMMARY) is not None


def test_what_is_found_crosses_a_pipe(served: Served) -> None:
    served.send(day(1), labels_of(day(1)))
    moved = prepare(served.store, served.directory.raw, served.model.id)
    assert moved is not None
    through = msgspec.msgpack.decode(msgspec.msgpack.encode(moved), type=Moved)
    served.store.moved(served.model.id, through)
    found = find(served.store, served.directory, served.model, served.workers, NOW)
    assert found is not None
    across = msgspec.msgpack.decode(msgspec.msgpack.encode(found[0]), type=Evaluated)
    keep(served.store, served.model, across, NOW)
    assert served.counted()[24].labelled == 40


def test_a_plan_and_what_was_counted_by_it_are_stored_together(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.send(day(1))
    moved = prepare(served.store, served.directory.raw, served.model.id)
    assert moved is not None
    served.store.moved(served.model.id, moved)
    found = find(served.store, served.directory, served.model, served.workers, NOW)
    assert found is not None

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("wane.store.sqlite._damage", killed)
        with pytest.raises(KeyboardInterrupt):
            keep(served.store, served.model, found[0], NOW)
    assert served.store.plan(served.model.id) is None
    assert served.attend().counted == 1


def test_an_evaluation_and_what_it_does_to_incidents_are_stored_together(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for before in range(6, 0, -1):
        served.send(day(before))
    served.attend()
    later_on = later(served, DAY)
    found = find(served.store, served.directory, served.model, served.workers, later_on.now)
    assert found is not None
    known = served.store.result(served.model.id, report_parts.SUMMARY)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("wane.store.sqlite.write_step", killed)
        with pytest.raises(KeyboardInterrupt):
            keep(served.store, served.model, found[0], later_on.now)
    assert served.store.result(served.model.id, report_parts.SUMMARY) == known
    assert served.store.alerts.incidents(served.model.id) == ()
    keep(served.store, served.model, found[0], later_on.now)
    (kept,) = served.store.alerts.incidents(served.model.id)
    assert kept.incident.signal.metric == "volume"
