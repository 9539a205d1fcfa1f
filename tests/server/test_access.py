"""Who may do what: every route, with every kind of key."""

import datetime as dt
import re

import httpx
import pytest

from server.served import OURS, THEIRS, Served, bearer, routes, row, sent
from wane.server.document import scope_of
from wane.server.keys import Scope

OPEN = {
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/static/report.css"),
}
"""What everybody may ask for; signing in and out check where the request comes from."""


ROUTES = sorted((method, path) for method, path, _ in routes())
GATED = {(m, p): scope for m, p, r in routes() if (scope := scope_of(r)) is not None}


def asked(served: Served, method: str, path: str, key: str | None, **what: str) -> httpx.Response:
    """The answer to a request that fills in the parameters of a path."""
    url = re.sub(r"\{.*?\}", what.get("name", "churn"), path)
    headers = {} if key is None else bearer(key)
    return served.client.request(method, url, headers=headers, content=b"")


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["error"]["code"]
    return found


def test_every_route_needs_a_scope_but_those_that_are_for_everybody() -> None:
    assert set(ROUTES) - set(GATED) == OPEN


@pytest.mark.parametrize(("method", "path"), sorted(GATED))
def test_nobody_comes_in_without_a_valid_key(served: Served, method: str, path: str) -> None:
    past = served.clock() - dt.timedelta(seconds=1)
    every = list(Scope)
    expired = served.new_key(every, expires=past)
    wrong = served.new_key(every)[:-3] + "AAA"
    dropped = served.new_key(every)
    served.service.store.drop_key(dropped.split("_")[1])
    served.service.load_keys()
    for key in (None, "", "wane", expired, wrong, dropped):
        answer = asked(served, method, path, key)
        assert (answer.status_code, code(answer)) == (401, "no_key")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), sorted(GATED))
@pytest.mark.parametrize("scope", list(Scope))
def test_a_scope_opens_its_routes_and_no_others(
    served: Served, method: str, path: str, scope: Scope
) -> None:
    needed = GATED[method, path]
    answer = asked(served, method, path, served.key(scope))
    if scope in (needed, Scope.ADMIN):
        assert answer.status_code not in (401, 403)
    else:
        assert (answer.status_code, code(answer)) == (403, "scope")


def test_reading_is_never_enough_to_change_anything() -> None:
    assert {scope for (method, _), scope in GATED.items() if method != "GET"} == {
        Scope.INGEST,
        Scope.ADMIN,
    }


@pytest.mark.parametrize(("method", "path"), sorted(GATED))
def test_no_route_shows_or_changes_what_others_have(served: Served, method: str, path: str) -> None:
    """The strongest key of another tenant finds nothing of a model, not even that it exists."""
    headers = served.headers(Scope.ADMIN, tenant=THEIRS)
    mine = [row(n) for n in range(3)]
    served.client.post("/v1/models/private/predictions", json=mine, headers=headers)
    store = served.service.store
    (before,) = store.models(THEIRS)
    keys = store.keys(THEIRS)
    url = re.sub(r"\{key_id\}", keys[0].id, path).replace("{name}", "private")
    body = b"[]" if path.endswith(("predictions", "labels")) else b"{}"
    ours = served.headers(Scope.ADMIN)
    answer = served.client.request(method, url, headers=ours, content=body)
    absent = served.client.request(
        method, url.replace("private", "absent"), headers=ours, content=body
    )
    assert (answer.status_code, answer.text.replace("private", "absent")) == (
        absent.status_code,
        absent.text.replace("private", "absent"),
    ) or path in ("/welcome", "/v1/models/{name}/settings")
    if method == "GET":
        assert answer.status_code in (404, 200, 204)
        assert "private" not in answer.text.replace(url, "") or answer.status_code == 404
    assert store.models(THEIRS) == (before,)
    assert store.keys(THEIRS) == keys
    assert len(store.inbox(before.id, 10)) == 1


def test_two_tenants_have_models_of_the_same_name(served: Served) -> None:
    sent(served, "churn", days=2, rows=10)
    sent(served, "churn", days=2, rows=20, tenant=THEIRS)
    for tenant, rows in ((OURS, 20), (THEIRS, 40)):
        found = served.service.store.model(tenant, "churn")
        assert found is not None
        outcomes = served.service.writer.outcomes
        assert max(n for one, n in outcomes.items() if one.model == found.id) == rows


def test_lists_show_only_what_is_ones_own(watched: Served) -> None:
    for path, key in (("/v1/models", "models"), ("/v1/keys", "keys")):
        ours, theirs = (
            watched.client.get(path, headers=watched.headers(Scope.ADMIN, tenant=tenant)).json()
            for tenant in (OURS, THEIRS)
        )
        names = [{one.get("name", one.get("id")) for one in found[key]} for found in (ours, theirs)]
        assert names[0]
        assert names[1]
        assert names[0].isdisjoint(names[1])


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic {key}",
        "{key}",
        "Bearer {key} x",
        "Bearer,{key}",
        "Token {key}",
    ],
)
def test_a_key_comes_as_a_bearer_or_not_at_all(served: Served, header: str) -> None:
    written = header.format(key=served.key(Scope.READ))
    answer = served.client.get("/v1/models", headers={"authorization": written})
    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["Bearer {key}", "bearer {key}", "BEARER  {key} "])
def test_the_word_bearer_is_written_in_any_case(served: Served, header: str) -> None:
    written = header.format(key=served.key(Scope.READ))
    assert served.client.get("/v1/models", headers={"authorization": written}).status_code == 200


@pytest.mark.parametrize("place", ["?key={key}", "?access_token={key}", "?authorization={key}"])
def test_a_key_in_an_address_opens_nothing(served: Served, place: str) -> None:
    url = "/v1/models" + place.format(key=served.key(Scope.ADMIN))
    assert served.client.get(url).status_code == 401


def test_a_key_that_fails_is_not_replaced_by_a_session(served: Served) -> None:
    word = signed_in(served)
    headers = {"authorization": "Bearer wrong", "cookie": f"wane_session={word}"}
    assert served.client.get("/v1/models", headers=headers).status_code == 401


def test_a_key_that_asks_too_often_has_to_wait_whatever_its_scope(served: Served) -> None:
    served.service.rate._rate, served.service.rate._burst = 0.001, 3
    for scope, status in ((Scope.READ, 200), (Scope.INGEST, 403)):
        headers = served.headers(scope)
        answers = [served.client.get("/v1/models", headers=headers) for _ in range(5)]
        assert [one.status_code for one in answers] == [*[status] * 3, 429, 429]
        assert code(answers[-1]) == "rate_limited"
        assert int(answers[-1].headers["retry-after"]) > 0


def signed_in(served: Served, *scopes: Scope) -> str:
    """The word of the session of somebody who signed in."""
    caller = served.service.caller(served.key(*(scopes or (Scope.ADMIN,))))
    assert caller is not None
    return served.service.sessions.begin(caller, served.clock())


UNSAFE = sorted((method, path) for method, path in GATED if method != "GET")
FOREIGN: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://wane.test"},
    {"origin": "http://evil.test"},
    {"origin": "http://wane.test.evil.test"},
    {"origin": "http://wane.test:81"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "http://[::1"},
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_pages_of_others_change_nothing_with_a_session(
    served: Served, method: str, path: str
) -> None:
    cookie = {"cookie": f"wane_session={signed_in(served)}"}
    url = re.sub(r"\{.*?\}", "churn", path)
    for headers in FOREIGN:
        answer = served.client.request(method, url, headers=cookie | headers, content=b"")
        assert (answer.status_code, code(answer)) == (403, "foreign_origin")


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "origin", [{"sec-fetch-site": "same-origin"}, {"origin": "http://wane.test"}]
)
def test_our_own_pages_change_things_with_a_session(
    served: Served, method: str, path: str, origin: dict[str, str]
) -> None:
    cookie = {"cookie": f"wane_session={signed_in(served)}"}
    url = re.sub(r"\{.*?\}", "churn", path)
    answer = served.client.request(method, url, headers=cookie | origin, content=b"")
    assert answer.status_code not in (401, 403)


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_programs_change_things_with_a_key_wherever_they_are(
    served: Served, method: str, path: str
) -> None:
    headers = served.headers(Scope.ADMIN) | {"origin": "http://elsewhere.test"}
    url = re.sub(r"\{.*?\}", "churn", path)
    answer = served.client.request(method, url, headers=headers, content=b"")
    assert answer.status_code not in (401, 403)


def test_a_session_ends_with_the_key_it_began_with(served: Served) -> None:
    for end in ("dropped", "expired"):
        ends = served.clock() + dt.timedelta(hours=1)
        text = served.new_key([Scope.READ], expires=ends)
        caller = served.service.caller(text)
        assert caller is not None
        cookie = {"cookie": f"wane_session={served.service.sessions.begin(caller, served.clock())}"}
        assert served.client.get("/v1/models", headers=cookie).status_code == 200
        if end == "dropped":
            served.service.store.drop_key(caller.key)
            served.service.load_keys()
        else:
            served.clock.pass_(hours=1)
        assert served.client.get("/v1/models", headers=cookie).status_code == 401
