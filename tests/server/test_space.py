from pathlib import Path
from typing import NamedTuple

import pytest

from wane.server import space
from wane.server.problem import Problem
from wane.server.space import check_space, is_short


class Disk(NamedTuple):
    total: int
    free: int


GB = 1 << 30


@pytest.mark.parametrize(
    ("disk", "short"),
    [
        (Disk(total=100 * GB, free=2 * GB), False),
        (Disk(total=100 * GB, free=GB - 1), True),
        (Disk(total=10 * GB, free=GB // 2), False),
        (Disk(total=10 * GB, free=GB // 2 - 1), True),
        (Disk(total=0, free=0), False),
    ],
)
def test_a_disk_is_short_of_a_gigabyte_or_of_a_twentieth(disk: Disk, short: bool) -> None:  # noqa: FBT001
    assert is_short(disk.free, disk.total) is short


def test_a_disk_with_room_passes(tmp_path: Path) -> None:
    check_space(tmp_path)


def test_a_short_disk_is_told_with_a_time_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "LEAST_SHARE", 1.1)
    monkeypatch.setattr(space, "LEAST_FREE", 1 << 62)
    with pytest.raises(Problem) as caught:
        check_space(tmp_path)
    assert (caught.value.status, caught.value.code) == (503, "disk_full")
    assert caught.value.retry_after == 60


def test_a_disk_that_is_gone_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        check_space(tmp_path / "gone")
    assert (caught.value.status, caught.value.code) == (503, "disk_unavailable")
