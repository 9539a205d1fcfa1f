"""What `wane serve` does once its flags are read."""

from __future__ import annotations

import logging
import sys

from wane.errors import UsageError


def run_serve(data: str, *, host: str, port: int, evaluate_seconds: float) -> None:
    """Serve until told to stop.

    Raises:
        UsageError: The extra is not installed, or the address cannot be listened at.
        StoreError: The directory cannot be used.
    """
    try:
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
    serve(data, Address(host, port), pace)
