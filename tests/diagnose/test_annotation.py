from __future__ import annotations

import datetime as dt

import pytest

from wane.diagnose.annotation import Annotation, annotations_of
from wane.errors import ConfigError
from wane.window import to_microseconds

NOON = to_microseconds(dt.datetime(2026, 10, 3, 12, tzinfo=dt.UTC))


def test_times_are_of_utc_unless_they_name_a_zone() -> None:
    given = {
        "2026-10-03T14:00+02:00": "by the clock of Rome",
        "2026-10-03": "midnight",
        "2026-10-03T12:00:00": " noon ",
    }
    hours = 3_600_000_000
    assert annotations_of(given) == (
        Annotation(NOON - 12 * hours, "midnight"),
        Annotation(NOON, "by the clock of Rome"),
        Annotation(NOON, "noon"),
    )


@pytest.mark.parametrize(
    ("time", "text"), [("yesterday", "deploy"), ("2026-10-03", " "), ("2026-10-03", "x" * 201)]
)
def test_what_cannot_be_read(time: str, text: str) -> None:
    with pytest.raises(ConfigError, match="annotation"):
        annotations_of({time: text})
