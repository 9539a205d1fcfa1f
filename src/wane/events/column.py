"""A column of plain values as an Arrow array, of the narrowest type that loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from wane.classes import class_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.events.event import Scalar


def column(values: Sequence[Scalar]) -> pa.Array:
    """The values as booleans, integers, numbers or texts.

    Args:
        values: Any length; None for missing. Where kinds are mixed, booleans count as 0 and 1
            among numbers, and numbers are written among texts as classes are named.

    Returns:
        Boolean, int64, float64 or string of the same length; null when all are missing, which
        says nothing of the type that values would have.
    """
    kinds = {type(value) for value in values}
    kinds.discard(type(None))
    if not kinds:
        return pa.nulls(len(values))
    if kinds == {str}:
        return pa.array(values, pa.string())
    if str in kinds:
        return pa.array([class_text(value) for value in values], pa.string())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {bool, int}:
        return pa.array([None if v is None else int(v) for v in values], pa.int64())
    return pa.array([None if v is None else float(v) for v in values], pa.float64())
