"""Predictions and labels that are none of the classes, and the words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.profile.cells import CategoryCells
from wane.profile.counters import Total
from wane.profile.grid import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.profile.profile import Ledger

NAMED = 3
"""Values that are named, the most frequent."""


def classless_notes(whole: Ledger) -> tuple[str, ...]:
    """What the user should know of rows that count as neither right nor wrong; () without any.

    Args:
        whole: Profiles of the whole model by window.
    """
    told = ((Part.PREDICTION, "predictions"), (Part.LABEL, "labels"))
    return tuple(note for part, name in told for note in _notes(whole, part, name))


def _notes(whole: Ledger, part: Part, name: str) -> Iterator[str]:
    grid = whole.grid
    position = grid.one(part)
    cells = None if position is None else grid.columns[position].cells
    if position is None or not isinstance(cells, CategoryCells) or not grid.classes:
        return
    start = int(grid.starts[position])
    total = whole.total()
    weights = total.counters.cells[start : start + cells.other + 1].sum(axis=1)
    found = dict(zip(cells.categories, weights.tolist(), strict=False))
    if position in total.names:
        found |= dict(total.names[position].counts)
    strange = {value: weight for value, weight in found.items() if value not in grid.classes}
    strange = {value: weight for value, weight in strange.items() if weight > 0}
    none = sum(weight for value, weight in found.items() if value not in strange)
    weight, rows = (total.counters.totals[at] for at in (Total.WEIGHT, Total.ROWS))
    count = round((weights.sum() - none) * rows / weight) if weight > 0 else 0
    if count <= 0:
        return
    most = sorted(strange, key=lambda value: (-strange[value], value))
    listed = ", ".join(repr(value) for value in most[:NAMED])
    more = f" and {len(most) - NAMED} more" if len(most) > NAMED else ""
    classes = ", ".join(repr(value) for value in grid.classes[:NAMED])
    of = f"{classes}, ..." if len(grid.classes) > NAMED else classes
    yield (
        f"{count:,} of {round(rows):,} {name} are none of the classes ({of}) but "
        f"{listed}{more}: what is right and wrong is measured without them"
    )
