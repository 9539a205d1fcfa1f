from __future__ import annotations

import asyncio
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import wane
from monitor.fake_server import Reply, fault, rows_of
from wane.errors import DataError, SchemaError, UsageError, WaneError
from wane.monitor.counts import Counts
from wane.monitor.limits import Limits
from wane.monitor.parcel import Accepted, Answer, Failed, Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.fake_server import FakeServer

QUICK = Limits(first_retry_seconds=1e-6, longest_retry_seconds=1e-6)
LONG = 60.0


def sound(counts: Counts) -> bool:
    lost = sum(counts.dropped.values()) + sum(counts.rejected.values())
    return counts.logged == counts.sent + counts.pending + lost


def spooled(kind: str) -> list[dict[str, Any]]:
    files = sorted(Path("wane-data/spool/churn").glob(f"*.{kind}.*"))
    return [
        row for path in files for row in rows_of(path.read_bytes(), arrow=path.suffix == ".arrow")
    ]


class Nobody:
    """A place that is not there."""

    destination = "nowhere"

    def send(self, parcel: Parcel) -> Answer:
        return Failed(f"nobody takes {parcel.rows} rows", away=True)

    def close(self) -> None:
        pass


def test_embedded_everything_is_read_back() -> None:
    with wane.Monitor("churn", version="12", strict=True) as monitor:
        monitor.set_reference({"x": [1, 2], "y": [0, 1], "p": [0.1, 0.9]}, label="y", score="p")
        assert monitor.log(features={"x": 1}, prediction=1, score=0.73, id="a1") == "a1"
        made = monitor.log(features={"x": 2}, prediction=0)
        monitor.label(id="a1", label=0)
        assert monitor.log_batch(pd.DataFrame({"x": [3], "yhat": [1]}), prediction="yhat") == 1
        assert monitor.label_batch({"key": ["b"], "y": [1]}, id="key", label="y") == 1
        assert monitor.flush(LONG)
        assert monitor.counts == Counts(logged=5, sent=5)
    rows = spooled("predictions")
    assert [row["id"] for row in rows if "features" in row] == ["a1", made]
    assert UUID(made).version == 7
    assert {row["version"] for row in rows} == {"12"}
    assert [(row["id"], row["label"]) for row in spooled("labels")] == [("b", 1), ("a1", 0)]
    (reference,) = Path("wane-data/spool/churn").glob("*.reference.parquet")
    assert pq.read_table(reference).column_names == ["score", "label", "x"]


def test_a_server_gets_the_same(server: FakeServer) -> None:
    with wane.Monitor("churn", version="12", url=server.url, key="k", strict=True) as monitor:
        monitor.set_reference({"x": [1, 2], "y": [0, 1]}, label="y")
        monitor.log(features={"x": 1}, prediction=1, id="a1")
        monitor.log_batch({"x": [3], "id": ["b"]})
        monitor.label(id="a1", label=0)
        monitor.label_batch({"id": ["b"], "label": [True]})
    assert {row["id"] for row in server.rows()} == {"a1", "b"}
    assert {row["id"]: row["label"] for row in server.rows("labels")} == {"a1": 0, "b": True}
    assert [r.path for r in server.requests if r.method == "PUT"] == ["/v1/models/churn/reference"]
    assert monitor.counts == Counts(logged=4, sent=4)


def test_retries_lose_nothing_and_rejections_are_counted(server: FakeServer) -> None:
    rejected = [{"index": 0, "code": "negative", "reason": "no"}]
    server.replies += [
        fault(429, "busy", Retry_After="0"),
        fault(500, "internal"),
        Reply(raw=b"garbage\r\n\r\n"),
        Reply(raw=b""),
        Reply(200, b"<html>"),
        Reply(200, json.dumps({"accepted": 1, "duplicate": 1, "rejected": rejected}).encode()),
        fault(401, "key_unknown"),
    ]
    monitor = wane.Monitor("churn", url=server.url, limits=QUICK)
    for _ in range(3):
        monitor.log(features={"x": 1})
    assert monitor.flush(LONG)
    monitor.log(features={"x": 1})
    assert monitor.flush(LONG)
    monitor.close(LONG)
    assert monitor.counts == Counts(
        logged=4, sent=2, duplicates=1, rejected={"negative": 1, "key_unknown": 1}
    )


def test_a_server_that_hangs_holds_nobody_up(server: FakeServer) -> None:
    server.replies += [Reply(hang=True)]
    monitor = wane.Monitor("churn", url=server.url, limits=Limits(batch_rows=1))
    monitor.log(features={"x": 1})
    while not server.requests:
        threading.Event().wait(0.001)
    for _ in range(10):
        monitor.log(features={"x": 1})
    assert not monitor.flush(0.0)
    assert monitor.counts.pending == 11
    assert not monitor.close(0.0)
    assert monitor.counts == Counts(logged=11, dropped={"closed": 11})


def test_a_full_queue_drops_and_the_server_is_told(server: FakeServer) -> None:
    server.replies += [fault(503, "full", Retry_After="0")]
    limits = Limits(queue_rows=5, batch_rows=100, batch_seconds=3_600)
    monitor = wane.Monitor("churn", url=server.url, limits=limits)
    for _ in range(8):
        monitor.log(features={"x": 1})
    assert monitor.counts.dropped == {"queue full": 3}
    assert monitor.close(LONG)
    assert monitor.counts == Counts(logged=8, sent=5, dropped={"queue full": 3})
    told = [json.loads(r.body) for r in server.requests if r.path.endswith("/client")]
    assert told == [{"dropped": {"queue full": 3}}]


def test_drops_are_told_in_a_directory_too() -> None:
    limits = Limits(queue_rows=1, batch_seconds=3_600)
    with wane.Monitor("churn", limits=limits) as monitor:
        monitor.log()
        monitor.log()
    assert spooled("client") == [{"dropped": {"queue full": 1}}]


def test_a_frame_larger_than_the_queue_waits_for_room() -> None:
    limits = Limits(queue_bytes=1_000_000)
    with wane.Monitor("churn", limits=limits, strict=True) as monitor:
        assert monitor.log_batch({"x": np.arange(45_000)}, patience=LONG) == 45_000
        monitor.log(id="there is room beside it")
    numbers = [row["x"] for row in spooled("predictions") if "x" in row]
    assert numbers == list(range(45_000))
    assert monitor.counts == Counts(logged=45_001, sent=45_001)


def test_a_frame_does_not_wait_where_nothing_gets_through() -> None:
    limits = Limits(queue_bytes=10, first_retry_seconds=3_600)
    monitor = wane.Monitor("churn", transport=Nobody(), limits=limits)
    monitor.log_batch({"x": range(10)})
    while not monitor._sender.outbox._struggling:
        threading.Event().wait(0.001)
    monitor.log_batch({"x": range(10)})
    assert monitor.log_batch({"x": range(5)}, patience=3_600.0) == 0
    assert monitor.counts.dropped == {"queue full": 5}
    monitor.close(0.0)


@pytest.mark.parametrize("model", ["", "-a", "a/b", "..", "a b", "a\n", "ä", "a" * 101, None, 1])
def test_what_is_no_name(model: Any) -> None:  # noqa: ANN401
    with pytest.raises(UsageError, match="no name for a model"):
        wane.Monitor(model)


@pytest.mark.parametrize("version", [12, 1.0, b"12"])
def test_a_version_is_text(version: Any) -> None:  # noqa: ANN401
    with pytest.raises(UsageError, match="not a text"):
        wane.Monitor("churn", version=version)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "many", True])
def test_limits_are_positive(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(UsageError, match="`queue_rows`"):
        Limits(queue_rows=value)


HOSTILE = {
    "long": "x" * 10_000,
    "longer": "x" * 100_000,
    "emoji \U0001f600": "\U0001f600" * 100,
    "half": "\ud800",
    "half \udfff": 1,
    "bytes": b"\xff\xfe",
    "huge": 10**400,
    "big": 2**70,
    "nan": float("nan"),
    "inf": float("-inf"),
    "decimal": Decimal("1.5"),
    "deep": {"a": {"b": [1]}},
    "object": object(),
    "numpy": np.float32(0.5),
    "array": np.arange(3),
    "line\nfeed": "a\nb\r\u2028",
    "nul\x00": "\x00",
    "n" * 10_000: 1,
    "": 1,
    "label": 1,
    "scores.yes": 1,
    7: 1,
    None: 1,
    (1, 2): 1,
}


def test_hostile_names_and_values_never_cost_the_row() -> None:
    with wane.Monitor("churn") as monitor:
        monitor.log(features=HOSTILE, prediction=[1], score="high", id="x" * 10_000)
        monitor.log(features=object(), id=object(), timestamp=object(), error=object())
        monitor.log(features=pd.Series({"a": 1}), scores={"a": object()}, prediction=pd.NA)
    first, second, third = spooled("predictions")
    assert first["features"]["big"] == float(2**70)
    assert first["features"]["bytes"] is None
    assert first["features"]["7"] == 1
    assert first["features"]["line\nfeed"] == "a\nb\r\u2028"
    assert "label" not in first["features"]
    assert [UUID(each["id"]).version for each in (first, second, third)] == [7, 7, 7]
    counts = monitor.counts
    assert (counts.sent, counts.nulled, counts.errors, dict(counts.dropped)) == (
        3,
        16 + 4 + 1,
        0,
        {},
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_alone(name: Any) -> None:  # noqa: ANN401
    with wane.Monitor("churn") as monitor:
        value = HOSTILE[name]
        for role in ("prediction", "score", "label", "weight", "version", "error", "query"):
            event: dict[str, Any] = {role: value, "features": {name: value}}
            monitor.log(**event)
        monitor.label(id=value, label=value)
    assert len(spooled("predictions")) == 7
    assert sound(monitor.counts)


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ({"id": "a", "label": None}, "no label"),
        ({"id": "a", "label": float("nan")}, "no label"),
        ({"id": "a", "label": object()}, "no label"),
        ({"id": None, "label": 1}, "no id"),
        ({"id": "", "label": 1}, "no id"),
        ({"id": "x" * 257, "label": 1}, "no id"),
    ],
)
def test_labels_that_cannot_be_sent_are_dropped(label: dict[str, object], reason: str) -> None:
    with wane.Monitor("churn") as monitor:
        monitor.label(**label)
    assert monitor.counts == Counts(logged=1, dropped={reason: 1})


def test_what_was_given_may_change_at_once() -> None:
    row, scores = {"x": 1}, {"yes": 0.5}
    with wane.Monitor("churn") as monitor:
        monitor.log(features=row, scores=scores)
        row["x"] = 2
        scores["yes"] = 0.7
    (sent,) = spooled("predictions")
    assert (sent["features"], sent["scores"]) == ({"x": 1}, {"yes": 0.5})


@pytest.mark.parametrize(
    "call",
    [
        lambda monitor: monitor.log(features={"x": object()}),
        lambda monitor: monitor.log(score="high"),
        lambda monitor: monitor.log(id="x" * 257),
        lambda monitor: monitor.log(features={"label": 1}),
        lambda monitor: monitor.label(id="a", label=None),
        lambda monitor: monitor.log_batch({"x": [1]}, score="p"),
        lambda monitor: monitor.log_batch(7),
        lambda monitor: monitor.label_batch({"x": [1]}),
        lambda monitor: monitor.label_batch("missing.parquet"),
    ],
)
def test_strict_it_raises(call: Callable[[wane.Monitor], object]) -> None:
    with wane.Monitor("churn", strict=True) as monitor, pytest.raises(WaneError):
        call(monitor)
    with wane.Monitor("churn") as monitor:
        call(monitor)
    counts = monitor.counts
    assert sound(counts)
    assert counts.errors or counts.nulled or counts.dropped


def test_strict_it_raises_what_happened_in_the_background(server: FakeServer) -> None:
    server.replies += [fault(401, "key_unknown"), fault(403, "forbidden")]
    monitor = wane.Monitor("churn", url=server.url, strict=True)
    monitor.log()
    with pytest.raises(DataError, match="key_unknown"):
        monitor.flush(LONG)
    monitor.log()
    with pytest.raises(DataError, match="forbidden"):
        monitor.close(LONG)


def test_wrong_words_raise() -> None:
    monitor = wane.Monitor("churn")
    with pytest.raises(UsageError, match="Did you mean 'prediction'"):
        monitor.log_batch({"x": [1]}, predicton="x")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="`log` takes single values"):
        monitor.log_batch({"x": [1]}, score=0.5)  # type: ignore[arg-type]


def test_a_reference_that_cannot_be_used_raises() -> None:
    monitor = wane.Monitor("churn")
    with pytest.raises(SchemaError, match="no column 'yy'"):
        monitor.set_reference({"x": [1]}, label="yy")
    with pytest.raises(DataError, match="not a table"):
        monitor.set_reference(7)


def test_closed_it_drops_and_says_so() -> None:
    monitor = wane.Monitor("churn")
    assert monitor.close(LONG)
    assert monitor.log(id="a") == "a"
    monitor.label(id="a", label=1)
    assert monitor.log_batch({"x": [1, 2]}) == 0
    monitor.set_reference({"x": [1]})
    assert monitor.flush(0.0)
    assert monitor.close(0.0)
    assert monitor.counts == Counts(logged=4, dropped={"closed": 4}, errors=1)


def test_many_threads() -> None:
    monitor = wane.Monitor("churn", strict=True)

    def serve(thread: int) -> None:
        for row in range(500):
            monitor.log(features={"x": row}, id=f"{thread}-{row}")
            monitor.label(id=f"{thread}-{row}", label=row % 2)

    threads = [threading.Thread(target=serve, args=(each,)) for each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert monitor.close(LONG)
    assert monitor.counts == Counts(logged=8_000, sent=8_000)
    expected = {f"{thread}-{row}" for thread in range(8) for row in range(500)}
    for kind in ("predictions", "labels"):
        ids = [row["id"] for row in spooled(kind)]
        assert len(ids) == len(expected)
        assert set(ids) == expected


def test_many_tasks() -> None:
    async def serve(monitor: wane.Monitor, task: int) -> None:
        for row in range(20):
            monitor.log(features={"x": row}, id=f"{task}-{row}")
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        monitor = wane.Monitor("churn", strict=True)
        await asyncio.gather(*[serve(monitor, task) for task in range(50)])
        assert await asyncio.to_thread(monitor.flush, LONG)
        assert monitor.close(LONG)

    asyncio.run(all_of_them())
    assert len({row["id"] for row in spooled("predictions")}) == 1_000


def test_a_monitor_that_nobody_holds_still_sends() -> None:
    monitor = wane.Monitor("churn")
    monitor.log(id="a")
    thread = monitor._sender._thread
    del monitor
    assert thread is not None
    thread.join()
    assert [row["id"] for row in spooled("predictions")] == ["a"]


def test_a_monitor_that_is_not_used_does_nothing() -> None:
    threads = threading.active_count()
    with wane.Monitor("churn") as monitor:
        assert monitor.counts == Counts()
        assert monitor.flush(0.0)
    assert threading.active_count() == threads
    assert not Path("wane-data").exists()


def test_a_transport_of_one_s_own() -> None:
    class Counting:
        destination = "mine"
        rows = 0

        def send(self, parcel: Parcel) -> Answer:
            self.rows += parcel.rows
            return Accepted()

        def close(self) -> None:
            pass

    mine = Counting()
    with wane.Monitor("churn", transport=mine) as monitor:
        monitor.log()
    assert mine.rows == 1
    assert repr(monitor) == "Monitor('churn', to='mine')"
