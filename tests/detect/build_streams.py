"""Streams of any kind for the detectors, and quiet ones as windows make them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stats.autoregressive import autoregressive
from wane.detect.state import State
from wane.detect.streams import Streams
from wane.detect.watch import watch
from wane.metrics.measurement import SeriesKey

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

RATE = 1 / 90
RARE = 1e-4
"""A budget so small that noise uses none of it."""
PER_STREAM = (
    *("reference", "reference_noise", "tolerance", "harm", "counted"),
    *("adopts", "logarithmic", "weight"),
)
PER_WINDOW = ("values", "noise", "rows")


def streams_of(
    values: ArrayLike,
    *,
    noise: ArrayLike = 0.0,
    rows: ArrayLike = 1000.0,
    reference: ArrayLike = math.nan,
    reference_noise: ArrayLike = 0.0,
    tolerance: ArrayLike = 0.0,
    harm: ArrayLike = 1,
    counted: bool = False,
    adopts: bool = False,
    weight: ArrayLike | None = None,
    growing: bool = False,
    periods: tuple[int, ...] = (7,),
    begin: int = 0,
) -> Streams:
    """Streams [S, L] that share the budget equally; a single one may be given without its axis."""
    value = np.atleast_2d(np.asarray(values, dtype=np.float64))
    count = len(value)

    def each(given: ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(given, dtype=np.float64), count).copy()

    def all_of(given: ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(given, dtype=np.float64), value.shape).copy()

    return Streams(
        keys=tuple(SeriesKey(f"metric {at}") for at in range(count)),
        values=value,
        noise=all_of(noise),
        rows=all_of(rows),
        reference=each(reference),
        reference_noise=each(reference_noise),
        tolerance=each(tolerance),
        harm=each(harm).astype(np.int8),
        counted=np.full(count, counted),
        adopts=np.full(count, adopts),
        logarithmic=np.zeros(count, dtype=np.bool_),
        weight=each(1 / max(count, 1) if weight is None else weight),
        growing=growing,
        periods=periods,
        begin=begin,
    )


def quiet(streams: int, windows: int, seed: int, *, rho: float = 0.5) -> Floats:
    """Correlated windows of variance 1 with a weekly season and a sampling variance of 0.3."""
    random = np.random.default_rng(seed)
    season = random.normal(size=(streams, 7))
    season -= season.mean(axis=1, keepdims=True)
    noise = math.sqrt(0.3) * random.normal(size=(streams, windows))
    slow = autoregressive(rho, streams, windows, seed)
    return np.asarray(slow + season[:, np.arange(windows) % 7] + noise)


def chosen(streams: Streams, which: Ints) -> Streams:
    """Some of the streams, in the order given."""
    parts = {name: getattr(streams, name)[which] for name in (*PER_STREAM, *PER_WINDOW)}
    return replace(streams, keys=tuple(streams.keys[at] for at in which), **parts)


def until(streams: Streams, window: int) -> Streams:
    """What is known of the streams before a window."""
    return replace(streams, **{name: getattr(streams, name)[:, :window] for name in PER_WINDOW})


def watched_through(streams: Streams, rate: float = RATE) -> State:
    """The state after all windows at once."""
    return watch(streams, State.start(streams), rate)
