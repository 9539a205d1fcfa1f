"""Changes of columns, from the values on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

import wane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.diagnose.change import ColumnChange

ANSWERS = {"label", "prediction"}


def changes(
    reference: Mapping[str, object],
    current: Mapping[str, object],
    importance: Mapping[str, float] | None = None,
) -> dict[str, ColumnChange]:
    """Column -> its change over all rows, in the order of the ranking.

    All columns but the answers are features.
    """
    features = tuple(wane.Column(name) for name in current if name not in ANSWERS)
    result = wane.check(
        pa.table({name: pa.array(values) for name, values in current.items()}),
        reference=pa.table({name: pa.array(values) for name, values in reference.items()}),
        schema=wane.Schema(features=features),
        every="100000 rows",
        importance=importance,
    )
    return {change.column: change for change in result.changes}
