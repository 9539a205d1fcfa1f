from hypothesis import given
from hypothesis import strategies as st

from alert.notify.told import FINGERPRINT, group, groups, many, message, resolved
from wane.alert.message import TOP, Group, News, hexdigest
from wane.detect.severity import Severity


def test_a_message_has_the_same_id_each_time_it_is_sent() -> None:
    assert message().id == message(verdict="other").id == f"{FINGERPRINT}-1"
    assert resolved(message()).id == f"{FINGERPRINT}-2"


def test_a_group_is_known_by_what_is_in_it() -> None:
    one, two = many(2)
    assert group(one).id == one.id
    assert group(one, two).id == group(two, one).id
    assert group(one, two).id != group(one, resolved(two)).id
    assert len(group(one, two).id) == 32
    assert group(one).thread == group(two).thread != group(one, key="other").thread


def test_the_worst_state_and_severity_speak_for_a_group() -> None:
    one, two = message(severity=Severity.INFO), message(state=News.ACKNOWLEDGED)
    assert group(one, two).state is News.FIRING
    assert group(one, two).severity is Severity.CRITICAL
    assert group(two, resolved(one)).state is News.ACKNOWLEDGED
    assert group(resolved(one)).state is News.RESOLVED


def test_a_storm_is_told_in_one_line_and_its_top() -> None:
    storm = many(36, severity=Severity.WARNING)
    worst = message(verdict="worst")
    told = group(resolved(message()), *storm, worst, summary="37 of 120 features drifted")
    assert told.headline == "37 of 120 features drifted"
    assert len(told.top) == TOP
    assert told.top[0] == worst
    assert told.rest == "And 33 more."
    assert group(*storm, resolved(worst)).headline == "37 alerts: 36 firing, 1 resolved"
    assert group(worst, summary="1 of 1").headline == "worst"
    assert group(worst).rest == ""


@given(groups())
def test_what_names_a_group_can_be_written_anywhere(told: Group) -> None:
    assert told.id.isascii()
    assert set(told.thread) <= set("0123456789abcdef")
    assert len(told.top) == min(TOP, len(told.messages))


@given(st.lists(st.text(), min_size=2, max_size=2), st.lists(st.text(), min_size=2, max_size=2))
def test_digests_tell_texts_apart(one: list[str], other: list[str]) -> None:
    plain = [[text.replace("\x1f", " ") for text in texts] for texts in (one, other)]
    assert (hexdigest(*one) == hexdigest(*other)) is (plain[0] == plain[1])
