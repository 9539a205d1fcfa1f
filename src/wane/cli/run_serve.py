"""What `wane serve` does once its flags are read."""

from __future__ import annotations

import logging
import sys

from wane.config import load
from wane.errors import UsageError


def run_serve(
    data: str,
    config: str | None,
    *,
    host: str,
    port: int,
    evaluate_seconds: float,
    url: str | None,
) -> None:
    """Serve until told to stop.

    Raises:
        ConfigError: `[alerts]` of the configuration cannot be used.
        UsageError: The extra is not installed, or the address cannot be listened at.
        StoreError: The directory cannot be used.
    """
    try:
        from wane.pipeline.desk import desk_of
        from wane.server.operator import Pace
        from wane.server.serve import Address, serve
    except ModuleNotFoundError as error:
        raise UsageError(
            "wane serve needs the packages of an extra",
            got=f"no module {error.name!r}",
            hint="Install it: pip install 'wane[server]'.",
        ) from error
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    pace = Pace(tick_seconds=min(5.0, evaluate_seconds), evaluate_seconds=evaluate_seconds)
    address = Address(host, port)
    desk = None
    if config is not None:
        desk = desk_of(load(config).alerts, config, link=(url or address.url).rstrip("/"))
    serve(data, address, pace, desk)
