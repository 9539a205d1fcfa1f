from __future__ import annotations

import pytest

from wane.diagnose.fault import FaultKind
from wane.diagnose.faults.repeated import repeated


def test_rows_that_come_twice_are_a_fault() -> None:
    (fault,) = repeated("id", 120, 1_000, (1, 1_000))
    assert (fault.kind, fault.columns, fault.share) == (FaultKind.REPEATED, ("id",), 0.12)
    assert fault.sentence == "12.0% of the rows repeat an id in id, 0.1% before"


@pytest.mark.parametrize(
    ("repeats", "rows", "before"),
    [
        (0, 1_000, (0, 0)),
        (5, 1_000, (0, 0)),  # a few
        (900, 1_000, (0, 0)),  # no id of rows
        (300, 1_000, (295, 1_000)),  # so it always was
        (0, 0, (0, 0)),
    ],
)
def test_what_is_none(repeats: int, rows: int, before: tuple[int, int]) -> None:
    assert repeated("id", repeats, rows, before) == ()
