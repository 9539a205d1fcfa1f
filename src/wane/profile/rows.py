"""The usable rows of a batch, and the reasons why others are not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.profile import clock
from wane.profile.values import to_numbers

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.schema import Schema

NO_TIMESTAMP = "timestamp is missing"
BROKEN_TIMESTAMP = "timestamp cannot be read"
FUTURE_TIMESTAMP = "timestamp is in the future"
BAD_WEIGHT = "sample weight is missing, negative or infinite"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one batch that can be counted.

    Attributes:
        batch: The rows.
        times: [n] event times in microseconds since 1970 UTC; None without a timestamp.
        weights: [n] sample weights; None when every row weighs 1.
        arrays: The columns by name.
    """

    batch: pa.RecordBatch
    times: NDArray[np.int64] | None
    weights: NDArray[np.float64] | None
    arrays: Mapping[str, pa.Array]

    @classmethod
    def of(
        cls,
        batch: pa.RecordBatch,
        times: NDArray[np.int64] | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> Rows:
        """Rows that are all usable."""
        arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
        return cls(batch, times, weights, arrays)

    @property
    def count(self) -> int:
        """Number of rows."""
        return int(self.batch.num_rows)

    def array(self, name: str | None) -> pa.Array | None:
        """A column; None when it has no name or the batch lacks it."""
        return None if name is None else self.arrays.get(name)

    def numbers(self, name: str | None) -> NDArray[np.float64]:
        """A column as numbers, NaN throughout when the batch lacks it."""
        array = self.array(name)
        return np.full(self.count, np.nan) if array is None else to_numbers(array).values


def usable(batch: pa.RecordBatch, schema: Schema, now: int, rejected: Counter[str]) -> Rows:
    """Keep the rows with a usable time and weight, and count the others by reason."""
    rows = Rows.of(batch)
    stamps, weighed = rows.array(schema.timestamp), rows.array(schema.weight)
    times = None if stamps is None else clock.to_times(stamps)
    weights = None if weighed is None else to_numbers(weighed).values
    keep = np.ones(batch.num_rows, dtype=bool)
    for reason, mask in _faults(times, weights, now):
        rejected[reason] += int(np.count_nonzero(mask & keep))
        keep &= ~mask
    if keep.all():
        return replace(rows, times=times, weights=weights)
    return Rows.of(
        batch.filter(pa.array(keep)),
        None if times is None else times[keep],
        None if weights is None else weights[keep],
    )


def _faults(
    times: NDArray[np.int64] | None, weights: NDArray[np.float64] | None, now: int
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Each reason that applies, with the rows it applies to."""
    faults: list[tuple[str, NDArray[np.bool_]]] = []
    if times is not None:
        faults += [
            (NO_TIMESTAMP, times == clock.NO_TIME),
            (BROKEN_TIMESTAMP, times == clock.BROKEN_TIME),
            (FUTURE_TIMESTAMP, clock.is_future(times, now)),
        ]
    if weights is not None:
        faults.append((BAD_WEIGHT, ~(np.isfinite(weights) & (weights >= 0))))
    return [(reason, mask) for reason, mask in faults if mask.any()]
