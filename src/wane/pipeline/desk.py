"""Who is told, as `[alerts]` says it: routes, and receivers that can be sent to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wane.alert.life import KEEP_FIRING
from wane.alert.mute import WEEKDAYS, Mute
from wane.alert.notify.allowed import Allowed
from wane.alert.notify.outbound import Outbound
from wane.alert.notify.receivers import open_heartbeat, open_receiver, read_receivers
from wane.alert.route import LABELS, Route
from wane.config.duration import duration
from wane.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.alert.notify.channel import Channel
    from wane.alert.notify.heartbeat import Heartbeat
    from wane.config.settings import AlertSettings, MuteSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """Who is told, and how.

    Attributes:
        routes: In order.
        receivers: Receiver -> channel name -> channel.
        link: Address of the pages, to which "/alerts/..." is added; None where there are none.
        lapses: When a run that ends expects the next one; None for a server, which stays.
        keep_firing: Quiet windows after which an incident is still not over.
        heartbeat: Who hears that wane itself is well; None: nobody.
    """

    routes: tuple[Route, ...] = ()
    receivers: Mapping[str, Mapping[str, Channel]] = field(default_factory=dict)
    link: str | None = None
    lapses: dt.datetime | None = None
    keep_firing: int = KEEP_FIRING
    heartbeat: Heartbeat | None = None


def desk_of(
    settings: AlertSettings | None,
    source: str = "wane.toml",
    *,
    link: str | None = None,
    lapses: dt.datetime | None = None,
) -> Desk:
    """The desk that settings describe; nobody where there are none. No secret is read yet.

    Args:
        settings: The `[alerts]` table.
        source: How errors call the file.
        link: See `Desk`.
        lapses: See `Desk`.

    Raises:
        ConfigError: A receiver, a route or an allowed host cannot be used.
    """
    if settings is None:
        return Desk()
    outbound = Outbound(Allowed.of(settings.allow))
    tables = read_receivers(settings.receivers, source)
    receivers = {name: open_receiver(name, table, outbound) for name, table in tables.items()}
    mutes = {one.name: _mute(one, source) for one in settings.mute_times}
    routes = tuple(
        Route(
            receiver=one.receiver,
            match=_checked(one.match, f"{source}: a route to {one.receiver}"),
            group_by=tuple(_checked(dict.fromkeys(one.group_by, ""), source)),
            group_wait=duration(one.group_wait),
            group_interval=duration(one.group_interval),
            repeat_interval=duration(one.repeat_interval),
            send_resolved=one.send_resolved,
            mute=tuple(mutes[name] for name in one.mute),
        )
        for one in settings.route
    )
    channels = {name: receiver.channels for name, receiver in receivers.items()}
    table = settings.heartbeat
    heartbeat = None if table is None else open_heartbeat(table, outbound, source)
    return Desk(routes, channels, link, lapses, settings.keep_firing, heartbeat)


def _mute(settings: MuteSettings, source: str) -> Mute:
    """A time at which nothing new is told.

    Raises:
        ConfigError: A weekday, time, date or zone is none.
    """
    where = f"{source}: the mute time {settings.name!r}"
    days = [name.lower()[:3] for name in settings.weekdays]
    for name in days:
        if name not in WEEKDAYS:
            raise ConfigError(f"{where}: {name!r} is no weekday", expected=", ".join(WEEKDAYS))
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"{where}: there is no time zone {settings.timezone!r}",
            expected='such as "Europe/Rome"',
        ) from error
    try:
        begins, ends = (dt.time.fromisoformat(of) for of in (settings.begins, settings.ends))
        dates = tuple(_dates(text) for text in settings.dates)
    except ValueError as error:
        raise ConfigError(
            f"{where}: {error}", expected='times as "22:00", days as "2026-12-24..2026-12-31"'
        ) from error
    if begins.tzinfo or ends.tzinfo:
        raise ConfigError(f"{where}: times have no zone of their own", expected="timezone = ...")
    at = frozenset(WEEKDAYS.index(name) for name in days)
    return Mute(settings.name, settings.timezone, at, begins, ends, dates)


def _dates(text: str) -> tuple[dt.date, dt.date]:
    """Days from one to another, or one day.

    Raises:
        ValueError: It says neither, or ends before it begins.
    """
    first, dots, last = text.partition("..")
    days = dt.date.fromisoformat(first.strip()), dt.date.fromisoformat((last or first).strip())
    if (dots and not last) or days[1] < days[0]:
        raise ValueError(f"{text!r} are no days from one to another")
    return days


def _checked(labels: Mapping[str, str], where: str) -> Mapping[str, str]:
    """Labels, all of which incidents have.

    Raises:
        ConfigError: One is unknown.
    """
    for name in labels:
        if name not in LABELS:
            raise ConfigError(
                f"{where}: incidents have no label {name!r}",
                expected=", ".join(LABELS),
                hint=did_you_mean(name, LABELS),
            )
    return labels
