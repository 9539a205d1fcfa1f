from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alert.notify.told import message
from wane.alert.message import Message, News
from wane.alert.notify.flood import MOST, Floods, sort_out
from wane.detect.severity import Severity

MANY = MOST + 3


def of(at: int, state: News = News.FIRING, severity: Severity = Severity.WARNING) -> Message:
    """An alert on one of many columns."""
    return message(fingerprint=f"{at:032d}", rule="psi(*) > 0.2", state=state, severity=severity)


def test_few_are_told_by_themselves_and_many_as_one() -> None:
    few = [of(at) for at in range(MOST)]
    found = sort_out(few, Floods())
    assert (found.alone, found.begun, found.floods.encode()) == (tuple(few), (), "")
    found = sort_out([of(at) for at in range(MANY)], Floods())
    ((flood, told),) = found.begun
    assert found.alone == ()
    assert (len(told), flood.severity) == (MANY, Severity.WARNING)
    again = sort_out([of(at) for at in range(MANY)], Floods())
    assert again.begun[0][0].key == flood.key


def test_it_is_over_when_all_are() -> None:
    floods = sort_out([of(at) for at in range(MANY)], Floods()).floods
    found = sort_out([of(at, News.RESOLVED) for at in range(MANY - 1)], floods)
    assert found.over == ()
    assert len(found.alone) == MANY - 1
    last = of(MANY - 1, News.RESOLVED)
    found = sort_out([last], Floods.decode(found.floods.encode()))
    assert found.over == ((floods.by_rule["psi(*) > 0.2"].key, last),)
    assert found.floods.encode() == ""


def test_who_joins_later_is_not_told_and_who_is_worse_is() -> None:
    floods = sort_out([of(at) for at in range(MANY)], Floods()).floods
    found = sort_out([of(99), of(0), of(1, News.ACKNOWLEDGED)], floods)
    assert (found.alone, found.begun, found.over) == ((), (), ())
    assert len(found.floods.by_rule["psi(*) > 0.2"].open) == MANY + 1
    worse = of(2, severity=Severity.CRITICAL)
    found = sort_out([worse], found.floods)
    assert found.alone == (worse,)
    assert len(found.floods.by_rule["psi(*) > 0.2"].open) == MANY


def test_other_rules_go_their_own_way() -> None:
    floods = sort_out([of(at) for at in range(MANY)], Floods()).floods
    other = message(rule="accuracy < 0.9")
    assert sort_out([other], floods).alone == (other,)


def test_memory_that_cannot_be_read_is_none() -> None:
    assert Floods.decode("m1") == Floods()
    assert Floods.decode("{}") == Floods()


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 30), st.sampled_from(News), st.sampled_from(Severity)),
            max_size=40,
            unique_by=lambda one: one[0],
        ),
        max_size=6,
    )
)
def test_a_receiver_rings_for_each_and_is_quiet_in_the_end(
    sendings: list[list[tuple[int, News, Severity]]],
) -> None:
    """What fires rings, by itself or with others; when all are over nothing does."""
    memory, ringing = "", set()
    sendings.append([(at, News.RESOLVED, Severity.WARNING) for at in range(31)])
    for sending in sendings:
        found = sort_out([of(*one) for one in sending], Floods.decode(memory))
        memory = found.floods.encode()
        ringing |= {one.fingerprint for one in found.alone if one.state is News.FIRING}
        ringing |= {flood.key for flood, _ in found.begun}
        ringing -= {one.fingerprint for one in found.alone if one.state is News.RESOLVED}
        ringing -= {key for key, _ in found.over}
        fires = any(state is News.FIRING for _, state, _ in sending)
        assert ringing or not fires
    assert ringing == set()
    assert memory == ""
