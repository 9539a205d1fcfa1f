#!/usr/bin/env python3
"""How long the pages of a server take, and how large they are, with many models and a wide one.

A real server in a process of its own, held to one processor, is sent a wide model (500 features,
90 days) and 99 others (10 features, 90 days), and evaluates them. Then each page is asked for again
and again, one request after the other, compressed as a browser asks for it. To hold: at most 60 kB,
and at most 300 ms to the first byte in 95 of 100 cases.

Usage: python benchmarks/pages.py [--models 100] [--features 500] [--repeats 60]
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import sys
import time

import httpx
import numpy as np
import pyarrow as pa

from ingest import Server, running

DAYS = 90
ROWS_A_DAY = 60
ROWS_A_REQUEST = 1_800
SMALL = 10
SEED = 7
LARGEST_KB, LONGEST_MS = 60.0, 300.0
PATIENCE_SECONDS = 900.0
TYPE = "application/vnd.apache.arrow.stream"


def main() -> int:
    """Fill, ask, print; returns 1 when a page is too large or too slow."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--features", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=60)
    asked = parser.parse_args()
    with running(0) as server, client_of(server) as client:
        fill(client, "wide", asked.features)
        for number in range(1, asked.models):
            fill(client, f"model-{number:02}", SMALL)
        seconds = await_evaluations(client, asked.models)
        print(f"{asked.models} models evaluated {seconds:.0f} s after the last event")
        kept = [measured(client, page, asked.repeats) for page in pages()]
    return int(not all(kept))


def client_of(server: Server) -> httpx.Client:
    """Somebody who may see everything."""
    headers = {"authorization": f"Bearer {server.key.decode()}", "accept-encoding": "gzip"}
    return httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=120)


def fill(client: httpx.Client, model: str, features: int) -> None:
    """Send a model's predictions with their labels, which turn bad in the last ten days."""
    chance = np.random.default_rng(SEED)
    rows = DAYS * ROWS_A_DAY
    last = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    times = [last - dt.timedelta(days=DAYS) * (1 - at / rows) for at in range(rows)]
    late = np.arange(rows) > rows * (DAYS - 10) // DAYS
    score = chance.uniform(0, 1, rows)
    label = (chance.uniform(0, 1, rows) < np.where(late, 0.5, score)).astype(np.int64)
    columns: dict[str, pa.Array] = {
        "id": pa.array([f"{model}-{at}" for at in range(rows)]),
        "timestamp": pa.array(times, pa.timestamp("us", "UTC")),
        "prediction": pa.array((score > 0.5).astype(np.int64)),
        "score": pa.array(score),
        "label": pa.array(label),
    }
    for number in range(features):
        columns[f"feature_{number:03}"] = pa.array(chance.normal(late * (number % 20 == 0), 1.0))
    table = pa.table(columns)
    settings = {"every": "1d", "service": {"keep_rows": "400d"}}
    answer = client.put(f"/v1/models/{model}/settings", json=settings)
    assert answer.is_success, answer.text[:500]
    for begin in range(0, rows, ROWS_A_REQUEST):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.slice(begin, ROWS_A_REQUEST))
        url = f"/v1/models/{model}/predictions"
        while True:
            answer = client.post(url, content=sink.getvalue(), headers={"content-type": TYPE})
            if answer.status_code != 429:
                break
            time.sleep(float(answer.headers["retry-after"]))
        assert answer.status_code == 200, answer.text[:500]
        assert not answer.json()["rejected"], answer.text[:500]


def await_evaluations(client: httpx.Client, models: int) -> float:
    """Wait until the newest window of every model is evaluated; seconds that took."""
    began = time.perf_counter()
    today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while time.perf_counter() - began < PATIENCE_SECONDS:
        found = client.get("/v1/models").json()["models"]
        ends = [one.get("newest_window_end") for one in found]
        if (
            sum(end is not None and dt.datetime.fromisoformat(end) >= today for end in ends)
            >= models
        ):
            return time.perf_counter() - began
        time.sleep(1.0)
    sys.exit("the models are not evaluated in time")


def pages() -> list[str]:
    """The pages that are asked for."""
    wide = "/models/wide"
    return [
        *("/", wide, f"{wide}?last=30d", f"{wide}?last=7d"),
        *(f"{wide}/columns/feature_000", f"{wide}/columns/score", "/models/model-01", "/alerts"),
    ]


def measured(client: httpx.Client, page: str, repeats: int) -> bool:
    """Print one page's times and size; whether it holds."""
    waits = []
    for _ in range(repeats):
        began = time.perf_counter()
        with client.stream("GET", page) as answer:
            next(answer.iter_raw())
            waits.append((time.perf_counter() - began) * 1e3)
            assert answer.status_code == 200, f"{page}: {answer.status_code}"
    kilobytes = size_of(client, page)
    p50, p95 = (float(np.quantile(waits, share)) for share in (0.5, 0.95))
    holds = kilobytes <= LARGEST_KB and p95 <= LONGEST_MS
    print(
        f"{page:36} {kilobytes:7.1f} kB   first byte p50 {p50:6.1f} ms, p95 {p95:6.1f} ms"
        f"   {'OK' if holds else 'NOT'}",
        flush=True,
    )
    return holds


def size_of(client: httpx.Client, page: str) -> float:
    """Bytes of a page as it is sent, in thousands."""
    with client.stream("GET", page) as answer:
        return sum(len(part) for part in answer.iter_raw()) / 1e3


if __name__ == "__main__":
    sys.exit(main())
