import gzip
import io
import json
import threading
from collections import Counter
from collections.abc import Callable

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.served import NOW, OURS, Served, row, told
from wane.events.arrow import ARROW
from wane.events.decode import MOST_ROWS
from wane.events.event import Prediction
from wane.server import service, space
from wane.server.body import LARGEST
from wane.server.ingest import MOST_REPORTED
from wane.server.keys import Scope
from wane.server.writer import Room
from wane.store import lost as lost_events
from wane.store.records import Kind

URL = "/v1/models/churn"


def post(served: Served, what: str, body: object, **headers: str) -> httpx.Response:
    """Send something as a program with a key for sending does."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return served.client.post(
        f"{URL}/{what}", content=content, headers=served.headers(Scope.INGEST) | written
    )


def taken(answer: httpx.Response) -> tuple[int, int, dict[int, str]]:
    """Accepted, duplicate, and index -> code of the rows that were not taken."""
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert set(found) == {"accepted", "duplicate", "rejected"}
    rejected = {one["index"]: one["code"] for one in found["rejected"]}
    return found["accepted"], found["duplicate"], rejected


def kept(served: Served, kind: Kind = Kind.PREDICTION, name: str = "churn") -> list[str]:
    """Ids of the events of a model that are on the disk."""
    model = served.service.store.model(OURS, name)
    if model is None:
        return []
    batches = served.service.store.inbox(model.id, 10_000)
    return [
        event["id"]
        for batch in batches
        if batch.kind is kind
        for event in msgspec.json.decode(batch.body)
    ]


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def lines(rows: list[dict[str, object]]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in rows)


FORMS: dict[str, Callable[[list[dict[str, object]]], bytes]] = {
    "application/json": lambda rows: json.dumps(rows).encode(),
    "application/json; charset=utf-8": lambda rows: json.dumps(rows).encode(),
    "application/x-www-form-urlencoded": lambda rows: json.dumps(rows).encode(),
    "application/x-ndjson": lines,
    "application/jsonl": lines,
    "APPLICATION/X-NDJSON": lines,
    ARROW: lambda rows: arrow(
        pa.table(
            {
                "id": [one["id"] for one in rows],
                "timestamp": [NOW for _ in rows],
                "prediction": [one["prediction"] for one in rows],
                "x": [1.5 for _ in rows],
            }
        )
    ),
}


@pytest.mark.parametrize("media", list(FORMS))
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_events_are_taken_in_every_form(served: Served, media: str, encoding: str) -> None:
    body = FORMS[media]([row(n) for n in range(5)])
    body = gzip.compress(body) if encoding == "gzip" else body
    answer = post(served, "predictions", body, content_type=media, content_encoding=encoding)
    assert taken(answer) == (5, 0, {})
    assert kept(served) == [f"p{n}" for n in range(5)]


def test_a_single_event_needs_no_array(served: Served) -> None:
    assert taken(post(served, "predictions", row(1))) == (1, 0, {})
    assert taken(post(served, "labels", {"id": "p1", "label": 1})) == (1, 0, {})


def test_a_bad_row_costs_no_other(served: Served) -> None:
    rows = [
        row(0),
        {"id": 7},
        row(1, score="high"),
        row(2, timestamp="2036-01-01T00:00:00Z"),
        row(3, timestamp="1999-01-01T00:00:00Z"),
        row(4, unknown=1),
        "no object",
        row(5),
    ]
    accepted, duplicate, rejected = taken(post(served, "predictions", rows))
    assert (accepted, duplicate) == (2, 0)
    assert rejected == {
        1: "invalid_field",
        2: "invalid_field",
        3: "future_timestamp",
        4: "old_timestamp",
        5: "invalid_field",
        6: "invalid_field",
    }
    assert kept(served) == ["p0", "p5"]
    model = served.service.store.model(OURS, "churn")
    assert model is not None
    assert served.service.store.counts(model.id) == {
        f"rejected:{code}": n for code, n in Counter(rejected.values()).items()
    }


def test_the_same_batch_three_times_is_accepted_once(served: Served) -> None:
    batch = [row(n, label=n % 2) for n in range(50)]
    answers = [taken(post(served, "predictions", batch)) for _ in range(3)]
    assert answers == [(50, 0, {}), (0, 50, {}), (0, 50, {})]
    labels = [{"id": f"p{n}", "label": 1} for n in range(50)]
    answers = [taken(post(served, "labels", labels)) for _ in range(3)]
    assert answers == [(25, 25, {}), (0, 50, {}), (0, 50, {})]
    assert len(kept(served)) == 50
    assert len(kept(served, Kind.LABEL)) == 75


def test_the_same_batches_at_the_same_time_are_accepted_once(served: Served) -> None:
    batches = [[row(n) for n in range(start, start + 40)] for start in range(0, 200, 20)]
    answers: list[tuple[int, int, dict[int, str]]] = []

    def send() -> None:
        answers.extend(taken(post(served, "predictions", batch)) for batch in batches)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(accepted for accepted, _, _ in answers) == 220
    assert sum(duplicate for _, duplicate, _ in answers) == 6 * 400 - 220
    assert sorted(kept(served)) == sorted(f"p{n}" for n in range(220))


def test_an_event_twice_in_a_batch_is_accepted_once(served: Served) -> None:
    assert taken(post(served, "predictions", [row(1), row(1), row(2)])) == (2, 1, {})


def test_events_without_an_id_are_given_one(served: Served) -> None:
    rows = [{"prediction": 1}, {"prediction": 1}]
    assert taken(post(served, "predictions", rows)) == (2, 0, {})
    assert len(set(kept(served))) == 2


def test_labels_with_predictions_are_labels(served: Served) -> None:
    assert taken(post(served, "predictions", [row(1, label=0), row(2)])) == (2, 0, {})
    assert kept(served, Kind.LABEL) == ["p1"]
    assert taken(post(served, "labels", [{"id": "p1", "label": 0}])) == (0, 1, {})


def test_a_label_may_come_first_and_be_corrected(served: Served) -> None:
    answers = [
        taken(post(served, "labels", [{"id": "later", "label": label}])) for label in (0, 1, 1)
    ]
    assert answers == [(1, 0, {}), (1, 0, {}), (0, 1, {})]


def test_an_empty_batch_is_taken(served: Served) -> None:
    assert taken(post(served, "predictions", [])) == (0, 0, {})
    assert taken(post(served, "labels", b"", content_type="application/x-ndjson")) == (0, 0, {})


@pytest.mark.parametrize("media", ["text/plain", "multipart/form-data", "application/xml", "x"])
def test_other_types_are_refused(served: Served, media: str) -> None:
    answer = post(served, "predictions", [], content_type=media)
    assert told(answer) == (415, "unknown_type")
    assert kept(served) == []


def test_a_batch_that_is_too_long_is_refused(served: Served) -> None:
    rows = [{"prediction": 1}] * (MOST_ROWS + 1)
    answer = post(served, "predictions", rows)
    assert told(answer) == (400, "bad_request")
    assert f"{MOST_ROWS:,}" in answer.json()["error"]["message"]


def test_a_body_that_is_too_large_is_refused(served: Served) -> None:
    answer = post(served, "predictions", b"[" + b" " * LARGEST)
    assert told(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("row_", "code"),
    [
        ({"features": {f"x{n}": 1 for n in range(5_001)}}, "too_many_features"),
        ({"features": {"x": "a" * 65_537}}, "invalid_field"),
        ({"features": {"a" * 257: 1}}, "invalid_field"),
        ({"features": {"": 1}}, "invalid_field"),
        ({"features": {"x": [1]}}, "invalid_field"),
        ({"features": {"x": 2**63}}, "invalid_field"),
        ({"id": "a" * 257}, "invalid_field"),
        ({"features": {"score": 1}}, "reserved_name"),
    ],
)
def test_rows_have_bounds(served: Served, row_: dict[str, object], code: str) -> None:
    assert taken(post(served, "predictions", [row_, row(1)])) == (1, 0, {0: code})


def test_rows_at_their_bounds_are_taken(served: Served) -> None:
    wide = {"id": "a" * 256, "features": {f"{n:0256}": 1 for n in range(5_000)}}
    long = {"id": "long", "features": {"x": "a" * 65_536}}
    assert taken(post(served, "predictions", [wide, long])) == (2, 0, {})


def test_a_body_that_cannot_be_read_makes_no_model(served: Served) -> None:
    for what in ("predictions", "labels", "client"):
        assert post(served, what, b"{").status_code == 400
    assert served.service.store.models() == ()


@pytest.mark.parametrize("name", ["-a", "a b", "a" * 101, "a/b", "\u00e4"])
def test_a_model_is_not_called_anything(served: Served, name: str) -> None:
    answer = served.client.post(
        f"/v1/models/{name}/predictions", json=[row(1)], headers=served.headers(Scope.INGEST)
    )
    assert answer.status_code in (400, 404)
    assert served.service.store.models() == ()


def test_models_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_MODELS", 1)
    headers = served.headers(Scope.INGEST)
    assert post(served, "predictions", [row(1)]).status_code == 200
    answer = served.client.post("/v1/models/other/predictions", json=[row(1)], headers=headers)
    assert told(answer) == (409, "too_many_models")
    assert post(served, "predictions", [row(2)]).status_code == 200


def test_a_full_queue_has_senders_wait(served: Served) -> None:
    served.service.writer._room = Room(events=-1)
    answer = post(served, "predictions", [row(1)])
    assert told(answer) == (429, "queue_full")
    assert answer.headers["retry-after"] == "1"
    ready = served.client.get("/health/ready")
    assert told(ready) == (503, "queue_full")
    assert served.client.get("/health/live").status_code == 200


def test_a_full_disk_has_senders_wait_and_reads_go_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post(served, "predictions", [row(1)]).status_code == 200
    monkeypatch.setattr(space, "is_short", lambda *_: True)
    served.clock.pass_(seconds=1)
    for what in ("predictions", "labels"):
        answer = post(served, what, [])
        assert told(answer) == (503, "disk_full")
        assert answer.headers["retry-after"] == "60"
    assert told(served.client.get("/health/ready")) == (503, "disk_full")
    headers = served.headers(Scope.READ)
    assert served.client.get(URL, headers=headers).status_code == 200
    assert served.client.get("/metrics", headers=headers).status_code == 200


def test_a_server_that_stops_takes_no_more(served: Served) -> None:
    served.service.writer.stop()
    answer = post(served, "predictions", [row(1)])
    assert told(answer) == (503, "stopping")
    assert answer.headers["retry-after"] == "5"


def test_private_columns_are_hashed_from_the_first_event_on(served: Served) -> None:
    settings = {"service": {"private": {"email": "hmac", "name": "drop"}}}
    admin = served.headers(Scope.ADMIN)
    assert served.client.put(f"{URL}/settings", json=settings, headers=admin).status_code == 200
    post(served, "predictions", [{"features": {"email": "a@b.test", "name": "Ann", "x": 1}}])
    model = served.service.store.model(OURS, "churn")
    assert model is not None
    (batch,) = served.service.store.inbox(model.id, 10)
    (event,) = msgspec.json.decode(batch.body, type=list[Prediction])
    assert set(event.features) == {"email", "x"}
    assert b"a@b" not in batch.body


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def put(served: Served, body: bytes, **headers: str) -> httpx.Response:
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    return served.client.put(
        f"{URL}/reference", content=body, headers=served.headers(Scope.INGEST) | written
    )


def test_a_reference_is_kept_as_it_was_sent(served: Served) -> None:
    body = parquet(pa.table({"x": [1.0, 2.0], "prediction": [0, 1]}))
    assert put(served, body).status_code == 204
    model = served.service.store.model(OURS, "churn")
    assert model is not None
    given = served.service.store.reference(model.id)
    assert given is not None
    assert (given.rows, given.given) == (2, NOW)
    assert (served.service.directory.references / given.name).read_bytes() == body


@pytest.mark.parametrize(
    "body",
    [b"", b"PAR1", b"PAR1" * 100, b"x" * 100, parquet(pa.table({"x": pa.array([], pa.int8())}))],
)
def test_what_is_no_reference_is_refused_and_leaves_nothing(served: Served, body: bytes) -> None:
    assert told(put(served, body)) == (400, "bad_reference")
    assert served.service.store.models() == ()
    assert list(served.service.directory.references.rglob("*")) == []


def test_a_reference_is_not_compressed_again(served: Served) -> None:
    body = gzip.compress(parquet(pa.table({"x": [1.0]})))
    assert told(put(served, body, content_encoding="gzip")) == (415, "unknown_encoding")


def lost(served: Served) -> dict[str, int]:
    model = served.service.store.model(OURS, "churn")
    assert model is not None
    return dict(served.service.store.counts(model.id))


def test_events_that_a_sender_lost_are_counted(served: Served) -> None:
    for _ in range(2):
        answer = post(served, "client", {"dropped": {"queue full": 3, "no id": 0}})
        assert (answer.status_code, answer.content) == (204, b"")
    assert lost(served) == {"dropped_by_sender:queue full": 6}


def test_reasons_of_senders_do_not_fill_the_disk(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_events, "MOST_COUNTERS", 10)
    for start in range(0, 100, 20):
        reasons = {f"reason {n}": 1 for n in range(start, start + 20)}
        assert post(served, "client", {"dropped": reasons}).status_code == 204
    found = lost(served)
    assert len(found) == 10
    assert sum(found.values()) == 100
    assert found["dropped_by_sender:other"] == 91


@pytest.mark.parametrize(
    "account",
    [
        [],
        {"dropped": []},
        {"dropped": {"a": -1}},
        {"dropped": {"a": 1.5}},
        {"dropped": {"a": 2**53 + 1}},
        {"dropped": {"a" * 101: 1}},
        {"dropped": {str(n): 1 for n in range(MOST_REPORTED + 1)}},
    ],
)
def test_an_account_that_is_none_is_refused(served: Served, account: object) -> None:
    assert told(post(served, "client", account)) == (400, "bad_request")
