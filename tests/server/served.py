"""A whole service in this process: a real store in a directory, a clock that is set by hand."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from fastapi.routing import APIRoute

from wane.server.app import ROUTERS, create_app
from wane.server.keys import Scope, make_key
from wane.server.service import Service
from wane.store.directory import DataDirectory
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from wane.server.app import App
    from wane.server.rate import RateLimit

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
OURS, THEIRS = "ours", "theirs"
PROGRAM = {"accept": "application/json"}


@dataclass
class Clock:
    """The time, as it was set."""

    now: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, **length: float) -> None:
        self.now += dt.timedelta(**length)


class Client:
    """Asks an application from any thread; it runs on one event loop, as it does in a server."""

    def __init__(self, app: App) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://wane.test", headers=PROGRAM
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._http.aclose())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def request(self, method: str, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401
        response: httpx.Response = self._run(self._http.request(method, url, **what))
        return response

    def get(self, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("GET", url, **what)

    def post(self, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("POST", url, **what)

    def put(self, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("PUT", url, **what)

    def delete(self, url: str, **what: Any) -> httpx.Response:  # noqa: ANN401
        return self.request("DELETE", url, **what)

    def _run(self, asked: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)


@dataclass
class Served:
    """A service, the application that speaks for it, and somebody who asks."""

    service: Service
    app: App
    client: Client
    clock: Clock
    made: dict[tuple[str, str], str] = field(default_factory=dict)

    def key(self, *scopes: Scope, tenant: str = OURS) -> str:
        """A key with these scopes, the same one each time."""
        name = tenant, " ".join(scopes)
        if name not in self.made:
            self.made[name] = self.new_key(scopes, tenant=tenant)
        return self.made[name]

    def new_key(
        self, scopes: Sequence[Scope], *, tenant: str = OURS, expires: dt.datetime | None = None
    ) -> str:
        """Another key."""
        made = make_key(tenant, scopes, self.clock(), expires=expires)
        self.service.store.put_key(made.stored)
        self.service.load_keys()
        return made.text

    def headers(self, *scopes: Scope, tenant: str = OURS) -> dict[str, str]:
        """Headers of a program that has a key with these scopes."""
        return bearer(self.key(*scopes, tenant=tenant))


def bearer(key: str) -> dict[str, str]:
    """The header that shows a key."""
    return {"authorization": f"Bearer {key}"}


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


@contextmanager
def serving(path: Path, *, rate: RateLimit | None = None) -> Iterator[Served]:
    """Serve a directory; its models are looked at only when a test asks for it."""
    clock = Clock()
    with DataDirectory(path) as directory:
        store = SqliteStore(directory.state)
        service = Service(store, directory, clock, rate=rate)
        service.writer.start()
        app = create_app(service)
        try:
            with Client(app) as client:
                yield Served(service, app, client, clock)
        finally:
            service.stop()
            store.close()


def routes() -> Iterator[tuple[str, str, APIRoute]]:
    """Method, path and route of everything that can be asked for."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield method, route.path, route


def row(number: int, **other: object) -> dict[str, object]:
    """A prediction as it is sent."""
    at = NOW - dt.timedelta(minutes=number)
    return {
        "id": f"p{number}",
        "timestamp": at.isoformat(),
        "prediction": number % 2,
        "score": 0.25 + 0.5 * (number % 2),
        "features": {"x": number / 7, "channel": "web"},
        **other,
    }


def sent(served: Served, model: str, *, days: int = 12, rows: int = 60, tenant: str = OURS) -> None:
    """Send a model's days: predictions that are mostly right, and labels for all but the newest."""
    headers = served.headers(Scope.INGEST, tenant=tenant)
    begin = NOW.replace(hour=0) - dt.timedelta(days=days)
    times = [begin + dt.timedelta(hours=24 * n / rows) for n in range(days * rows)]
    predictions = [
        row(n, timestamp=time.isoformat(), version="1", latency=0.01 + n % 7 / 100)
        for n, time in enumerate(times)
    ]
    labels = [
        {"id": f"p{n}", "label": (n + (n % 10 == 0)) % 2, "timestamp": NOW.isoformat()}
        for n in range((days - 1) * rows)
    ]
    for what, events in (("predictions", predictions), ("labels", labels)):
        answer = served.client.post(f"/v1/models/{model}/{what}", json=events, headers=headers)
        assert answer.json() == {"accepted": len(events), "duplicate": 0, "rejected": []}
