from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from server.served import OURS, Served, row, sent
from wane.server import service
from wane.server.keys import Scope

if TYPE_CHECKING:
    import pytest

NOTHING = "No event has arrived yet."
WAITS = "Events have arrived. A window is evaluated when it has ended"


def page(served: Served) -> str:
    """The page of a model."""
    return served.client.get("/models/churn", headers=served.headers(Scope.READ)).text


def test_a_model_without_findings_says_whether_events_have_arrived(served: Served) -> None:
    served.service.store.open_model(OURS, "churn", served.clock())
    assert NOTHING in page(served)
    assert WAITS not in page(served)
    served.client.post(
        "/v1/models/churn/predictions", json=[row(1)], headers=served.headers(Scope.INGEST)
    )
    assert WAITS in page(served), "they wait in the inbox"
    served.service.operator.attend_all()
    assert served.service.operator.failures == {}
    (model,) = served.service.store.models()
    assert not served.service.store.waiting(model.id, 1)
    assert WAITS in page(served), "they lie in a file"
    assert NOTHING not in page(served)


def test_findings_are_shown_without_a_look_at_what_arrived(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(served, "churn", days=3)
    served.service.operator.attend_all()

    def read(*_: object) -> None:
        raise AssertionError("it was read")

    with monkeypatch.context() as patched:
        for name in ("files", "waiting", "inbox"):
            patched.setattr(served.service.store, name, read)
        text = page(served)
    assert "As data" in text
    assert NOTHING not in text
    assert WAITS not in text


def test_the_page_that_waits_turns_by_itself(served: Served) -> None:
    """Its poll is answered with nothing until the first event is there."""
    served.service.store.open_model(OURS, "churn", served.clock())
    headers = served.headers(Scope.READ)
    address = re.search(r'hx-get="([^"]+)"', page(served))
    assert address is not None
    poll = html.unescape(address[1])
    assert served.client.get(poll, headers=headers).status_code == 204
    served.client.post(
        "/v1/models/churn/predictions", json=[row(1)], headers=served.headers(Scope.INGEST)
    )
    turned = served.client.get(poll, headers=headers)
    assert turned.status_code == 200
    assert WAITS in turned.text
    again = re.search(r'hx-get="([^"]+)"', turned.text)
    assert again is not None
    assert served.client.get(html.unescape(again[1]), headers=headers).status_code == 204


def test_the_first_page_makes_no_more_keys_than_there_may_be(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = served.headers(Scope.ADMIN) | {"Sec-Fetch-Site": "same-origin"}
    monkeypatch.setattr(service, "MOST_KEYS", len(served.service.store.keys(OURS)) + 1)
    assert served.client.post("/welcome", headers=headers).status_code == 200
    answer = served.client.post("/welcome", headers=headers)
    assert answer.status_code == 409
    assert "drop some first" in answer.text
