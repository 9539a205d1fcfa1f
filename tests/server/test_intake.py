import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.served import NOW, OURS
from wane.events.policy import Privacy
from wane.server import intake as intake_module
from wane.server.intake import FRESH, Intake
from wane.store.directory import DataDirectory
from wane.store.records import Model
from wane.store.sqlite import SqliteStore


class Counting(SqliteStore):
    """A store that counts how often it is asked for a model."""

    asked = 0

    def model(self, tenant: str, name: str) -> Model | None:
        self.asked += 1
        return super().model(tenant, name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Counting]:
    DataDirectory(tmp_path).hold().release()
    found = Counting(DataDirectory(tmp_path).state)
    yield found
    found.close()


@pytest.fixture
def intake(store: Counting, tmp_path: Path) -> Intake:
    return Intake(store, DataDirectory(tmp_path))


PRIVATE = '{"service": {"private": {"email": "drop"}, "keep_rows": "2d"}}'


def test_a_model_is_read_once_a_second(intake: Intake, store: Counting) -> None:
    made = store.open_model(OURS, "churn", NOW)
    store.asked = 0
    for milliseconds in range(0, 3_000, 100):
        now = NOW + dt.timedelta(milliseconds=milliseconds)
        model, policy = intake.of(OURS, "churn", now)
        assert model == made
        assert policy.now == now
    assert store.asked == 3


def test_a_clock_that_was_put_back_has_it_read_again(intake: Intake, store: Counting) -> None:
    store.open_model(OURS, "churn", NOW)
    intake.of(OURS, "churn", NOW)
    store.asked = 0
    intake.of(OURS, "churn", NOW - FRESH)
    assert store.asked == 1


def test_a_model_that_is_new_is_looked_up_each_time(intake: Intake, store: Counting) -> None:
    for _ in range(3):
        model, policy = intake.of(OURS, "new", NOW)
        assert model is None
        assert policy.columns is None
        assert policy.oldest < NOW < policy.newest
    assert store.asked == 3


def test_tenants_have_policies_of_their_own(intake: Intake, store: Counting) -> None:
    ours, theirs = (store.open_model(tenant, "churn", NOW) for tenant in ("ours", "theirs"))
    store.configure(theirs.id, PRIVATE, NOW)
    assert intake.of("ours", "churn", NOW)[0] == ours
    assert intake.of("ours", "churn", NOW)[1].private == {}
    assert intake.of("theirs", "churn", NOW)[1].private == {"email": Privacy.DROP}


def test_settings_hold_at_once_where_they_are_forgotten(intake: Intake, store: Counting) -> None:
    model = store.open_model(OURS, "churn", NOW)
    intake.of(OURS, "churn", NOW)
    store.configure(model.id, PRIVATE, NOW)
    intake.forget(model.id)
    _, policy = intake.of(OURS, "churn", NOW)
    assert policy.private == {"email": Privacy.DROP}
    assert policy.oldest == NOW - dt.timedelta(days=2)


def test_what_is_known_is_bounded(
    intake: Intake, store: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "MOST_KNOWN", 3)
    for n in range(10):
        store.open_model(OURS, f"m{n}", NOW)
        intake.of(OURS, f"m{n}", NOW)
    assert len(intake._known) <= 3


def test_the_disk_is_looked_at_once_a_second(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(intake_module, "check_space", looked.append)
    for milliseconds in range(0, 2_000, 100):
        intake.check_space(NOW + dt.timedelta(milliseconds=milliseconds))
    assert len(looked) == 2
