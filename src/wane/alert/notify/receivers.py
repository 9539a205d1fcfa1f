"""Receivers: from the tables of wane.toml to channels. The one file that knows every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from wane.alert.notify.alertmanager import Alertmanager, AlertmanagerSettings
from wane.alert.notify.apprise import Apprise, AppriseSettings
from wane.alert.notify.heartbeat import Heartbeat, HeartbeatSettings
from wane.alert.notify.pagerduty import PagerDuty, PagerDutySettings
from wane.alert.notify.settings import ChannelSettings
from wane.alert.notify.slack import Slack, SlackSettings
from wane.alert.notify.smtp import Email, EmailSettings
from wane.alert.notify.webhook import Webhook, WebhookSettings
from wane.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic_core import ErrorDetails

    from wane.alert.notify.channel import Channel
    from wane.alert.notify.outbound import Outbound

Tables = Mapping[str, ChannelSettings]
"""Name of a channel -> its table, checked."""
Table = TypeVar("Table", bound=ChannelSettings)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of channel.

    Attributes:
        settings: Its table.
        opened: The table and the way out -> what sends.
    """

    settings: type[ChannelSettings]
    opened: Callable[[Any, Outbound], Channel]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "alertmanager": Kind(AlertmanagerSettings, Alertmanager),
        "apprise": Kind(AppriseSettings, Apprise),
        "email": Kind(EmailSettings, Email),
        "pagerduty": Kind(PagerDutySettings, PagerDuty),
        "slack": Kind(SlackSettings, Slack),
        "webhook": Kind(WebhookSettings, Webhook),
    }
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is told.

    Attributes:
        name: As routes call it.
        channels: Name of the channel -> channel. Each fails, and is tried again, by itself.
    """

    name: str
    channels: Mapping[str, Channel]


def read_receivers(
    tables: Mapping[str, Mapping[str, Any]], source: str = "wane.toml"
) -> dict[str, Tables]:
    """Check the tables of `[alerts.receivers]`; no secret is read, and nothing is connected to.

    `wane.config` lies below this room and keeps the tables as they are written; here they get
    their meaning.

    Args:
        tables: Name of the receiver -> table, as TOML yields them.
        source: How errors call the file.

    Raises:
        ConfigError: An unknown channel or key, a value that is not allowed, a secret that is
            written out, or a receiver without a channel. What may be a secret is not quoted.
    """
    return {
        name: _read(f"{source}: [alerts.receivers.{name}]", table) for name, table in tables.items()
    }


def open_receiver(name: str, tables: Tables, outbound: Outbound) -> Receiver:
    """A receiver that can be sent to; secrets are read when something is sent."""
    channels = {kind: KINDS[kind].opened(table, outbound) for kind, table in tables.items()}
    return Receiver(name, MappingProxyType(channels))


def open_heartbeat(
    table: Mapping[str, Any], outbound: Outbound, source: str = "wane.toml"
) -> Heartbeat:
    """Who hears that wane is well, from the table `[alerts.heartbeat]`.

    Raises:
        ConfigError: As `read_receivers`.
    """
    return Heartbeat(_settings(f"{source}: [alerts.heartbeat]", HeartbeatSettings, table), outbound)


def _read(where: str, table: Mapping[str, Any]) -> Tables:
    if not isinstance(table, Mapping) or not table:
        raise ConfigError(f"{where} has no channel", expected=f"at least one of {', '.join(KINDS)}")
    unknown = next((name for name in table if name not in KINDS), None)
    if unknown is not None:
        raise _unknown(f"{where}: unknown channel", unknown, KINDS)
    return MappingProxyType(
        {
            name: _settings(f"{where} {name}", KINDS[name].settings, one)
            for name, one in table.items()
        }
    )


def _settings(where: str, kind: type[Table], table: object) -> Table:
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        keys = [field.alias or key for key, field in kind.model_fields.items()]
        raise _config_error(where, error, keys) from error


def _config_error(where: str, error: ValidationError, keys: list[str]) -> ConfigError:
    """The first problem, without what was given: it may be a secret."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    first: ErrorDetails = min(problems, key=lambda one: one["type"] != "extra_forbidden")
    place = " ".join(str(step + 1 if isinstance(step, int) else step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(f"{where}: unknown key", place, keys)
    if first["type"] == "missing":
        return ConfigError(f"{where} has no {place!r}", expected=f"a table with {', '.join(keys)}")
    said = first["msg"].removeprefix("Value error, ")
    return ConfigError(": ".join(filter(None, (f"{where} {place}".strip(), said))))


def _unknown(what: str, name: str, allowed: Iterable[str]) -> ConfigError:
    known = list(allowed)
    return ConfigError(
        f"{what} {name!r}", expected=f"one of {', '.join(known)}", hint=did_you_mean(name, known)
    )
