"""What would have been sent: a history replayed as far as the messages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.alert.due import Situation, Told, Watched, delivered, due
from wane.alert.life import KEEP_FIRING, step
from wane.alert.signal import conditions_of
from wane.window import to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wane.alert.alert import Alert
    from wane.alert.due import Sending
    from wane.alert.incident import Incident
    from wane.alert.route import Route
    from wane.metrics.measurement import Measurements

TENANT = "default"
FIRST_LOOK = dt.timedelta(minutes=1)
TICK = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Previewed:
    """A message that would have been sent.

    Attributes:
        at: When; at most an hour late.
        sending: To whom, and what.
        reminder: Whether everything in it had been told before.
    """

    at: dt.datetime
    sending: Sending
    reminder: bool


def preview(
    alerts: Sequence[Alert],
    measurements: Measurements,
    routes: Sequence[Route],
    *,
    model: str,
    owner: str | None = None,
    keep_firing: int = KEEP_FIRING,
) -> tuple[Previewed, ...]:
    """Replay a history: an evaluation at the end of each window, and every message due then.

    Nobody acknowledged anything, nothing was silenced, every message arrived, and labels were
    there when their window ended.

    Args:
        alerts: All of the history.
        measurements: What they were raised in.
        routes: Who is told, in order.
        model: Its name.
        owner: Who looks after it.
        keep_firing: Quiet windows after which an incident is still not over.

    Returns:
        In order of time; empty where nothing fired, nobody is told, or windows are of rows, which
        have no time.
    """
    windows = measurements.windows
    if not routes or not windows or windows[0].by_rows:
        return ()
    ends = [to_datetime(window.end) for window in windows]
    known: dict[str, Incident] = {}
    told: dict[tuple[str, str], Told] = {}
    found = []
    conditions = conditions_of(alerts, measurements, tenant=TENANT, model=model)
    for index, end in enumerate(ends):
        said = (one.at(index) for one in conditions)
        signals = [signal for signal in said if signal is not None]
        for incident in step(known.values(), signals, end, keep_firing=keep_firing).incidents:
            known[incident.fingerprint] = incident
        watched = [Watched(one, TENANT, model, owner) for one in known.values()]
        situation = Situation(watched, routes, told=told)
        until = ends[index + 1] if index + 1 < len(ends) else end + TICK
        for at in _looks(end, until):
            sent = due(situation, at)
            found += [Previewed(at, sending, _reminds(sending, told)) for sending in sent]
            for sending in sent:
                told |= {(one.receiver, one.fingerprint): one for one in delivered(sending, at)}
            situation = replace(situation, told=told)
            if not sent and not any(one.is_open for one in known.values()):
                break
    return tuple(found)


def _reminds(sending: Sending, told: Mapping[tuple[str, str], Told]) -> bool:
    """Whether the receiver was told the same of everything, and nothing is worse."""
    for item in sending.items:
        incident = item.watched.incident
        last = told.get((sending.receiver, incident.fingerprint))
        if last is None or (last.news, last.severity) != (item.news, incident.signal.severity):
            return False
    return True


def _looks(end: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """When it is looked whether something is due: soon after an evaluation, then every hour."""
    at = end + FIRST_LOOK
    while at < until:
        yield at
        at += TICK
