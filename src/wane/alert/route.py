"""Who is told of an incident: the first route that matches, and what goes out together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.alert.incident import Incident
    from wane.alert.mute import Mute

LABELS = ("tenant", "model", "owner", "severity", "rule", "metric", "column", "segment")
"""What incidents can be matched and grouped by."""
SEPARATOR = "\x1f"
"""Between the parts of a group's key, of which the receiver is the first."""


def labels_of(
    incident: Incident, *, tenant: str, model: str, owner: str | None = None
) -> dict[str, str]:
    """An incident as labels, an empty text where one does not apply."""
    signal = incident.signal
    return {
        "tenant": tenant,
        "model": model,
        "owner": owner or "",
        "severity": signal.severity.value,
        "rule": signal.rule,
        "metric": signal.metric,
        "column": signal.column or "",
        "segment": signal.segment or "",
    }


def matches(matchers: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every matcher has the value of its label; "*" at an end stands for anything."""
    return all(_fits(wanted, labels.get(name, "")) for name, wanted in matchers.items())


def _fits(wanted: str, value: str) -> bool:
    if wanted.endswith("*"):
        return value.startswith(wanted[:-1])
    return value == wanted


@dataclass(frozen=True, slots=True)
class Route:
    """Where incidents go, and at which pace.

    Attributes:
        receiver: Name of the receiver.
        match: Label -> value that it must have; empty: every incident.
        group_by: Labels; incidents that have the same go out together.
        group_wait: How long the first message of a group waits for others.
        group_interval: Pause between two messages of a group that has changed.
        repeat_interval: Pause after which what still fires, and nobody looks after, is told again.
        send_resolved: Whether the end is told.
        mute: Times at which nothing new is told: what fires then and still does is told after.
    """

    receiver: str
    match: Mapping[str, str] = field(default_factory=dict)
    group_by: tuple[str, ...] = ("model",)
    group_wait: dt.timedelta = dt.timedelta(seconds=30)
    group_interval: dt.timedelta = dt.timedelta(minutes=5)
    repeat_interval: dt.timedelta = dt.timedelta(hours=12)
    send_resolved: bool = True
    mute: tuple[Mute, ...] = ()


def route_of(routes: Sequence[Route], labels: Mapping[str, str]) -> Route | None:
    """The first route that matches; None where nobody is told."""
    return next((route for route in routes if matches(route.match, labels)), None)


def group_of(receiver: str, route: Route, labels: Mapping[str, str]) -> str:
    """The group of an incident on a route, as text."""
    return SEPARATOR.join(
        [receiver, *(f"{name}={labels.get(name, '')}" for name in route.group_by)]
    )
