"""What a source holds, seen before it is read in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Description:
    """A first look at a source.

    Attributes:
        name: What to call it in messages: the path or glob as given, or "frame".
        rows: Number of rows, exact; None when it is not cheaply known.
        sample: Rows spread evenly over the whole source, in stream order, with every column
            that can be monitored.
        ranges: Exact (min, max) of numeric, boolean (0, 1) and temporal columns (microseconds
            since 1970-01-01 UTC) over all rows. Finite values only; a column is missing when
            its range is not known.
        notes: Sentences for the user, for example about columns that cannot be monitored.
    """

    name: str
    rows: int | None
    sample: pa.Table
    ranges: Mapping[str, tuple[float, float]]
    notes: tuple[str, ...] = ()
