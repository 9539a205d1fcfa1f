import datetime as dt
from http.cookies import SimpleCookie
from urllib.parse import quote

import httpx
import pytest

from server.served import Served
from wane.server.keys import Scope
from wane.server.sessions import COOKIE, LENGTH

OWN = {"sec-fetch-site": "same-origin"}
PAGE = {"accept": "text/html,application/xhtml+xml"}


def sign_in(served: Served, key: str, to: str = "/", **headers: str) -> httpx.Response:
    form = {"key": key, "next": to}
    return served.client.post("/login", data=form, headers=(headers or OWN))


def cookie(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


@pytest.mark.parametrize("scope", [Scope.READ, Scope.ADMIN])
def test_a_right_key_begins_a_session(served: Served, scope: Scope) -> None:
    answer = sign_in(served, f"  {served.key(scope)} \n")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    word = cookie(answer)[COOKIE].value
    assert served.client.get("/", headers={"cookie": f"{COOKIE}={word}"} | PAGE).status_code == 200


def test_the_cookie_is_for_this_server_alone(served: Served) -> None:
    morsel = cookie(sign_in(served, served.key(Scope.READ)))[COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"] == "lax"
    assert morsel["path"] == "/"
    assert morsel["domain"] == ""
    assert int(morsel["max-age"]) == LENGTH.total_seconds()


def test_the_cookie_travels_encrypted_where_the_page_does(served: Served) -> None:
    form = {"key": served.key(Scope.READ), "next": "/"}
    secure = served.client.post("https://wane.test/login", data=form, headers=OWN)
    assert cookie(secure)[COOKIE]["secure"]


@pytest.mark.parametrize("key", ["", "wane", "wane_0123456789ab_" + "A" * 43, "\x00", "é" * 9_000])
def test_a_wrong_key_begins_none(served: Served, key: str) -> None:
    answer = sign_in(served, key)
    assert answer.status_code in (401, 413)
    assert "set-cookie" not in answer.headers


def test_a_key_that_may_only_send_begins_none(served: Served) -> None:
    assert sign_in(served, served.key(Scope.INGEST)).status_code == 401


def test_an_expired_key_begins_none(served: Served) -> None:
    key = served.new_key([Scope.READ], expires=served.clock() - dt.timedelta(days=1))
    assert sign_in(served, key).status_code == 401


def test_who_guesses_keys_has_to_wait(served: Served) -> None:
    served.service.rate._rate, served.service.rate._burst = 0.001, 3
    found = [sign_in(served, "wrong").status_code for _ in range(5)]
    assert found == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    "headers",
    [
        {"x": "y"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
    ],
)
def test_nobody_is_signed_in_or_out_by_a_page_of_others(
    served: Served, headers: dict[str, str]
) -> None:
    answer = sign_in(served, served.key(Scope.READ), **headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    word = cookie(sign_in(served, served.key(Scope.READ)))[COOKIE].value
    session = {"cookie": f"{COOKIE}={word}"}
    assert served.client.post("/logout", headers=session | headers).status_code == 403
    assert served.client.get("/v1/models", headers=session).status_code == 200


@pytest.mark.parametrize("to", ["/", "/models/churn?last=30d&a=%2F"])
def test_who_signed_in_comes_to_the_page_that_was_asked_for(served: Served, to: str) -> None:
    asked = served.client.get(to, headers=PAGE)
    assert (asked.status_code, asked.headers["location"]) == (303, f"/login?next={quote(to, '')}")
    assert sign_in(served, served.key(Scope.READ), to).headers["location"] == to


@pytest.mark.parametrize(
    "to",
    [
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "http://evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "/\t/evil.test",
        "/\n/evil.test",
        "\x00/",
        "",
        "evil.test",
        " //evil.test",
        "/\r\nset-cookie: a=b",
    ],
)
def test_nobody_is_sent_to_another_server(served: Served, to: str) -> None:
    answer = sign_in(served, served.key(Scope.READ), to)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    page = served.client.get(f"/login?next={quote(to, '')}", headers=PAGE)
    assert 'name="next" value="/"' in page.text


def test_signing_out_ends_the_session(served: Served) -> None:
    word = cookie(sign_in(served, served.key(Scope.READ)))[COOKIE].value
    session = {"cookie": f"{COOKIE}={word}"}
    out = served.client.post("/logout", headers=session | OWN)
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert served.client.get("/v1/models", headers=session).status_code == 401


def test_sessions_have_words_that_cannot_be_guessed(served: Served) -> None:
    words = {cookie(sign_in(served, served.key(Scope.READ)))[COOKIE].value for _ in range(5)}
    assert len(words) == 5
    assert min(map(len, words)) >= 43


def test_programs_are_told_and_people_are_sent_to_sign_in(served: Served) -> None:
    assert served.client.get("/v1/models").status_code == 401
    assert served.client.get("/", headers=PAGE).status_code == 303
    assert served.client.get("/").status_code == 401


def test_a_page_for_people_is_kept_by_no_cache(served: Served) -> None:
    answer = served.client.get("/", headers=served.headers(Scope.READ) | PAGE)
    assert answer.headers["cache-control"] == "no-store"
