import json
import os
import signal
from pathlib import Path
from typing import IO

import pytest

from server.served import NOW, OURS, THEIRS, Clock, Served, row, sent
from wane.alert.failing import FAILS
from wane.alert.incident import Cause, State
from wane.engine import pipe
from wane.report.parts import SUMMARY
from wane.server.keys import Scope
from wane.server.operator import FAILED, LEASE, Operator
from wane.store.directory import DataDirectory
from wane.store.records import Model, Moved, StoredResult
from wane.store.sqlite import SqliteStore


def summary(served: Served, name: str, tenant: str = OURS) -> StoredResult | None:
    return served.service.store.result(model(served, name, tenant).id, SUMMARY)


def model(served: Served, name: str, tenant: str = OURS) -> Model:
    found = served.service.store.model(tenant, name)
    assert found is not None
    return found


def opened(served: Served, name: str, tenant: str = OURS) -> Model:
    """A model that nothing was sent to."""
    return served.service.store.open_model(tenant, name, NOW)


def child(operator: Operator) -> int:
    """The process that does the work."""
    assert operator._child is not None
    return operator._child.pid


def test_a_turn_moves_evaluates_and_stores(served: Served) -> None:
    sent(served, "churn")
    served.service.operator.attend_all()
    store, found = served.service.store, model(served, "churn")
    assert store.inbox(found.id, 1) == ()
    assert len(store.windows(found.id)) == 12
    result = summary(served, "churn")
    assert result is not None
    assert result.made == NOW
    assert json.loads(result.body)["windows"] == 12
    assert served.service.operator.failures == {}


def test_a_model_is_evaluated_at_its_pace_and_at_once_when_asked(served: Served) -> None:
    operator, store = served.service.operator, served.service.store
    sent(served, "churn", days=3)
    operator.attend_all()
    other = [row(n, id=f"late{n}") for n in range(24 * 60, 24 * 60 + 50)]
    headers = served.headers(Scope.INGEST)
    served.client.post("/v1/models/churn/predictions", json=other, headers=headers)
    served.clock.pass_(seconds=10)
    operator.attend_all()
    found = model(served, "churn")
    assert store.waiting(found.id, 9) == 1
    assert {window.revision for window in store.windows(found.id)} == {1}
    operator.wake(found.id)
    operator.attend_all()
    assert store.waiting(found.id, 9) == 0
    assert sorted(window.revision for window in store.windows(found.id)) == [1, 1, 2]


def test_what_comes_while_events_are_moved_is_left_for_the_next_turn(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator, store = served.service.operator, served.service.store
    sent(served, "churn", days=1)
    headers = served.headers(Scope.INGEST)
    done = SqliteStore.moved
    moves = []

    def busy(self: SqliteStore, number: int, moved: Moved) -> None:
        done(self, number, moved)
        moves.append(len(moved.sequences))
        late = [row(9_000 + len(moves), id=f"late{len(moves)}")]
        served.client.post("/v1/models/churn/predictions", json=late, headers=headers)

    monkeypatch.setattr(SqliteStore, "moved", busy)
    operator.attend_all()
    assert len(moves) == 1
    assert store.waiting(model(served, "churn").id, 9) == 1


def test_a_clock_that_was_put_back_does_not_stop_evaluations(served: Served) -> None:
    operator, found = served.service.operator, opened(served, "quiet")
    served.clock.pass_(hours=2)
    operator.attend_all()
    served.clock.pass_(hours=-2)
    operator.attend_all()
    assert operator._evaluated[found.id] == NOW


def test_a_child_that_is_killed_is_a_failure_and_the_next_turn_works(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    operator, store = served.service.operator, served.service.store
    failed, other = opened(served, "churn"), opened(served, "other", THEIRS)
    receive = pipe.receive
    killed: list[int] = []

    def dying(answers: IO[bytes]) -> tuple[bytes, bytes] | None:
        if not killed:
            killed.append(child(operator))
            os.kill(killed[0], signal.SIGKILL)
        return receive(answers)

    monkeypatch.setattr(pipe, "receive", dying)
    operator.attend_all()
    assert list(operator.failures) == [failed.id]
    assert "ended while it looked at 'churn'" in operator.failures[failed.id].message
    assert store.counts(failed.id) == {FAILED: 1}
    assert store.counts(other.id) == {}
    assert "churn" in caplog.text
    served.clock.pass_(hours=1)
    operator.attend_all()
    assert operator.failures == {}
    assert child(operator) != killed[0]


def test_a_failure_of_one_model_does_not_cost_the_others(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    operator, store = served.service.operator, served.service.store
    sent(served, "bad", days=3)
    sent(served, "good", days=3)
    settings = {"every": "100 rows"}
    answer = served.client.put(
        "/v1/models/bad/settings", json=settings, headers=served.headers(Scope.ADMIN)
    )
    assert answer.status_code == 200
    operator.attend_all()
    bad = model(served, "bad")
    assert list(operator.failures) == [bad.id]
    assert operator.failures[bad.id].at == NOW
    assert "by time, not by rows" in operator.failures[bad.id].message
    assert "by time, not by rows" in caplog.text
    assert store.counts(bad.id) == {FAILED: 1}
    assert summary(served, "good") is not None
    served.clock.pass_(hours=1)
    operator.attend_all()
    (kept,) = store.alerts.incidents(bad.id)
    assert (kept.incident.signal.rule, kept.incident.state) == (FAILS, State.FIRING)
    served.client.put("/v1/models/bad/settings", json={}, headers=served.headers(Scope.ADMIN))
    operator.attend_all()
    assert operator.failures == {}
    assert summary(served, "bad") is not None
    steps = store.alerts.transitions(bad.id, kept.incident.fingerprint)
    assert [one.cause for one in steps] == [Cause.PENDING, Cause.RAISED, Cause.RECOVERED]


def test_what_nobody_foresaw_is_a_failure_too(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent(served, "churn", days=3)
    monkeypatch.setattr(Operator, "_ask", lambda *_: 1 / 0)
    served.service.operator.attend_all()
    (failure,) = served.service.operator.failures.values()
    assert "ZeroDivisionError" in failure.message
    (record,) = caplog.records
    assert record.getMessage().isprintable()


def test_nothing_is_done_while_another_holds_the_lease(served: Served) -> None:
    operator, store = served.service.operator, served.service.store
    found = opened(served, "churn")
    assert store.lease("operator", "another", NOW + LEASE, NOW)
    operator.attend_all()
    assert operator._child is None
    assert found.id not in operator._evaluated
    served.clock.pass_(minutes=6)
    operator.attend_all()
    assert found.id in operator._evaluated


def test_the_lease_is_renewed_while_models_are_attended_to(served: Served) -> None:
    operator, store = served.service.operator, served.service.store
    opened(served, "churn")
    for _ in range(4):
        operator.attend_all()
        served.clock.pass_(minutes=3)
        operator.attend_all()
        now = served.clock()
        assert not store.lease("operator", "another", now + LEASE, now)


def test_a_process_that_comes_after_goes_on_with_the_lease(tmp_path: Path) -> None:
    with DataDirectory(tmp_path) as directory:
        store = SqliteStore(directory.state)
        store.open_model(OURS, "churn", NOW)
        first, second = (Operator(store, directory, Clock()) for _ in range(2))
        assert first._holds(NOW)
        assert second._holds(NOW)
        store.close()


def test_lag_grows_until_a_model_is_looked_at_with_success(served: Served) -> None:
    operator, found = served.service.operator, opened(served, "churn")

    def lag() -> float:
        return operator.lag(found, served.clock()).total_seconds()

    assert lag() == 0
    served.clock.pass_(minutes=2)
    assert lag() == 120
    operator.attend_all()
    assert lag() == 0
    served.clock.pass_(minutes=5)
    assert lag() == 300
    served.clock.pass_(days=-1)
    assert lag() == 0


def test_stopping_ends_the_child_without_a_failure(served: Served) -> None:
    operator = served.service.operator
    opened(served, "churn")
    operator.attend_all()
    pid = child(operator)
    operator.start()
    operator.stop()
    assert operator.failures == {}
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
