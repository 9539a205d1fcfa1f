"""From what the user says, or the environment, to a transport."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wane.errors import UsageError
from wane.monitor.directory import DirectoryTransport

if TYPE_CHECKING:
    from wane.monitor.limits import Limits
    from wane.monitor.parcel import Transport

URL, KEY = "WANE_URL", "WANE_KEY"
DATA = "wane-data"


def connect(
    model: str,
    *,
    data: str | os.PathLike[str] | None,
    url: str | None,
    key: str | None,
    limits: Limits,
    agent: str,
) -> Transport:
    """A server where one is named, here or in WANE_URL; else a directory.

    Raises:
        UsageError: Both are named, or the address cannot be used.
    """
    if data is not None and url is not None:
        raise UsageError(
            "a monitor sends to one place",
            expected="`data` or `url`",
            got="both",
            hint="Leave one out.",
        )
    where = url or (os.environ.get(URL) if data is None else None)
    if not where:
        return DirectoryTransport(DATA if data is None else data, model)
    from wane.monitor.address import Address  # noqa: PLC0415  # a directory needs no HTTP
    from wane.monitor.http import HttpTransport  # noqa: PLC0415  # as above

    address = Address.parse(where, key if key is not None else os.environ.get(KEY))
    return HttpTransport(address, model, limits.timeout_seconds, agent)
