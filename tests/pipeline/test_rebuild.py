from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pipeline.served import DAY, NOW, Counted, Served, day, labels_of
from wane.errors import ProfileError
from wane.pipeline.rebuild import rebuild
from wane.store.records import Evaluated, Kind, StoredPlan

if TYPE_CHECKING:
    from pathlib import Path

    from wane.pipeline.attend import Attended


def again(served: Served, *, afresh: bool = False) -> Attended:
    return rebuild(
        served.store, served.directory, served.model, served.workers, served.now, afresh=afresh
    )


@pytest.fixture
def three_days(served: Served) -> Served:
    events = [*day(3), *day(2), *day(1)]
    served.send(events, labels_of(events))
    served.attend()
    return served


def bodies(served: Served) -> dict[int, bytes]:
    return {window.start: window.body for window in served.store.windows(served.model.id)}


def test_everything_is_counted_again_by_the_same_plan(three_days: Served) -> None:
    before, plan = bodies(three_days), three_days.store.plan(three_days.model.id)
    done = again(three_days)
    assert done.counted == 3
    assert bodies(three_days) == before
    assert three_days.store.plan(three_days.model.id) == plan
    assert [w.revision for w in three_days.store.windows(three_days.model.id)] == [2, 2, 2]
    assert three_days.store.changed(three_days.model.id).keys() == set()


def test_afresh_takes_in_new_columns(three_days: Served) -> None:
    three_days.send(day(1, 45, features={"new": 1.0})[40:])
    three_days.attend()
    result = again(three_days, afresh=True).result
    assert result is not None
    assert result.schema is not None
    assert "new" in [column.name for column in result.schema.features or ()]
    assert three_days.counted()[24] == Counted(45, 40)


def test_profiles_that_are_damaged(three_days: Served) -> None:
    before = bodies(three_days)
    starts = sorted(before)
    plan = three_days.store.plan(three_days.model.id)
    assert plan is not None
    lost = starts[0] - 9 * 86_400_000_000
    torn = {starts[1]: b"torn", lost: b"torn"}
    three_days.store.evaluated(three_days.model.id, Evaluated(plan.id, torn, (), {}, {}), NOW)
    three_days.now = NOW + DAY
    with pytest.raises(ProfileError, match="wane rebuild"):
        three_days.attend()
    again(three_days)
    assert bodies(three_days) == before


def test_a_plan_that_cannot_be_read(three_days: Served) -> None:
    torn = StoredPlan("torn", b"\x00", NOW)
    three_days.store.evaluated(
        three_days.model.id, Evaluated("torn", {}, (), {}, {}, laid=torn), NOW
    )
    assert again(three_days).counted == 3
    assert three_days.counted() == dict.fromkeys((72, 48, 24), Counted(40, 40))


def test_a_file_that_was_restored_counts_again(three_days: Served, tmp_path: Path) -> None:
    file = three_days.store.files(three_days.model.id, Kind.LABEL)[0]
    path = three_days.directory.raw / file.name
    shutil.copy(path, tmp_path / "copy")
    path.unlink()
    again(three_days)
    assert [f.name for f in three_days.store.files(three_days.model.id) if f.damage] == [file.name]
    assert three_days.counted() == dict.fromkeys((72, 48, 24), Counted(40, 40))
    again(three_days, afresh=True)
    assert three_days.counted()[72] == Counted(40, 0)
    shutil.copy(tmp_path / "copy", path)
    again(three_days)
    assert not [f for f in three_days.store.files(three_days.model.id) if f.damage]
    assert three_days.counted() == dict.fromkeys((72, 48, 24), Counted(40, 40))


def test_a_model_without_rows(served: Served) -> None:
    assert again(served).result is None
