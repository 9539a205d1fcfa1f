"""Predictions and labels that are none of the classes, and the words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.profile.cells import CategoryCells
from wane.profile.counters import Total
from wane.profile.grid import Part
from wane.profile.names import NONE
from wane.sources.columns import listed

if TYPE_CHECKING:
    from wane.profile.profile import Ledger

NAMED = 3
"""Values that are named, the most frequent."""


def classless_notes(whole: Ledger) -> tuple[str, ...]:
    """What the user should know of rows that count as neither right nor wrong; () without any.

    Args:
        whole: Profiles of the whole model by window.
    """
    told = (_note(whole, Part.PREDICTION, "predictions"), _note(whole, Part.LABEL, "labels"))
    return tuple(note for note in told if note)


def _note(whole: Ledger, part: Part, name: str) -> str:
    grid = whole.grid
    position = grid.one(part)
    cells = None if position is None else grid.columns[position].cells
    if position is None or not isinstance(cells, CategoryCells) or not grid.classes:
        return ""
    start = int(grid.starts[position])
    weights = whole.counters.cells[:, start : start + cells.other + 1].sum(axis=(0, 2))
    found = dict(zip(cells.categories, weights.tolist(), strict=False))
    found |= sum((names.get(position, NONE) for names in whole.names), NONE).counts
    strange = {value: found[value] for value in found.keys() - grid.classes if found[value] > 0}
    of_classes = sum(found.get(value, 0.0) for value in grid.classes)
    weight, rows = whole.counters.totals[:, [Total.WEIGHT, Total.ROWS]].sum(axis=0)
    count = round((weights.sum() - of_classes) * rows / weight) if weight > 0 else 0
    if count <= 0:
        return ""
    most = sorted(strange, key=lambda value: (-strange[value], value))
    return (
        f"{count:,} of {round(rows):,} {name} are none of the classes "
        f"({listed(grid.classes, NAMED)}) but {listed(most, NAMED)}: what is right and wrong is "
        "measured without them"
    )
