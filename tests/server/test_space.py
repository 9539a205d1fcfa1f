from pathlib import Path

import pytest

from wane.server.problem import Problem
from wane.server.space import check_space
from wane.store import room


def test_a_disk_with_room_passes(tmp_path: Path) -> None:
    check_space(tmp_path)


def test_a_short_disk_is_told_with_a_time_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LEAST_SHARE", 1.1)
    monkeypatch.setattr(room, "LEAST_FREE", 1 << 62)
    with pytest.raises(Problem) as caught:
        check_space(tmp_path)
    assert (caught.value.status, caught.value.code) == (503, "disk_full")
    assert caught.value.retry_after == 60


def test_a_disk_that_is_gone_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        check_space(tmp_path / "gone")
    assert (caught.value.status, caught.value.code) == (503, "disk_unavailable")
