import pytest

from wane.errors import DataError
from wane.monitor.complaints import Complaints


def test_a_topic_is_spoken_of_once_a_minute_with_what_was_left_unsaid(
    caplog: pytest.LogCaptureFixture,
) -> None:
    time = [0.0]
    complaints = Complaints("monitor of churn", clock=lambda: time[0])
    for _ in range(3):
        complaints.say("drop", DataError("rows are dropped"))
    complaints.say("other", DataError("something else"))
    time[0] = 61.0
    complaints.say("drop", DataError("rows are dropped"))
    assert caplog.messages == [
        "monitor of churn: rows are dropped",
        "monitor of churn: something else",
        "monitor of churn: rows are dropped (2 more like it since the last message)",
    ]


def test_the_first_trouble_is_kept_until_it_is_asked_for() -> None:
    complaints = Complaints("test")
    first = DataError("first")
    complaints.say("drop", first)
    complaints.say("drop", DataError("second"))
    assert complaints.take_first() is first
    assert complaints.take_first() is None
