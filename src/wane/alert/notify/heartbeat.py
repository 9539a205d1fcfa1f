"""The heartbeat: somebody outside hears that wane is well, and raises the alarm when it is silent.

What watches cannot tell of its own end. So services for that (a "dead man's switch") expect a
request now and then, and tell people when none comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from wane.alert.notify.answer import outcome_of
from wane.alert.notify.channel import Again, Outcome
from wane.alert.notify.secret import value_of
from wane.alert.notify.settings import ChannelSettings, Url
from wane.alert.notify.wording import cut
from wane.config.duration import duration
from wane.config.settings import Duration  # noqa: TC001  # pydantic reads it

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from wane.alert.notify.outbound import Outbound

LONGEST_REASON = 500
MOST_REDIRECTS = 3


class HeartbeatSettings(ChannelSettings):
    """`heartbeat = { url = "env:HEARTBEAT_URL" }`."""

    url: Url = Field(description="Hears that all is well.")
    failing: Url | None = Field(default=None, description="Hears what is not, and why.")
    every: Duration = Field(default="1min", description="Pause between two beats of a server.")
    lag: Duration = Field(default="1h", description="A model not looked at for so long is ill.")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Whoever watches the watcher.

    Attributes:
        settings: Its table.
        outbound: The way out.
    """

    settings: HeartbeatSettings
    outbound: Outbound

    @property
    def every(self) -> dt.timedelta:
        """Pause between two beats of a server."""
        return duration(self.settings.every)

    @property
    def lag(self) -> dt.timedelta:
        """For how long a model may go without being looked at."""
        return duration(self.settings.lag)

    def beat(self, ailments: Sequence[str], now: dt.datetime) -> Outcome | None:
        """Say that all is well or, where an address is set for that, what is not.

        Args:
            ailments: What is not well; empty where all is.
            now: The time.

        Returns:
            What came of it; None where nothing is sent, so that the silence is noticed.
        """
        address = self.settings.failing if ailments else self.settings.url
        if address is None:
            return None
        url = value_of(address)
        if isinstance(url, Again):
            return url
        said = "\n".join(cut(one, LONGEST_REASON) for one in ailments) or "well"
        headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "wane"}
        reply = self.outbound.post(url, said.encode(), headers, redirects=MOST_REDIRECTS)
        return outcome_of(reply, now, (url,))
