"""Logs whose labels come late, row by row, with what becomes of them in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streams import DAILY, START, measured
from wane.schema import Schema, Task
from wane.window import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements

HOUR = DAY // 24
SCHEMA = Schema(
    timestamp="at",
    prediction="prediction",
    label="label",
    label_time="known_at",
    task=Task.BINARY,
    classes=("0", "1"),
    features=(),
)


@dataclass(frozen=True)
class Late:
    """A binary log; [n] each.

    Attributes:
        at: Microseconds since START.
        flagged: Whether predicted positive.
        positive: The label.
        delay: Microseconds from prediction to label.
    """

    at: NDArray[np.int64]
    flagged: NDArray[np.bool_]
    positive: NDArray[np.bool_]
    delay: NDArray[np.int64]

    def table(self, now: int, *, only_positives: bool = False) -> pa.Table:
        """The log as it is at a time after START, labels that have not come left out."""
        there = (self.at + self.delay <= now) & (self.positive | (not only_positives))
        time = pa.timestamp("us", "UTC")
        return pa.table(
            {
                "at": pa.array(START + self.at, time),
                "prediction": self.flagged.astype(np.int8),
                "label": pa.array(self.positive.astype(np.int8), mask=~there),
                "known_at": pa.array(START + self.at + self.delay, time, mask=~there),
            }
        )

    def measured(self, now: int, *, only_positives: bool = False) -> Measurements:
        """Everything by day, as known at a time after START."""
        table = self.table(now, only_positives=only_positives)
        return measured(table, SCHEMA, every=DAILY, at=START + now)

    def truth(self, day: int) -> dict[str, float]:
        """What the metrics of a day become."""
        of = self.at // DAY == day
        flagged, positive = self.flagged[of], self.positive[of]
        found = float((flagged & positive).sum())
        return {
            "accuracy": float((flagged == positive).mean()),
            "precision": found / float(flagged.sum()),
            "recall": found / float(positive.sum()),
        }


def late(days: int, rows: int, medians: tuple[float, float], seed: int = 0) -> Late:
    """Rows of each day, a tenth of them positive, found with recall .6 and precision .5.

    Labels come after lognormal delays with these medians, in days, of predictions that are not
    flagged and that are; none after 13 days.
    """
    random = np.random.default_rng(seed)
    n = days * rows
    positive = random.random(n) < 0.1
    flagged = random.random(n) < np.where(positive, 0.6, 0.1 * 0.6 / 0.9)
    delay = np.full(n, np.inf)
    while (open_ := delay > 13).any():
        delay[open_] = random.lognormal(np.log(np.where(flagged[open_], *medians[::-1])), 0.8)
    at = np.sort(random.integers(0, days * DAY, n))
    return Late(at, flagged, positive, (delay * DAY).astype(np.int64))


def ruled(days: int, rows: int, hours: int, seed: int = 0) -> Late:
    """The same with labels that come after so many hours exactly."""
    found = late(days, rows, (3, 3), seed)
    return Late(found.at, found.flagged, found.positive, np.full(len(found.at), hours * HOUR))
