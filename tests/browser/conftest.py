"""A real server with a model that falls, and a real browser that looks at it."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

WANE = Path(sys.executable).with_name("wane")
SECONDS = 60
"""Longest wait for a server to do what it was asked."""
DAYS, ROWS, FELL = 28, 150, 20
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@dataclass(frozen=True)
class Service:
    """A running server."""

    url: str
    key: str

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
            text = answer.read()
        return json.loads(text) if text else None


def start(directory: Path) -> tuple[Service, subprocess.Popen[bytes]]:
    made = subprocess.run(  # noqa: S603 - our own command
        [WANE, "keys", "create", "--scope", "admin", "--data", directory],
        check=True,
        capture_output=True,
        text=True,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [WANE, "serve", "--data", directory, "--port", str(port), "--evaluate-every", "0.5"]
    )
    service = Service(f"http://127.0.0.1:{port}", made.stdout.strip())
    wait_until(lambda: alive(service.url))
    return service, process


def alive(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/health/live", timeout=1).close()  # noqa: S310 - ours
    except OSError:
        return False
    return True


def wait_until(done: Any) -> None:  # noqa: ANN401 - any call
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end, "the server did not come to it"
        time.sleep(0.1)


def events(day: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Predictions and labels of a day; from day FELL on the model answers worse, and x0 moved."""
    rng = np.random.default_rng(day)
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start_of_day = today - dt.timedelta(days=DAYS - day)
    predictions, labels = [], []
    for number in range(ROWS):
        x = rng.normal(size=4)
        x[0] += 1.2 if day >= FELL else 0
        score = float(1 / (1 + np.exp(-2 * x[:3].sum())))
        truth = score if day < FELL else 0.3 * score + 0.35
        key = f"{day}-{number}"
        at = start_of_day + dt.timedelta(minutes=float(rng.uniform(0, 1439)))
        predictions.append(
            {
                "id": key,
                "timestamp": at.isoformat(),
                "score": score,
                "prediction": int(score > 0.5),
                "latency": 0.03,
                "features": {
                    **{f"x{i}": float(value) for i, value in enumerate(x)},
                    "channel": str(rng.choice(["web", "app"])),
                },
            }
        )
        labels.append({"id": key, "label": int(rng.random() < truth)})
    return predictions, labels


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. While it runs, so does an event loop in this thread: other tests have their own."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium is not None, "these tests look at pages in Chromium: install it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Service]:
    """A server that nobody has sent anything."""
    service, process = start(tmp_path)
    yield service
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with four weeks of a model called churn, evaluated."""
    service, process = start(tmp_path_factory.mktemp("served"))
    for day in range(DAYS):
        predictions, labels = events(day)
        service.call("POST", "/v1/models/churn/predictions", predictions)
        service.call("POST", "/v1/models/churn/labels", labels)
    wait_until(lambda: "fell" in (service.call("GET", "/v1/models/churn")["sentence"] or ""))
    yield service
    process.terminate()
    process.wait()
