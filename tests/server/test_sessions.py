import datetime as dt

from server.served import NOW
from wane.server.keys import Caller
from wane.server.sessions import LENGTH, MOST, Sessions

CALLER = Caller("ours", "0" * 12, frozenset({"read"}))


def test_the_word_of_a_session_tells_who_it_is() -> None:
    sessions = Sessions()
    assert sessions.find(sessions.begin(CALLER, NOW), NOW) == CALLER


def test_nobody_is_signed_in_with_another_word() -> None:
    sessions = Sessions()
    word = sessions.begin(CALLER, NOW)
    assert [sessions.find(w, NOW) for w in (None, "", word[:-1], word + "A", "\ud800")] == [
        *[None] * 5
    ]


def test_a_session_ends_with_its_time() -> None:
    sessions = Sessions()
    word = sessions.begin(CALLER, NOW)
    assert sessions.find(word, NOW + LENGTH - dt.timedelta(seconds=1)) == CALLER
    assert sessions.find(word, NOW + LENGTH) is None


def test_a_session_ends_when_somebody_signs_out() -> None:
    sessions = Sessions()
    word, other = sessions.begin(CALLER, NOW), sessions.begin(CALLER, NOW)
    sessions.end(word)
    sessions.end(word)
    sessions.end(None)
    assert sessions.find(word, NOW) is None
    assert sessions.find(other, NOW) == CALLER


def test_the_word_itself_is_not_kept() -> None:
    sessions = Sessions()
    word = sessions.begin(CALLER, NOW)
    assert word not in repr(vars(sessions))


def test_the_oldest_sessions_make_room() -> None:
    sessions = Sessions()
    first = sessions.begin(CALLER, NOW)
    words = [sessions.begin(CALLER, NOW) for _ in range(MOST)]
    assert sessions.find(first, NOW) is None
    assert all(sessions.find(word, NOW) for word in words)
