from typing import NamedTuple

import pytest

from wane.store.room import is_short


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
