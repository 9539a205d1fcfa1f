import datetime as dt
from typing import Any

import httpx
import pytest

from server.served import THEIRS, Served, bearer, told
from wane.server import service
from wane.server.keys import Scope


def make(served: Served, body: object, **key: str) -> httpx.Response:
    headers = bearer(key["key"]) if key else served.headers(Scope.ADMIN)
    return served.client.post("/v1/keys", json=body, headers=headers)


def listed(served: Served, tenant: str | None = None) -> dict[str, dict[str, Any]]:
    """Keys by id, as an administrator sees them."""
    headers = served.headers(Scope.ADMIN, tenant=tenant) if tenant else served.headers(Scope.ADMIN)
    found = served.client.get("/v1/keys", headers=headers).json()["keys"]
    return {key["id"]: key for key in found}


def test_a_key_is_shown_once_and_works(served: Served) -> None:
    answer = make(served, {"scopes": ["read"], "note": "dashboards"})
    assert answer.status_code == 201
    made = answer.json()
    assert made["key"].startswith(f"wane_{made['id']}_")
    assert (made["scopes"], made["note"], made["expires"]) == (["read"], "dashboards", None)
    assert served.client.get("/v1/models", headers=bearer(made["key"])).status_code == 200
    text = str(listed(served))
    assert made["id"] in text
    assert made["key"].split("_", 2)[2] not in text


def test_a_key_ends_when_it_was_said(served: Served) -> None:
    made = make(served, {"scopes": ["read"], "days": 30}).json()
    end = served.clock() + dt.timedelta(days=30)
    assert dt.datetime.fromisoformat(made["expires"]) == end
    served.clock.pass_(days=29)
    assert served.client.get("/v1/models", headers=bearer(made["key"])).status_code == 200
    served.clock.pass_(days=1)
    assert served.client.get("/v1/models", headers=bearer(made["key"])).status_code == 401


def test_a_key_belongs_to_the_tenant_of_who_made_it(served: Served) -> None:
    headers = served.headers(Scope.ADMIN, tenant=THEIRS)
    made = served.client.post("/v1/keys", json={"scopes": ["admin"]}, headers=headers).json()
    assert made["id"] in listed(served, THEIRS)
    assert made["id"] not in listed(served)
    answer = served.client.delete(f"/v1/keys/{made['id']}", headers=served.headers(Scope.ADMIN))
    assert told(answer) == (404, "unknown_key")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": "read"},
        {"scopes": ["read"] * 4},
        {"scopes": ["read"], "days": 0},
        {"scopes": ["read"], "days": 1.5},
        {"scopes": ["read"], "days": 10**30},
        {"scopes": ["read"], "note": "a" * 201},
        {"scopes": ["read"], "tenant": "theirs"},
        {"scopes": ["read"], "id": "000000000000"},
    ],
)
def test_what_is_no_key_is_not_made(served: Served, body: object) -> None:
    before = listed(served)
    assert told(make(served, body)) == (400, "bad_request")
    assert set(listed(served)) == set(before)


def test_a_body_for_a_key_is_small(served: Served) -> None:
    answer = make(served, {"scopes": ["read"], "note": "a" * 20_000})
    assert told(answer) == (413, "body_too_large")


def test_a_key_is_replaced_without_a_gap(served: Served) -> None:
    old = make(served, {"scopes": ["ingest"]}).json()
    new = make(served, {"scopes": ["ingest"]}).json()
    for key in (old, new):
        answer = served.client.post(
            "/v1/models/churn/predictions", json=[], headers=bearer(key["key"])
        )
        assert answer.status_code == 200
    drop = served.client.delete(f"/v1/keys/{old['id']}", headers=served.headers(Scope.ADMIN))
    assert (drop.status_code, drop.content) == (204, b"")
    found = [
        served.client.post("/v1/models/churn/predictions", json=[], headers=bearer(key["key"]))
        for key in (old, new)
    ]
    assert [one.status_code for one in found] == [401, 200]


def test_when_a_key_was_last_used_is_shown(served: Served) -> None:
    made = make(served, {"scopes": ["read"]}).json()
    assert listed(served)[made["id"]]["used"] is None
    served.client.get("/v1/models", headers=bearer(made["key"]))
    used = listed(served)[made["id"]]["used"]
    assert dt.datetime.fromisoformat(used) == served.clock()
    other = make(served, {"scopes": ["read"]}).json()
    assert listed(served)[made["id"]]["used"] == used
    assert listed(served)[other["id"]]["used"] is None


def test_the_last_administrator_stays(served: Served) -> None:
    headers = served.headers(Scope.ADMIN)
    (mine,) = listed(served)
    past = served.clock() - dt.timedelta(days=1)
    served.new_key([Scope.ADMIN], expires=past)
    served.new_key([Scope.ADMIN], tenant=THEIRS)
    served.new_key([Scope.READ, Scope.INGEST])
    answer = served.client.delete(f"/v1/keys/{mine}", headers=headers)
    assert told(answer) == (409, "last_administrator")
    served.new_key([Scope.ADMIN])
    assert served.client.delete(f"/v1/keys/{mine}", headers=headers).status_code == 204
    assert served.client.get("/v1/keys", headers=headers).status_code == 401


def test_keys_are_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_KEYS", 2)
    assert make(served, {"scopes": ["read"]}).status_code == 201
    assert told(make(served, {"scopes": ["read"]})) == (409, "too_many_keys")


def test_what_is_not_there_cannot_be_dropped(served: Served) -> None:
    answer = served.client.delete("/v1/keys/000000000000", headers=served.headers(Scope.ADMIN))
    assert told(answer) == (404, "unknown_key")
