"""Which column of a frame is sent under which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.errors import SchemaError
from wane.monitor.roles import SCORES, unfit_name
from wane.monitor.value import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNTOLD = ("id", "timestamp", "prediction", "score", "label")
"""Roles that a column of the same name has without being told; `weight` may be somebody's."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a frame are sent.

    Attributes:
        columns: Name on the wire -> column of the frame; roles first, then features.
        notes: Sentences about columns that are left out.
    """

    columns: Mapping[str, str]
    notes: tuple[str, ...] = ()


def lay_out(
    available: Sequence[str],
    roles: Mapping[str, str | None],
    *,
    scores: Mapping[object, str] | None,
    features: Sequence[str] | None,
    where: str,
) -> Layout:
    """Give every column its name on the wire.

    Args:
        available: Columns of the frame.
        roles: Role -> column; None where not told, and then found by name if one of `UNTOLD`.
        scores: Class -> column with its probability.
        features: Columns that are features; None: all that have no role. () for none.
        where: What to call the frame in messages.

    Raises:
        SchemaError: A column does not exist, has two roles, or is a feature by a name that is
            kept for a role.
    """
    told = {role: column for role, column in roles.items() if column is not None}
    for given, column in (scores or {}).items():
        told[f"{SCORES}{text(given)}"] = column
    for name in [*told.values(), *(features or ())]:
        if name not in available:
            role = next((role for role, column in told.items() if column == name), "a feature")
            raise SchemaError.missing_column(name, role=role, where=where, available=available)
    taken = {*told.values(), *(features or ())}
    untold = [role for role in UNTOLD if role in roles and role not in told]
    told |= {role: role for role in untold if role in available and role not in taken}
    _refuse_two_roles(told, where)
    inputs = [
        name
        for name in (available if features is None else dict.fromkeys(features))
        if name not in told.values()
    ]
    unfit = {name: why for name in inputs if (why := unfit_name(name))}
    if unfit and features is not None:
        name, why = next(iter(unfit.items()))
        raise SchemaError(f"feature {name[:100]!r} of {where} {why}")
    notes = tuple(
        f"column {name[:100]!r} of {where} is left out: it {why}"
        + (f", or say {name}={name!r}" if name in roles and name not in told else "")
        for name, why in unfit.items()
    )
    named = {name: name for name in inputs if name not in unfit}
    if not told and not named:
        raise SchemaError(
            f"{where} has no column that can be sent",
            expected="at least one feature or role",
            got=f"columns {', '.join(map(repr, available))}"[:300] if available else "no column",
        )
    return Layout({**told, **named}, notes)


def _refuse_two_roles(told: Mapping[str, str], where: str) -> None:
    for column in set(told.values()):
        roles = [role for role, each in told.items() if each == column]
        if len(roles) > 1:
            raise SchemaError(
                f"column {column!r} of {where} has two roles",
                expected="one role a column",
                got=" and ".join(roles),
            )
