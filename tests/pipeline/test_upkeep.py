from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from pipeline.served import DAY, HOUR, NOW, Counted, Served, day, labels_of
from wane.events.event import Label
from wane.pipeline.retain import oldest_kept
from wane.pipeline.upkeep import upkeep
from wane.store.records import Forgotten
from wane.window import Every, to_datetime

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from wane.store.records import StoredWindow


def configure(served: Served, **service: object) -> None:
    served.store.configure(served.model.id, json.dumps({"service": service}), served.now)


def on_disk(served: Served) -> AbstractSet[str]:
    raw = served.directory.raw
    return {path.relative_to(raw).as_posix() for path in raw.rglob("*.parquet")}


def in_manifest(served: Served) -> AbstractSet[str]:
    return {file.name for file in served.store.files(served.model.id)}


def test_old_rows_are_forgotten_and_their_profiles_kept(served: Served) -> None:
    configure(served, keep_rows="2d")
    events = [*day(4), *day(3), *day(2), *day(1)]
    served.send(events, labels_of(events))
    served.attend()
    before, files = served.counted(), on_disk(served)
    done = upkeep(served.store, served.directory, NOW)
    assert done.forgotten == Forgotten(80, 0, 4)
    assert done.failures == {}
    assert served.model.rows_since is not None
    assert to_datetime(served.model.rows_since) == NOW.replace(hour=0) - 2 * DAY
    assert on_disk(served) == files
    assert upkeep(served.store, served.directory, NOW).deleted == 4
    assert on_disk(served) == in_manifest(served)
    assert len(on_disk(served)) == 4
    served.send(labels=[Label(id="3-0", label=1, timestamp=NOW), *labels_of(day(2))[:1]])
    served.attend()
    assert served.counted() == before


def test_old_profiles_are_forgotten(served: Served) -> None:
    configure(served, keep_rows="30d", keep_profiles="2d")
    served.send([*day(4), *day(2), *day(1)])
    served.attend()
    upkeep(served.store, served.directory, NOW)
    assert served.counted().keys() == {24}
    served.now = NOW + DAY
    served.attend()
    assert served.counted().keys() == {24}


def test_labels_that_never_found_their_prediction(served: Served) -> None:
    configure(served, keep_rows="2d")
    served.send(day(1), [Label(id="none", label=1, timestamp=NOW)])
    served.attend()
    assert upkeep(served.store, served.directory, NOW + DAY).forgotten.labels == 0
    assert upkeep(served.store, served.directory, NOW + 4 * DAY).forgotten.labels == 1
    assert served.store.counts(served.model.id) == {"label_without_prediction": 1}


@pytest.mark.parametrize(
    ("every", "zone", "oldest", "expected"),
    [
        ("1d", "UTC", "2026-11-20T13:00", "2026-11-20T00:00"),
        ("1h", "UTC", "2026-11-20T13:45", "2026-11-20T13:00"),
        ("1w", "UTC", "2026-11-20T13:00", "2026-11-16T00:00"),
        ("1d", "Europe/Vienna", "2026-11-20T13:00", "2026-11-19T23:00"),
        ("1d", "Europe/Vienna", "2026-11-20T23:30", "2026-11-20T23:00"),
        ("100 rows", "UTC", "2026-11-20T13:00", "2026-11-20T00:00"),
    ],
)
def test_rows_go_by_whole_windows(every: str, zone: str, oldest: str, expected: str) -> None:
    at = dt.datetime.fromisoformat(f"{oldest}+00:00")
    cut = to_datetime(oldest_kept(Every.parse(every, zone), at))
    assert cut == dt.datetime.fromisoformat(f"{expected}+00:00")


def test_merging_files_changes_no_count(served: Served) -> None:
    events = [*day(2), *day(1)]
    answers = labels_of(events)
    for start in range(0, 80, 8):
        served.send(events[start : start + 8], answers[start : start + 5])
        served.attend()
    before = {start: one.body for start, one in windows(served).items()}
    done = upkeep(served.store, served.directory, NOW)
    assert done.merged == 20
    assert len(in_manifest(served)) == 4
    assert served.counted() == {48: Counted(40, 25), 24: Counted(40, 25)}
    served.store.mark(served.model.id, dict.fromkeys(before, 0))
    assert served.attend().counted == 2
    assert {start: one.body for start, one in windows(served).items()} == before
    assert upkeep(served.store, served.directory, NOW).deleted == 20
    served.store.mark(served.model.id, dict.fromkeys(before, 0))
    assert served.attend().counted == 2
    assert {start: one.body for start, one in windows(served).items()} == before


def windows(served: Served) -> dict[int, StoredWindow]:
    return {one.start: one for one in served.store.windows(served.model.id)}


def test_one_model_that_fails_holds_up_no_other(served: Served) -> None:
    other = served.store.open_model("default", "a", NOW)
    served.store.configure(other.id, '{"evry": 1}', NOW)
    configure(served, keep_rows="1d")
    served.send([*day(4)])
    served.attend()
    done = upkeep(served.store, served.directory, NOW)
    assert list(done.failures) == ["default/a"]
    assert done.forgotten.predictions == 40


def test_what_was_set_aside_goes_with_the_rows_of_its_day(served: Served) -> None:
    served.send([*day(4), *day(1)])
    served.attend()
    folder = served.directory.stray / str(served.model.id) / "predictions/day=2026-11-22"
    folder.mkdir(parents=True)
    (folder / "x.parquet").write_bytes(b"x")
    upkeep(served.store, served.directory, NOW + 10 * HOUR)
    assert folder.exists()
    configure(served, keep_rows="2d")
    upkeep(served.store, served.directory, NOW)
    assert not folder.exists()
