from __future__ import annotations

from typing import TYPE_CHECKING

from server.served import OURS, Served, row, sent
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
