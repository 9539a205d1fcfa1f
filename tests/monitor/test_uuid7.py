import threading
from uuid import UUID, uuid4

import pytest

from wane.monitor.uuid7 import Uuid7

MILLISECOND = 1_000_000


def test_it_is_a_uuid_of_version_7_with_the_time_in_front() -> None:
    made = UUID(Uuid7(clock=lambda: 1_700_000_000_123 * MILLISECOND)())
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == 1_700_000_000_123


def test_it_is_written_as_uuids_are() -> None:
    made = Uuid7()()
    assert made == str(UUID(made))
    assert len(made) == len(str(uuid4()))


@pytest.mark.parametrize("times", [[5, 5, 5, 5], [9, 7, 5, 9], [1, 2, 3, 3]])
def test_each_is_greater_than_the_one_before(times: list[int]) -> None:
    ticks = iter([time * MILLISECOND for time in times])
    make = Uuid7(clock=lambda: next(ticks))
    made = [make() for _ in times]
    assert made == sorted(set(made))


def test_a_full_millisecond_borrows_from_the_next() -> None:
    make = Uuid7(clock=lambda: 5 * MILLISECOND, draw=lambda bits: (1 << bits) - 1)
    make()
    make._last = (1 << 62) - 2
    full = make()
    assert UUID(full).int >> 80 == 6
    assert UUID(full).version == 7


def test_renewed_it_does_not_repeat_itself() -> None:
    make = Uuid7(clock=lambda: 5 * MILLISECOND)
    first = make()
    make.renew()
    assert make() != first


def test_threads_never_get_the_same() -> None:
    make, made = Uuid7(), list[str]()
    threads = [
        threading.Thread(target=lambda: made.extend([make() for _ in range(2_000)]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len(made) == 8_000
