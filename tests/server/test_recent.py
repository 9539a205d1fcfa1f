import datetime as dt

import pytest

from wane.server.recent import recent

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (dt.timedelta(), True),
        (MINUTE - dt.timedelta.resolution, True),
        (MINUTE, False),
        (-dt.timedelta.resolution, False),
    ],
)
def test_a_minute_is_over_when_it_has_passed_or_the_clock_is_put_back(
    ago: dt.timedelta,
    told: bool,  # noqa: FBT001
) -> None:
    assert recent(NOW - ago, MINUTE, NOW) is told


def test_what_was_never_done_was_not_done_recently() -> None:
    assert not recent(None, MINUTE, NOW)
