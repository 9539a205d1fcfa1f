"""Running the server until it is told to stop."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from wane.errors import UsageError
from wane.server.app import create_app
from wane.server.service import Service
from wane.store.directory import DataDirectory
from wane.store.move import sweep
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from wane.pipeline.desk import Desk
    from wane.server.operator import Pace


CONNECTIONS = 4_096
"""Connections at once: idle ones count too, and must not keep others out."""
FILES = 2 * CONNECTIONS
"""File descriptors that the process asks for, within what the system allows."""
HEADER_MILLISECONDS = 10_000
"""How long a request's header may take to come, and a connection stay idle."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens."""

    host: str = "127.0.0.1"
    port: int = 8321

    @property
    def url(self) -> str:
        """As it is typed into a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(path: str, address: Address, pace: Pace | None = None, desk: Desk | None = None) -> None:
    """Serve a data directory until SIGINT or SIGTERM.

    Everything but health needs a key. On the first start an administrator's key is made and
    printed; beyond this machine the server is not opened before there is one.

    Raises:
        StoreError: The directory cannot be used, or another process holds it.
        UsageError: The address cannot be listened at.
    """
    _allow_files()
    with DataDirectory(path) as directory:
        store = SqliteStore(directory.state)
        try:
            sweep(store, directory.raw)
            service = Service(store, directory, _now, pace, desk=desk)
            first = service.first_key()
            _greet(address, directory, first)
            asyncio.run(_run(service, address))
        finally:
            store.close()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _allow_files() -> None:
    """Ask the system for as many file descriptors as there may be connections."""
    try:
        import resource  # noqa: PLC0415  # not everywhere
    except ImportError:  # pragma: no cover - Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _greet(address: Address, directory: DataDirectory, key: str | None) -> None:
    """Say where the server is, on standard error."""
    lines = [f"wane serves {directory.path} at {address.url}"]
    if key is not None:
        lines += [
            "",
            "First start. Sign in with this administrator's key, which is shown this once:",
            f"  {key}",
            "",
        ]
    if not is_loopback(address.host):
        lines.append("Others can reach this address: put TLS in front of it.")
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


async def _run(service: Service, address: Address) -> None:
    server = Server(
        create_app(service),
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        log_level=LogLevels.error,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    service.start()
    try:
        await server.serve()
    except OSError as error:
        raise UsageError(
            f"cannot listen at {address.url}",
            got=error.strerror or str(error),
            hint="Choose another port with --port.",
        ) from error
    finally:
        await asyncio.to_thread(service.stop)
