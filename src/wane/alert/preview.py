"""What would have been sent: a history replayed as far as the messages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.alert.due import Situation, Told, Watched, delivered, due
from wane.alert.life import KEEP_FIRING, step
from wane.alert.signal import signals_of
from wane.metrics.measurement import Measurements
from wane.window import to_datetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wane.alert.alert import Alert
    from wane.alert.due import Sending
    from wane.alert.incident import Incident
    from wane.alert.route import Route
    from wane.alert.signal import Signal
    from wane.metrics.measurement import Series

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
    for index, end in enumerate(ends):
        signals = _signals_at(alerts, measurements, index, model)
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


def _signals_at(
    alerts: Sequence[Alert], measurements: Measurements, index: int, model: str
) -> Sequence[Signal]:
    """What an evaluation says that ends with a window."""
    windows = measurements.windows[: index + 1]
    last = windows[-1].start
    so_far = [alert for alert in alerts if alert.window.start <= last]
    keys = {alert.key for alert in so_far} & measurements.series.keys()
    series = {key: _until(measurements.series[key], index + 1) for key in keys}
    return signals_of(so_far, Measurements(windows, series), tenant=TENANT, model=model)


def _until(series: Series, count: int) -> Series:
    """The first windows of a series."""
    return replace(
        series,
        values=series.values[:count],
        low=series.low[:count],
        high=series.high[:count],
        n=series.n[:count],
        reasons=series.reasons[:count],
    )


def _looks(end: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """When it is looked whether something is due: soon after an evaluation, then every hour."""
    at = end + FIRST_LOOK
    while at < until:
        yield at
        at += TICK
