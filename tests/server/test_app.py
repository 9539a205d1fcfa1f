"""What holds for every answer, whatever was asked for."""

import json
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.served import Served
from wane.errors import StoreError
from wane.server.app import HEADERS, ROUTERS
from wane.server.keys import Scope

NAMES = [
    "a" * 101,
    "a" * 5_000,
    'a"; drop table x; --',
    "' OR 1=1",
    "%00",
    "a%00b",
    "%ff%fe",
    "%C0%AE%C0%AE",
    "%0d%0aSet-Cookie: a=b",
    "..%2f..%2fetc%2fpasswd",
    ".hidden",
    "%F0%9F%92%A9",
    "a b",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "%ED%A0%80",
    "-",
    "_x",
]


def templates() -> Iterator[tuple[str, str]]:
    """Method and path of every route with a parameter."""
    for router in ROUTERS:
        for route in router.routes:
            for method in getattr(route, "methods", None) or ():
                if "{" in getattr(route, "path", ""):
                    yield method, getattr(route, "path", "")


PARAMETERS = sorted(set(templates()))


def shape(answer: httpx.Response) -> str:
    """The code of a problem, which has one shape."""
    assert answer.headers["content-type"] == "application/json"
    found = answer.json()
    assert set(found) == {"error"}
    assert set(found["error"]) == {"code", "message"}
    assert all(isinstance(text, str) and text for text in found["error"].values())
    code: str = found["error"]["code"]
    return code


def guarded(answer: httpx.Response) -> bool:
    """Whether an answer has the headers of every answer, once."""
    return all(
        answer.headers.get_list(name.decode()) == [value.decode()] for name, value in HEADERS
    )


def test_every_kind_of_answer_has_the_headers(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = served.headers(Scope.ADMIN)
    asked = [
        ("GET", "/v1/models", 200),
        ("GET", "/login", 200),
        ("GET", "/static/htmx.min.js", 200),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/openapi.json", 200),
        ("GET", "/nothing", 404),
        ("PATCH", "/v1/models", 405),
        ("POST", "/v1/keys", 400),
        ("GET", "/v1/models/churn/measurements?last=x", 422),
        ("POST", "/v1/models/churn/predictions", 400),
        ("GET", "/metrics", 500),
    ]
    monkeypatch.setattr(served.service.exposition, "text", lambda *_: 1 / 0)
    for method, url, status in asked:
        answer = served.client.request(method, url, headers=headers, content=b"x")
        assert (url, answer.status_code) == (url, status)
        assert guarded(answer)
        if status >= 400:
            shape(answer)


def test_pages_may_run_no_script_but_ours() -> None:
    policy = dict(HEADERS)[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/nothing", "/v1", "/v1/", "/v1/models/", "/v2/models", "/%00"])
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    answer = served.client.get(path, headers=served.headers(Scope.ADMIN))
    assert (answer.status_code, shape(answer)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("PATCH", "/v1/models", "GET, HEAD"),
        ("OPTIONS", "/v1/models", "GET, HEAD"),
        ("TRACE", "/v1/keys", "GET, HEAD, POST"),
        ("GET", "/v1/keys/0", "DELETE"),
        ("HEAD", "/v1/keys/0", "DELETE"),
        ("GET", "/v1/models/churn/predictions", "POST"),
        ("POST", "/login/", None),
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("INVENTED", "/", "GET, HEAD"),
    ],
)
def test_other_methods_are_told_which_there_are(
    served: Served, method: str, path: str, methods: str | None
) -> None:
    answer = served.client.request(method, path)
    assert answer.status_code == (404 if methods is None else 405)
    assert answer.headers.get("allow") == methods
    if method != "HEAD":
        assert shape(answer) == ("not_found" if methods is None else "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["/", "/login", "/v1/models", "/health/live", "/metrics", "/static/server.css", "/no"]
)
def test_head_is_get_without_a_body(served: Served, path: str) -> None:
    headers = served.headers(Scope.ADMIN)
    whole = served.client.get(path, headers=headers)
    head = served.client.request("HEAD", path, headers=headers)
    assert head.status_code == whole.status_code
    assert head.headers == whole.headers
    assert head.content == b""


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_our_fault(served: Served, name: str) -> None:
    headers = served.headers(Scope.ADMIN)
    for method, path in PARAMETERS:
        url = re.sub(r"\{.*?\}", lambda _: name, path)
        body = b"{}" if path.endswith(("client", "settings")) else b"[]"
        answer = served.client.request(method, url, headers=headers, content=body)
        assert answer.status_code in (400, 404, 405)
        shape(answer)
    assert served.service.store.models() == ()


@pytest.mark.parametrize(
    "query",
    [
        "%ff=%fe",
        "metric=%00",
        "metric=%ff",
        "metric=" + "a" * 10_000,
        "&".join(f"metric={n}" for n in range(500)),
        "last=999999d",
        "last=999999h",
        "last=1%D9%A3d",
        "last=0d",
        "last=1d%0a",
        "last=-1d",
        "since=0001-01-01T00:00:00%2B23:59",
        "until=9999-12-31T23:59:59-23:59",
        "since=2026-11-26",
        "since=2026-11-26T00:00:00",
        "since=1e300",
        "until=now",
        "format=xml",
        "format=json&format=csv",
        "unknown=1",
        "segment=a%22%3B%20drop%20table%20x",
        "metric",
        "=",
        "&&&",
    ],
)
def test_no_query_is_our_fault(watched: Served, query: str) -> None:
    url = f"/v1/models/churn/measurements?{query}"
    answer = watched.client.get(url, headers=watched.headers(Scope.READ))
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert shape(answer) == "invalid_parameter"


ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
BODIES = st.binary() | VALUES.map(lambda value: json.dumps(value).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(body=BODIES)
def test_no_body_is_our_fault(served: Served, body: bytes) -> None:
    headers = served.headers(Scope.ADMIN)
    for method, path in (
        ("POST", "/v1/models/churn/predictions"),
        ("POST", "/v1/models/churn/labels"),
        ("PUT", "/v1/models/churn/reference"),
        ("POST", "/v1/models/churn/client"),
        ("PUT", "/v1/models/churn/settings"),
        ("POST", "/v1/keys"),
        ("POST", "/login"),
    ):
        answer = served.client.request(method, path, headers=headers, content=body)
        assert answer.status_code < 500
        if answer.status_code >= 400 and path != "/login":
            shape(answer)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe[]", b"nul", b"NaN", b'"\\ud800"'],
)
@pytest.mark.parametrize("path", ["predictions", "labels", "client", "settings", "keys"])
def test_malformed_json_is_a_bad_request(served: Served, path: str, body: bytes) -> None:
    url = "/v1/keys" if path == "keys" else f"/v1/models/churn/{path}"
    method = "PUT" if path == "settings" else "POST"
    answer = served.client.request(method, url, headers=served.headers(Scope.ADMIN), content=body)
    assert (answer.status_code, shape(answer)) in (
        (400, "bad_request"),
        (400, "bad_settings"),
        (413, "body_too_large"),
    )


def test_a_body_for_nobody_is_not_read(served: Served) -> None:
    """Who shows no key cannot have the server read for long."""

    async def endless() -> Iterator[bytes]:  # type: ignore[misc]
        raise AssertionError("the body was asked for")
        yield b""

    for router in ROUTERS:
        for route in router.routes:
            for method in (getattr(route, "methods", None) or set()) - {"GET", "DELETE"}:
                path = re.sub(r"\{.*?\}", "churn", getattr(route, "path", ""))
                answer = served.client.request(method, path, content=endless())
                assert answer.status_code in (401, 403)


def test_what_nobody_foresaw_is_answered_plainly_and_logged_on_one_line(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("first line\nWARNING a line of a stranger")

    monkeypatch.setattr(served.service.exposition, "text", broken)
    answer = served.client.get("/metrics", headers=served.headers(Scope.READ))
    assert (answer.status_code, shape(answer)) == (500, "internal")
    assert "stranger" not in answer.text
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.getMessage().isprintable()
    assert "RuntimeError" in record.getMessage()
    assert record.exc_info is None


def test_a_store_that_fails_is_told_without_its_place_and_reads_go_on(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store, headers = served.service.store, served.headers(Scope.ADMIN)
    served.client.post("/v1/models/churn/predictions", json=[{"id": "a"}], headers=headers)
    secret = str(served.service.directory.path)

    def full(*_: object) -> None:
        raise StoreError(f"the store {secret} cannot be used", got="database or disk is full")

    with monkeypatch.context() as patched:
        for name in ("append", "count", "put_key", "configure", "open_model", "put_reference"):
            patched.setattr(store, name, full)
        for method, path, body in (
            ("POST", "/v1/models/churn/predictions", b'[{"id": "b"}]'),
            ("POST", "/v1/models/churn/labels", b'[{"id": "a", "label": 1}]'),
            ("POST", "/v1/models/new/predictions", b'[{"id": "b"}]'),
            ("POST", "/v1/models/churn/client", b'{"dropped": {"queue full": 1}}'),
            ("PUT", "/v1/models/churn/settings", b"{}"),
            ("POST", "/v1/keys", b'{"scopes": ["read"]}'),
        ):
            answer = served.client.request(method, path, headers=headers, content=body)
            assert (answer.status_code, shape(answer)) == (503, "store_unavailable")
            assert answer.headers["retry-after"] == "5"
            assert secret not in answer.text
        for path in ("/v1/models", "/v1/models/churn", "/health/ready", "/metrics", "/v1/keys"):
            assert served.client.get(path, headers=headers).status_code == 200
    assert "database or disk is full" in caplog.text
    again = served.client.post("/v1/models/churn/predictions", json=[{"id": "b"}], headers=headers)
    assert again.json()["accepted"] == 1


def test_secrets_are_never_logged(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keys = [served.new_key([scope]) for scope in Scope]
    wrong = "wane_0123456789ab_" + "Canary" * 7 + "X"
    for key in [*keys, wrong]:
        headers = {"authorization": f"Bearer {key}"}
        for method, path in (
            ("GET", "/v1/models"),
            ("POST", "/v1/keys"),
            ("POST", "/v1/models/churn/predictions"),
            ("GET", "/nothing"),
            ("GET", "/"),
        ):
            served.client.request(method, path, headers=headers, content=b'{"scopes": ["read"]}')
        form = {"key": key, "next": "/"}
        own = {"sec-fetch-site": "same-origin"}
        answer = served.client.post("/login", data=form, headers=own)
        word = answer.cookies.get("wane_session") or "no session"
        assert word not in caplog.text
    for key in [*keys, wrong]:
        assert key.split("_", 2)[2] not in caplog.text


def test_names_and_values_of_senders_write_no_lines_of_the_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = served.headers(Scope.ADMIN)
    evil = "x\nERROR root: a line of a stranger\r\x1b[2J"
    quoted = json.dumps(evil).encode()
    for body in (b"[" + quoted + b"]", b"{" + quoted + b": 1}", quoted, evil.encode()):
        for path in ("predictions", "labels", "client"):
            url = f"/v1/models/churn/{path}"
            served.client.post(url, headers=headers | {"content-type": "text/x"}, content=body)
            served.client.post(url, headers=headers, content=body)
        served.client.put("/v1/models/churn/settings", headers=headers, content=body)
        served.client.put("/v1/models/churn/reference", headers=headers, content=body)
        served.client.get(f"/v1/models/{quote(evil)}", headers=headers)
    ours = [one for one in caplog.records if one.name.startswith("wane")]
    assert all(one.getMessage().isprintable() for one in ours)


def test_what_is_read_is_compressed_for_who_can_unpack_it(watched: Served) -> None:
    headers = watched.headers(Scope.READ)
    page = watched.client.get("/models/churn", headers=headers | {"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in page.headers["vary"].lower()
    assert int(page.headers["content-length"]) < len(page.content) / 3
    plain = watched.client.get("/models/churn", headers=headers | {"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == page.content


def test_what_is_compressed_already_goes_out_as_it_is(watched: Served) -> None:
    headers = watched.headers(Scope.READ) | {"accept-encoding": "gzip"}
    url = "/v1/models/churn/measurements?format=parquet"
    answer = watched.client.get(url, headers=headers)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
