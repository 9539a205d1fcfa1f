"""Rows that come more than once, by their ids."""

from __future__ import annotations

from wane.diagnose.fault import Fault, FaultKind

LEAST = 0.01
"""Share of the rows that must repeat an id, beyond what the reference has."""
MOST = 0.6
"""With a larger share the column is no id of rows, but of customers, say."""


def repeated(
    column: str, repeats: int, rows: int, before: tuple[int, int] = (0, 0)
) -> tuple[Fault, ...]:
    """That rows come more than once.

    Args:
        column: Of the ids.
        repeats: Rows beyond the first of each id.
        rows: All of them.
        before: The same two numbers of the reference.

    Returns:
        One fault or none.
    """
    share = repeats / rows if rows else 0.0
    known = before[0] / before[1] if before[1] else 0.0
    if not share - known >= LEAST or share > MOST:
        return ()
    return (
        Fault(
            FaultKind.REPEATED,
            (column,),
            f"{share:.1%} of the rows repeat an id in {column}, {known:.1%} before",
            "Find out what sends rows twice; they are counted like the others.",
            share,
        ),
    )
