from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from events.sent import predictions
from wane.events.policy import Privacy
from wane.events.privacy import hashed

if TYPE_CHECKING:
    from wane.events.event import Scalar

SECRET = b"key"
HOW = {"name": Privacy.HMAC, "mail": Privacy.DROP, "age": Privacy.STORE}


def test_values_are_stored_hashed_or_dropped() -> None:
    rows = [
        {"features": {"name": "ann", "mail": "a@b.c", "age": 3, "x": 1}},
        {"features": {"x": 2}},
        {"features": {"name": None}},
    ]
    first, second, third = predictions(rows, private=HOW, secret=SECRET).events
    assert first.features == {"name": hashed("ann", SECRET), "age": 3, "x": 1}
    assert second.features == {"x": 2}
    assert third.features == {"name": None}


def test_the_hash_is_hmac_sha256() -> None:
    expected = hmac.new(SECRET, b"text:ann", hashlib.sha256).hexdigest()[:32]
    assert hashed("ann", SECRET) == expected


def test_equal_values_have_equal_hashes_and_others_have_not() -> None:
    assert hashed(1, SECRET) == hashed(1.0, SECRET)
    values: list[Scalar] = [1, "1", True, "true", 1.5, "", "ann", "Ann"]
    assert len({hashed(value, SECRET) for value in values}) == len(values)
    assert hashed("ann", SECRET) != hashed("ann", b"other")
