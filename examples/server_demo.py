#!/usr/bin/env python3
"""A server, and sixty days of a model that looks for breast cancer, sent to it at speed.

The log is that of `breast_cancer.py`, moved so that its last day was yesterday. Predictions are
sent day by day, each day's labels two days later; the page shows every evaluation as it comes.

Usage: python examples/server_demo.py DIRECTORY [PORT]
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from breast_cancer import have_log

import wane

MODEL = "breast-cancer"
ROLES = {
    "timestamp": "timestamp",
    "id": "id",
    "prediction": "prediction",
    "score": "score",
    "version": "model_version",
    "latency": "latency",
    "error": "error",
}
SETTINGS = {
    "every": "1d",
    "segment": ["site"],
    "service": {"keep_rows": "90d"},
}
LABEL_DELAY_DAYS = 2
DAY = dt.timedelta(days=1)


def main(directory: Path, port: int) -> None:
    """Serve, send, and stay until interrupted."""
    have_log(directory)
    data = directory / "wane-data"
    shutil.rmtree(data, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("wane"))]
    key = subprocess.run(  # noqa: S603 - our own command
        [*command, "keys", "create", "--scope", "admin", "--data", str(data)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    server = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "serve", "--data", str(data), "--port", str(port), "--evaluate-every", "2"]
    )
    url = f"http://127.0.0.1:{port}"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` ends both, as Ctrl-C does
    try:
        _wait_for(url)
        sys.stdout.write(f"\nOpen {url}/models/{MODEL} and sign in with\n\n  {key}\n\n")
        sys.stdout.flush()
        _send(directory, url, key)
        sys.stdout.write("All sent. Ctrl-C ends the server.\n")
        sys.stdout.flush()
        server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait()


def _send(directory: Path, url: str, key: str) -> None:
    """The reference, then each day's predictions, and the labels two days later."""
    monitor = wane.Monitor(MODEL, url=url, key=key)
    log = pq.read_table(directory / "predictions.parquet")
    moved_by = _since(pc.max(log["timestamp"]).as_py())
    log = _moved(log, moved_by)
    reference = _moved(pq.read_table(directory / "reference.parquet"), moved_by)
    monitor.set_reference(reference, **_roles(reference), label="label")
    monitor.flush()
    _put(f"{url}/v1/models/{MODEL}/settings", key, SETTINGS)
    midnights = pc.unique(pc.floor_temporal(log["timestamp"], unit="day")).to_pylist()
    for day in [*midnights, *(midnights[-1] + DAY * n for n in range(1, LABEL_DELAY_DAYS + 1))]:
        rows = _of_day(log, day)
        if rows.num_rows:
            monitor.log_batch(rows.drop_columns(["label"]), **_roles(rows))
        answered = _of_day(log, day - LABEL_DELAY_DAYS * DAY)
        known = answered.filter(pc.is_valid(answered["label"]))
        if known.num_rows:
            monitor.label_batch(known.select(["id", "label"]), id="id", label="label")
        monitor.flush()
        sys.stdout.write(f"\r{day:%d %b}: {monitor.counts.sent:,} rows sent ")
        sys.stdout.flush()
    monitor.close()
    sys.stdout.write("\n")


def _roles(table: pa.Table) -> dict[str, Any]:
    """The roles of the columns that are there."""
    return {role: column for role, column in ROLES.items() if column in table.column_names}


def _since(last: dt.datetime) -> dt.timedelta:
    """From the day of a moment to yesterday."""
    yesterday = dt.datetime.now(dt.UTC).date() - DAY
    return yesterday - last.date()


def _moved(log: pa.Table, by: dt.timedelta) -> pa.Table:
    """The log at another time, with latencies in seconds and ids as texts."""
    columns = {name: log[name] for name in log.column_names if name != "latency_ms"}
    columns["timestamp"] = pc.add(log["timestamp"], pa.scalar(by, pa.duration("us")))
    columns["latency"] = pc.divide(log["latency_ms"], 1000.0)
    columns["id"] = log["id"].cast(pa.string())
    return pa.table(columns)


def _of_day(log: pa.Table, day: dt.datetime) -> pa.Table:
    """The rows of one day."""
    times = log["timestamp"]
    first, end = (pa.scalar(moment, times.type) for moment in (day, day + DAY))
    return log.filter(pc.and_(pc.greater_equal(times, first), pc.less(times, end)))


def _put(url: str, key: str, body: object) -> None:
    """Send a JSON body by PUT."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        url,
        data=json.dumps(body).encode(),
        method="PUT",
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - our own server


def _wait_for(url: str) -> None:
    """Wait until the server answers.

    Raises:
        SystemExit: It does not, for half a minute.
    """
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{url}/health/live", timeout=1).close()  # noqa: S310 - ours
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"no server answers at {url}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 8321)
