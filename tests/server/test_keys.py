import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.served import NOW
from wane.server.keys import FORM, Scope, caller_of, is_valid, make_key

if TYPE_CHECKING:
    from wane.store.records import StoredKey

LATER = NOW + dt.timedelta(days=1)
MADE = make_key("ours", [Scope.READ, Scope.INGEST], NOW, note="a note", expires=LATER)
KEYS = {MADE.stored.id: MADE.stored}


def test_a_key_has_a_form_that_scanners_can_find() -> None:
    form = FORM.fullmatch(MADE.text)
    assert form is not None
    assert form[1] == MADE.stored.id


def test_the_secret_is_not_kept() -> None:
    form = FORM.fullmatch(MADE.text)
    assert form is not None
    assert form[2] not in repr(MADE.stored)


def test_two_keys_share_nothing() -> None:
    other = make_key("ours", [Scope.READ], NOW)
    assert other.stored.id != MADE.stored.id
    assert other.stored.digest != MADE.stored.digest


def test_a_key_tells_whose_it_is_and_what_it_may() -> None:
    caller = caller_of(MADE.text, KEYS, NOW)
    assert caller is not None
    assert (caller.tenant, caller.key) == ("ours", MADE.stored.id)
    assert caller.may(Scope.READ)
    assert caller.may(Scope.INGEST)
    assert not caller.may(Scope.ADMIN)


def test_administrators_may_do_everything() -> None:
    made = make_key("ours", [Scope.ADMIN], NOW)
    caller = caller_of(made.text, {made.stored.id: made.stored}, NOW)
    assert caller is not None
    assert all(caller.may(scope) for scope in Scope)


def test_a_key_ends_at_its_end() -> None:
    assert caller_of(MADE.text, KEYS, LATER - dt.timedelta(microseconds=1)) is not None
    assert caller_of(MADE.text, KEYS, LATER) is None
    assert not is_valid(MADE.stored, LATER)


def test_a_key_without_an_end_stays_valid() -> None:
    made = make_key("ours", [Scope.READ], NOW)
    assert is_valid(made.stored, dt.datetime.max.replace(tzinfo=dt.UTC))


def test_secrets_of_other_keys_open_nothing() -> None:
    other = make_key("theirs", [Scope.ADMIN], NOW)
    form, stolen = FORM.fullmatch(MADE.text), FORM.fullmatch(other.text)
    assert form is not None
    assert stolen is not None
    keys: dict[str, StoredKey] = {**KEYS, other.stored.id: other.stored}
    assert caller_of(f"wane_{form[1]}_{stolen[2]}", keys, NOW) is None
    assert caller_of(f"wane_{stolen[1]}_{form[2]}", keys, NOW) is None


WRONG = [
    "",
    "wane_",
    MADE.text[:-1],
    MADE.text + "\n",
    " " + MADE.text,
    MADE.text + "A",
    MADE.text.upper(),
    MADE.text.replace("wane", "Wane"),
    MADE.text[:-1] + "\u00e9",
    MADE.text[:18] + "\ud800" * 43,
    MADE.stored.digest,
    f"wane_{MADE.stored.id}_{MADE.stored.digest[:43]}",
    "wane_000000000000_" + "A" * 43,
]


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_no_key_opens_nothing(text: str) -> None:
    assert caller_of(text, KEYS, NOW) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert caller_of(text, KEYS, NOW) is None
