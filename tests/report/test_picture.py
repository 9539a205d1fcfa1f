"""The course of a series as a PNG, read back by a decoder that is not ours."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.report.picture import FIRED, HEIGHT, INK, SIGNATURE, WIDTH, picture

NOTHING = np.zeros(0, dtype=bool)


def pixels(png: bytes) -> np.ndarray:
    """[H, W, 3] of an unfiltered PNG, its chunks checked."""
    assert png.startswith(SIGNATURE)
    at, body, kinds = len(SIGNATURE), b"", []
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert (
            zlib.crc32(kind + data)
            == struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        )
        kinds.append(kind)
        body += data if kind == b"IDAT" else b""
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    rows = np.frombuffer(zlib.decompress(body), np.uint8).reshape(HEIGHT, 1 + 3 * WIDTH)
    assert not rows[:, 0].any()
    return rows[:, 1:].reshape(HEIGHT, WIDTH, 3)


def test_the_line_falls_where_the_series_does() -> None:
    values = np.linspace(1.0, 0.0, 20)
    png = picture(values, np.nan, np.zeros(20, dtype=bool))
    assert png is not None
    dark = (pixels(png) == INK).all(axis=2)
    rows = [np.flatnonzero(dark[:, x]).mean() for x in range(40, WIDTH - 40, 40)]
    assert np.all(np.diff(rows) > 0)


def test_windows_in_which_it_held_have_a_dot_and_gaps_stay_empty() -> None:
    values = np.array([1.0, 1, 1, np.nan, np.nan, np.nan, 0.5, 0.5])
    fired = np.arange(8) >= 6
    png = picture(values, np.nan, fired)
    assert png is not None
    found = pixels(png)
    red = (found == FIRED).all(axis=2)
    assert red[:, WIDTH // 2 :].any()
    assert not red[:, : WIDTH // 2].any()
    assert (found[:, WIDTH // 2 - 20 : WIDTH // 2 + 20] == 255).all()


def test_the_limit_is_within_the_picture() -> None:
    png = picture(np.array([0.9, 0.91, 0.92]), 0.5, np.zeros(3, dtype=bool))
    assert png is not None
    shown = (pixels(png) != 255).any(axis=2)
    assert shown[HEIGHT // 2 :].any()


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, 2.0], [np.nan, np.inf]])
def test_too_little_to_draw(values: list[float]) -> None:
    assert picture(np.array(values), 0.5, np.zeros(len(values), dtype=bool)) is None


@given(
    st.lists(st.floats(-1e300, 1e300) | st.just(np.nan), min_size=2, max_size=30),
    st.floats(-1e300, 1e300) | st.just(np.nan),
)
def test_whatever_the_numbers_it_is_a_picture(values: list[float], limit: float) -> None:
    fired = np.arange(len(values)) % 2 == 0
    png = picture(np.array(values), limit, fired)
    assert png is None or pixels(png).shape == (HEIGHT, WIDTH, 3)
