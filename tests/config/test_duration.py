import datetime as dt

import pytest

from wane.config.duration import duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("10min", dt.timedelta(minutes=10)),
        ("6h", dt.timedelta(hours=6)),
        ("30d", dt.timedelta(days=30)),
        ("99999d", dt.timedelta(days=99_999)),
    ],
)
def test_lengths_of_time_are_read(text: str, length: dt.timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "0d", "-1d", "1.5h", "1w", "1 d", "1d\n", "1\u0663d", "\uff11d", "999999d"]
)
def test_other_texts_are_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time"):
        duration(text)


def test_the_longest_length_lies_within_the_calendar() -> None:
    now = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    assert now - duration("99999d") < now < now + duration("99999d")
