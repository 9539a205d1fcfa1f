import datetime as dt
from collections.abc import Iterator

import pytest

from server.served import NOW, OURS, THEIRS, Served, sent, serving, told
from wane.report.parts import REPORT
from wane.server.annotation_routes import MOST
from wane.server.keys import Scope

URL = "/v1/models/churn/annotations"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service of these tests alone: they move its clock and change what it shows."""
    with serving(tmp_path_factory.mktemp("spoken") / "data") as served:
        sent(served, "churn")
        served.service.operator.attend_all()
        yield served


def test_what_happened_is_drawn_in_the_chart(spoken: Served) -> None:
    store, operator = spoken.service.store, spoken.service.operator
    headers = spoken.headers(Scope.INGEST)
    spoken.clock.pass_(seconds=5)
    before = (NOW - dt.timedelta(days=4)).isoformat()
    answer = spoken.client.post(URL, json={"at": before, "text": "trained <b>"}, headers=headers)
    assert answer.status_code == 201
    assert answer.json() == {"annotations": {before: "trained <b>"}}
    now = spoken.client.post(URL, json={"text": "deploy 12"}, headers=headers).json()
    assert sorted(now["annotations"].values()) == ["deploy 12", "trained <b>"]
    operator.attend_all()
    model = store.model(OURS, "churn")
    assert model is not None
    report = store.result(model.id, REPORT)
    assert report is not None
    assert b"trained &lt;b&gt;" in report.body
    assert b"annotation</span>" in report.body
    made = report.made
    spoken.clock.pass_(hours=1)
    operator.attend_all()
    again = store.result(model.id, REPORT)
    assert again is not None
    assert again.made == made


def test_all_that_is_said_can_be_replaced_and_read(spoken: Served) -> None:
    admin, reader = spoken.headers(Scope.ADMIN), spoken.headers(Scope.READ)
    said = {"annotations": {"2026-11-20": "deploy 11", "2026-11-21T10:00+01:00": "retrained"}}
    assert spoken.client.put(URL, json=said, headers=admin).json() == said
    assert spoken.client.get(URL, headers=reader).json() == said
    spoken.client.put(URL, json={"annotations": {}}, headers=admin)
    assert spoken.client.get(URL, headers=reader).json() == {"annotations": {}}


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "x" * 201},
        {"text": "deploy", "at": "soon"},
        {"at": "2026-11-20"},
        {"text": "deploy", "who": "me"},
        [],
    ],
)
def test_what_cannot_be_used_is_refused(spoken: Served, body: object) -> None:
    reader = spoken.headers(Scope.READ)
    before = spoken.client.get(URL, headers=reader).json()
    answer = spoken.client.post(URL, json=body, headers=spoken.headers(Scope.INGEST))
    assert told(answer) == (400, "bad_annotation")
    assert spoken.client.get(URL, headers=reader).json() == before


def test_too_many_are_refused(spoken: Served) -> None:
    many = {"annotations": {f"2026-11-20T00:00:00.{at:06d}": "x" for at in range(MOST + 1)}}
    answer = spoken.client.put(URL, json=many, headers=spoken.headers(Scope.ADMIN))
    assert told(answer) == (400, "bad_annotation")


def test_only_who_may_says_something(spoken: Served) -> None:
    reader = spoken.headers(Scope.READ)
    assert spoken.client.post(URL, json={"text": "x"}, headers=reader).status_code == 403
    sender = spoken.headers(Scope.INGEST)
    assert spoken.client.put(URL, json={"annotations": {}}, headers=sender).status_code == 403
    others = spoken.headers(Scope.ADMIN, tenant=THEIRS)
    assert spoken.client.put(URL, json={"annotations": {}}, headers=others).status_code == 404
