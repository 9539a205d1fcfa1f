from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from wane.monitor.value import LOST, failure, id_text, number, plain, text

NOON = dt.datetime(2026, 1, 2, 12, 0, 0, 5)  # noqa: DTZ001 - without a zone on purpose
EAST = dt.timezone(dt.timedelta(hours=2))


class Colour(Enum):
    RED = "red"


class Grade(IntEnum):
    GOOD = 1


class Hostile:
    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


class Endless:
    def item(self) -> Endless:
        return Endless()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (1, 1),
        (True, True),
        (1.5, 1.5),
        ("x", "x"),
        ("", ""),
        (None, None),
        (float("nan"), None),
        (np.float64("nan"), None),
        (np.float32(0.5), 0.5),
        (np.int8(-3), -3),
        (np.uint64(2**63), float(2**63)),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.bytes_(b"x"), "x"),
        (np.array(7), 7),
        (np.longdouble(1.5), 1.5),
        (np.datetime64("2026-01-02T12:00:00.000005", "ns"), "2026-01-02T12:00:00.000005Z"),
        (np.datetime64("NaT"), None),
        (np.timedelta64(1500, "ms"), 1.5),
        (pd.NaT, None),
        (pd.NA, None),
        (pd.Timestamp("2026-01-02 12:00", tz="Europe/Berlin"), "2026-01-02T11:00:00Z"),
        (NOON, "2026-01-02T12:00:00.000005Z"),
        (NOON.replace(tzinfo=EAST), "2026-01-02T10:00:00.000005Z"),
        (NOON.date(), "2026-01-02"),
        (NOON.time(), "12:00:00.000005"),
        (dt.timedelta(minutes=1), 60.0),
        (Decimal("1.25"), 1.25),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (Fraction(1, 4), 0.25),
        (Colour.RED, "red"),
        (Grade.GOOD, 1),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"caf\xc3\xa9", "café"),
        (2**63 - 1, 2**63 - 1),
        (2**63, float(2**63)),
        (-(2**80), -float(2**80)),
        ("x" * 65_536, "x" * 65_536),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_scalars_become_what_json_has(given: object, sent: object) -> None:
    read = plain(given)
    assert read == sent
    assert type(read) is type(sent)


@pytest.mark.parametrize(
    "given",
    [
        float("inf"),
        -np.inf,
        Decimal("Infinity"),
        Decimal("1e400"),
        10**400,
        "x" * 65_537,
        b"\xff",
        1j,
        object(),
        [1],
        {"a": {"b": 1}},
        np.array([1, 2]),
        Hostile(),
        Endless(),
        str,
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_json_has_not_is_lost(given: object) -> None:
    assert plain(given) is LOST


@pytest.mark.parametrize(
    ("read", "given", "sent"),
    [
        (number, True, 1),
        (number, np.float32(0.5), 0.5),
        (number, "0.5", LOST),
        (number, None, None),
        (text, 12, "12"),
        (text, 12.0, "12"),
        (text, np.True_, "true"),
        (text, None, None),
        (text, [], LOST),
        (id_text, 7, "7"),
        (id_text, np.float64(7), "7"),
        (id_text, "", None),
        (id_text, float("nan"), None),
        (id_text, "x" * 256, "x" * 256),
        (id_text, "x" * 257, LOST),
        (failure, 0, False),
        (failure, 1.0, True),
        (failure, "timeout", "timeout"),
        (failure, None, None),
    ],
)
def test_roles_read_what_they_need(read: Any, given: object, sent: object) -> None:  # noqa: ANN401
    found = read(given)
    assert found == sent
    assert type(found) is type(sent)
