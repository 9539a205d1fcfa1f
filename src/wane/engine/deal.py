"""Dealing the counting of one stream out to several workers, and adding up what they found."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from wane.engine.messages import Counted
from wane.profile.grid import Part
from wane.profile.summarise import Share, shares

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from wane.engine.messages import Plan


def deal(plan: Plan, parts: int) -> tuple[Share, ...]:
    """The columns dealt out to at most `parts` workers; the first also counts outcomes.

    A column of the grid that the schema does not have is nobody's: rows that lack a column say
    nothing about it, not even that its values are missing.
    """
    present = _positions(plan)
    dealt = [
        Share(tuple(i for i in share.columns if i in present), share.outcomes)
        for share in shares(plan.grid, parts)
    ]
    return tuple(share for share in dealt if share.outcomes or share.columns)


def _positions(plan: Plan) -> set[int]:
    """Places in the grid of the columns that rows of the plan's schema have."""
    schema, names = plan.schema, set(plan.schema.column_names())
    answered = schema.prediction is not None
    made = {Part.RESIDUAL: answered and schema.label is not None, Part.RISK: answered}
    return {
        i
        for i, column in enumerate(plan.grid.columns)
        if made.get(column.part, column.name in names)
    }


def add_up(parts: Sequence[Future[Counted]]) -> Counted:
    """Wait for all shares and add them up."""

    def both(left: Counted, right: Counted) -> Counted:
        return Counted(left.summarised.beside(right.summarised), left.unparsed, left.notes)

    return reduce(both, [part.result() for part in parts])
