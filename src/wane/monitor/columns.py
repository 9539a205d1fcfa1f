"""The keywords that name the columns of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from wane.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping


class Columns(TypedDict, total=False):
    """Role -> column; see `Monitor.log` for what the roles are."""

    prediction: str | None
    score: str | None
    label: str | None
    id: str | None
    timestamp: str | None
    weight: str | None
    version: str | None
    latency: str | None
    error: str | None
    query: str | None
    item: str | None
    rank: str | None
    relevance: str | None


def told(columns: Mapping[str, object]) -> dict[str, str | None]:
    """Every role with its column, or None.

    Raises:
        UsageError: There is no such role, or a column is not named by a text.
    """
    roles = tuple(Columns.__annotations__)
    found: dict[str, str | None] = dict.fromkeys(roles)
    for role, column in columns.items():
        if role not in found:
            raise UsageError(
                f"there is no role {role!r}",
                expected=f"one of {', '.join(roles)}",
                hint=did_you_mean(role, roles),
            )
        if column is not None and not isinstance(column, str):
            raise UsageError(
                f"{role} does not name a column",
                expected=f'{role}="column"',
                got=type(column).__name__,
                hint="`log` takes single values, `log_batch` the names of columns.",
            )
        found[role] = column
    return found
