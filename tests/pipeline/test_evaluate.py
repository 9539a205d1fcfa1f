from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from pipeline.served import DAY, HOUR, NOW, Counted, Served, day, labels_of
from wane.errors import ConfigError, SourceError, StoreError
from wane.events.event import Label
from wane.pipeline import evaluate
from wane.pipeline.attend import attend, find, keep
from wane.pipeline.standing import Standing
from wane.store.move import prepare
from wane.store.records import Delivery, Evaluated, Kind, StoredPlan, StoredReference

if TYPE_CHECKING:
    from wane.store.records import RawFile


def move(served: Served) -> None:
    while moved := prepare(served.store, served.directory.raw, served.model.id):
        served.store.moved(served.model.id, moved)


def configure(served: Served, **settings: object) -> None:
    served.store.configure(served.model.id, json.dumps(settings), served.now)


def test_without_events_there_is_nothing_to_do(served: Served) -> None:
    done = served.attend()
    assert (done.batches, done.counted, done.result) == (0, 0, None)
    served.send(labels=[Label(id="a", label=1, timestamp=NOW)])
    assert served.attend().result is None


def test_windows_that_closed_are_counted_and_others_wait(served: Served) -> None:
    events = [*day(2), *day(1), *day(0, 2)]
    served.send(events, labels_of(day(2))[:10])
    done = served.attend()
    assert done.counted == 2
    assert served.counted() == {48: Counted(40, 10), 24: Counted(40, 0)}
    assert done.result is not None
    volume = [m.value for m in done.result.measurements if m.key.metric == "volume"]
    assert volume == [40, 40]


def test_a_window_stays_open_for_its_grace(served: Served) -> None:
    configure(served, service={"grace": "2h"})
    served.send([*day(2), *day(1)])
    served.attend()
    assert served.counted().keys() == {48}
    served.now = NOW + HOUR
    served.attend()
    assert served.counted().keys() == {48, 24}


def test_rows_of_days_after_the_plan_was_laid_are_counted(served: Served) -> None:
    served.send(day(3))
    served.attend()
    for ahead in range(1, 5):
        served.now = NOW + ahead * DAY
        served.send(day(-ahead + 1))
        served.attend()
    assert served.counted() == dict.fromkeys((72, 0, -24, -48, -72), Counted(40, 0))


def test_only_windows_that_changed_are_counted_again(served: Served) -> None:
    served.send([*day(3), *day(2), *day(1)])
    served.attend()
    revisions = {w.start: w.revision for w in served.store.windows(served.model.id)}
    assert set(revisions.values()) == {1}
    assert served.attend().result is None
    served.send(labels=labels_of(day(2)))
    served.attend()  # a label is a new role: all are counted by a new plan
    served.send(labels=[Label(id="1-0", label=1, timestamp=NOW)])
    assert served.attend().counted == 1
    assert [w.revision for w in served.store.windows(served.model.id)] == [1, 1, 2]
    assert served.counted()[24] == Counted(40, 1)


def test_late_rows_and_corrected_labels_change_their_window(served: Served) -> None:
    events = day(1)
    served.send(events[:30], labels_of(events)[:20])
    first = served.attend().result
    wrong = [Label(id=e.id or "", label=1 - e.prediction, timestamp=NOW) for e in events]  # type: ignore[operator]
    served.send(events[30:], wrong)
    second = served.attend().result
    assert served.counted() == {24: Counted(40, 40)}
    accuracy = [
        [m.value for m in result.measurements if m.key.metric == "accuracy"]
        for result in (first, second)
        if result is not None
    ]
    assert accuracy == [[0.8], [0.0]]


def test_time_alone_is_news_when_a_window_stays_empty(served: Served) -> None:
    served.send([*day(3), *day(2), *day(1)])
    served.attend()
    served.now = NOW + 2 * DAY
    done = served.attend()
    assert done.counted == 0
    assert done.result is not None
    assert "no predictions since" in done.result.verdict.sentence


def test_a_column_that_comes_later_is_read(served: Served) -> None:
    served.send(day(2))
    served.attend()
    served.send(day(1, error=True, features={"x": 1.0, "new": 2.0}))
    result = served.attend().result
    assert result is not None
    rates = [m.value for m in result.measurements if m.key.metric == "error_rate"]
    assert rates[-1] == 1.0
    assert [column.name for column in result.schema.features or ()] == ["x", "kind", "new"]  # type: ignore[union-attr]


def test_a_feature_that_comes_later_is_told_of(served: Served) -> None:
    served.send([*day(3), *day(2)])
    served.attend()
    served.send(day(1, features={"new": 2.0}))
    result = served.attend().result
    assert result is not None
    assert any("'new' came after" in note for note in result.notes)
    assert served.counted()[24] == Counted(40, 0)


def test_a_plan_with_every_role_stands(served: Served) -> None:
    roles: dict[str, Any] = {
        "latency": 0.1,
        "error": False,
        "version": "1",
        "weight": 1.0,
        "scores": {"0": 0.5, "1": 0.5},
        "query": "q",
        "item": 1,
        "rank": 1.0,
        "relevance": 0.0,
    }
    for changes in (roles, {**roles, "scores": {}}):
        name = f"m{len(changes['scores'])}"
        model = served.store.open_model("default", name, NOW)
        for before in (2, 1):
            events = day(before, **changes)
            served.store.append([Delivery(model.id, NOW, events, labels_of(events))])
            attend(served.store, served.directory, model, served.workers, NOW)
        first = served.store.plan(model.id)
        again = [Label(id="1-0", label=1, timestamp=NOW + HOUR)]
        served.store.append([Delivery(model.id, NOW, labels=again)])
        attend(served.store, served.directory, model, served.workers, NOW)
        assert served.store.plan(model.id) == first


def test_new_settings_lay_a_new_plan(served: Served) -> None:
    served.send([*day(2), *day(1)])
    served.attend()
    configure(served, every="6h")
    assert served.attend().counted == 8
    assert sum(one.rows for one in served.counted().values()) == 80


def test_settings_that_cannot_be_used(served: Served) -> None:
    served.send(day(1))
    configure(served, every="5000 rows")
    with pytest.raises(ConfigError, match="by time, not by rows"):
        served.attend()
    served.store.configure(served.model.id, '{"evry": 1}', NOW)
    with pytest.raises(ConfigError, match="settings of 'churn'"):
        served.attend()


def put_reference(served: Served, name: str, table: pa.Table) -> None:
    served.directory.references.mkdir(exist_ok=True)
    pq.write_table(table, served.directory.references / name)
    given = StoredReference(name, table.num_rows, served.now)
    served.store.put_reference(served.model.id, given)


REFERENCE = pa.table({"x": [float(i % 40) for i in range(400)], "prediction": [0, 1] * 200})


def test_a_reference_is_what_rows_are_compared_with(served: Served) -> None:
    served.send(day(1))
    served.attend()
    put_reference(served, "r.parquet", REFERENCE)
    result = served.attend().result
    assert result is not None
    assert result.reference.rows == 400
    assert served.attend().result is None


def test_a_reference_given_during_an_evaluation_is_not_lost(served: Served) -> None:
    served.send(day(1))
    served.attend()
    put_reference(served, "a.parquet", REFERENCE)
    found = find(served.store, served.directory, served.model, served.workers, NOW)
    assert found is not None
    put_reference(served, "b.parquet", REFERENCE.slice(0, 300))
    keep(served.store, served.model, found[0], NOW)
    result = served.attend().result
    assert result is not None
    assert result.reference.rows == 300


def test_a_reference_that_cannot_be_read_is_named(served: Served) -> None:
    served.send(day(1))
    put_reference(served, "r.parquet", REFERENCE)
    (served.directory.references / "r.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(SourceError, match=r"r\.parquet"):
        served.attend()


def test_a_change_during_an_evaluation_is_counted_by_the_next(served: Served) -> None:
    served.send(day(1)[:10], labels_of(day(1))[:1])
    served.attend()
    served.send(day(1)[10:20])
    move(served)
    found = find(served.store, served.directory, served.model, served.workers, NOW)
    assert found is not None
    served.send(day(1)[20:])
    move(served)
    keep(served.store, served.model, found[0], NOW)
    assert served.counted()[24].rows == 20
    assert served.attend().counted == 1
    assert served.counted()[24].rows == 40


def test_windows_whose_rows_are_partly_forgotten_are_not_counted_again(served: Served) -> None:
    served.send([*day(3), *day(2), *day(1)], labels_of(day(3)))
    served.attend()
    before = served.counted()
    cut = NOW.replace(hour=0) - DAY
    served.store.forget(served.model.id, int(cut.timestamp() * 1e6), cut.date())
    served.store.mark(served.model.id, {int((cut - HOUR).timestamp() * 1e6): 99})
    assert served.attend().counted == 0
    assert served.counted() == before
    served.send(labels=[Label(id="1-0", label=1, timestamp=NOW)])
    assert served.attend().counted == 1
    assert served.store.changed(served.model.id) == {}


def break_file(served: Served, kind: Kind, before: int) -> RawFile:
    wanted = (NOW - before * DAY).date()
    (file,) = [f for f in served.store.files(served.model.id, kind) if f.day == wanted]
    path = served.directory.raw / file.name
    body = bytearray(path.read_bytes())
    body[4:60] = bytes(56)
    path.write_bytes(body)
    return file


def test_a_damaged_file_is_named_and_the_others_are_counted(served: Served) -> None:
    served.send([*day(3), *day(2), *day(1)], labels_of(day(3)))
    move(served)
    file = break_file(served, Kind.PREDICTION, 2)
    result = served.attend().result
    assert result is not None
    assert any(file.name in note and "40 rows" in note for note in result.notes)
    assert served.counted() == {72: Counted(40, 40), 24: Counted(40, 0)}
    (noted,) = [f for f in served.store.files(served.model.id) if f.damage]
    assert noted.name == file.name


@pytest.mark.parametrize("recalled", [400, 1])
@pytest.mark.parametrize("kind", [Kind.PREDICTION, Kind.LABEL])
def test_a_window_keeps_the_profile_from_before_the_damage(
    served: Served, kind: Kind, recalled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that is older than those that reports show."""
    monkeypatch.setattr(evaluate, "MOST_WINDOWS", recalled)
    served.send([*day(2), *day(1)], [*labels_of(day(2)), *labels_of(day(1))[:10]])
    served.attend()
    before = served.counted()
    file = break_file(served, kind, 1)
    served.send(labels=labels_of(day(1)))
    result = served.attend().result
    assert served.counted() == before
    assert result is not None
    assert any(file.name in note for note in result.notes)
    assert served.attend().result is None


def test_a_file_that_is_gone_is_damaged_too(served: Served) -> None:
    served.send([*day(2), *day(1)])
    served.attend()
    for file in served.store.files(served.model.id):
        (served.directory.raw / file.name).unlink()
    served.send([replace(event, id=f"again-{event.id}") for event in day(2, 10)])
    served.attend()
    assert {f.damage for f in served.store.files(served.model.id)} == {"", "it is not there"}


def test_a_plan_that_cannot_be_read(served: Served) -> None:
    served.send(day(1))
    served.attend()
    torn = StoredPlan("torn", b"\x00", NOW)
    served.store.evaluated(served.model.id, Evaluated("torn", {}, (), {}, {}, laid=torn), NOW)
    with pytest.raises(StoreError, match="wane rebuild"):
        served.attend()
    with pytest.raises(StoreError, match="cannot be read"):
        Standing.decode(b"")


def test_local_days(served: Served) -> None:
    configure(served, timezone="Europe/Vienna")
    served.now = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
    served.send([*day(2, 48), *day(1, 48)])
    served.attend()
    assert served.counted() == {49: Counted(46, 0), 25: Counted(48, 0)}
