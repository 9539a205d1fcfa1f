"""What a row of the table of `detection.py` is made of, and the settings of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.window import DAY, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from peer_detectors import Peers

    Floats = NDArray[np.float64]

NO_REASON: tuple[str | None, ...] = (None,)
FIRST_DAY = 1_735_689_600_000_000
"""2025-01-01, a Wednesday, in microseconds."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        stream: What was watched.
        hold: What was to hold.
        wane: What wane did.
        peers: What the peers did on the same.
        holds: Whether it held; None where nothing was to hold.
    """

    stream: str
    hold: str
    wane: str
    peers: str = ""
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How to run.

    Attributes:
        data: Directory with the streams; None when there is none.
        quick: Few seeds and runs.
        peers: River, ruptures and apache-otava, as far as they are there.
    """

    data: Path | None
    quick: bool
    peers: Peers

    def runs(self, full: int, quick: int) -> int:
        """How often to repeat."""
        return quick if self.quick else full

    def read(self, file: str) -> pd.DataFrame:
        """A stream.

        Raises:
            FileNotFoundError: It is not there.
        """
        import pandas as pd  # noqa: PLC0415 - slow, and not every row needs it

        if self.data is None or not (self.data / file).exists():
            raise FileNotFoundError(file)
        path = self.data / file
        return pd.read_csv(path) if file.endswith(".csv.gz") else pd.read_parquet(path)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the issue's table, of one or several lines.

    Attributes:
        name: For `--only`.
        measure: Measures it.
    """

    name: str
    measure: Callable[[Setting], list[Line]]


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a mean of which `count` were seen (Garwood, 1936)."""
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2


def autoregressive(
    rng: np.random.Generator, rho: Floats | float, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """[streams, windows] AR(1) noise of variance 1, stationary from the first window on."""
    shock = rng.normal(size=shape)
    correlation = np.broadcast_to(np.asarray(rho, dtype=np.float64), shape[:1])
    fresh = np.sqrt(1 - correlation**2)
    out = np.empty(shape)
    out[:, 0] = shock[:, 0]
    for window in range(1, shape[1]):
        out[:, window] = correlation * out[:, window - 1] + fresh * shock[:, window]
    return out


def daily_windows(first: int, number: int) -> tuple[Window, ...]:
    """Windows of a day; `first` days after the first of all."""
    starts = range(FIRST_DAY + first * DAY, FIRST_DAY + (first + number) * DAY, DAY)
    return tuple(Window(start, start + DAY) for start in starts)


def measurements(
    windows: tuple[Window, ...],
    values: Mapping[SeriesKey, Floats],
    error: float = 0.0,
    rows: int = 0,
    reference: Mapping[SeriesKey, float] | None = None,
) -> Measurements:
    """Measurements as `wane` makes them, from plain arrays.

    Args:
        windows: W of them.
        values: [W] of each series.
        error: Standard error of each value; 0: unknown.
        rows: Behind each value.
        reference: Value of each series on the reference.
    """
    known = reference or {}
    nothing = np.full(len(windows), np.nan)
    half = 1.959964 * error
    return Measurements(
        windows,
        {
            key: Series(
                key=key,
                values=value,
                low=value - half if error else nothing,
                high=value + half if error else nothing,
                n=np.full(len(windows), rows, dtype=np.int64),
                reasons=NO_REASON * len(windows),
                reference=known.get(key, float("nan")),
            )
            for key, value in values.items()
        },
    )
