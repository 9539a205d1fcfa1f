from __future__ import annotations

import datetime as dt
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from alert.notify.receiving import HERE, FakeReceiver, Reply
from alert.signals import signal
from server.served import NOW, OURS, Clock, Served, sent
from wane.alert.life import step
from wane.alert.notify.receivers import open_heartbeat
from wane.alert.notify.webhook import Webhook, WebhookSettings
from wane.alert.route import Route
from wane.pipeline.desk import Desk
from wane.server.notifier import Notifier
from wane.server.operator import Failure
from wane.store.memory import MemoryStore
from wane.store.memory_alerts import MemoryAlerts

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE = dt.timedelta(minutes=1)
"""A whole minute is a beat."""


@dataclass
class Watch:
    """A notifier whose ailments are set by hand, and who hears of it."""

    outside: FakeReceiver
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: Clock = field(default_factory=Clock)
    ailments: tuple[str, ...] = ()

    def notifier(self, *routes: Route, **receivers: Webhook) -> Notifier:
        table = {"url": f"{self.outside.url}/well", "failing": f"{self.outside.url}/fail"}
        desk = Desk(
            routes,
            {name: {"webhook": channel} for name, channel in receivers.items()},
            heartbeat=open_heartbeat(table, HERE),
        )
        return Notifier(self.store, desk, self.clock, lambda _now, _lag: self.ailments)

    @property
    def heard(self) -> list[tuple[str, str]]:
        return [(got.path, got.body.decode()) for got in self.outside.got]


@pytest.fixture
def watch() -> Iterator[Watch]:
    with FakeReceiver() as outside:
        yield Watch(outside)


@pytest.fixture
def hook(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeReceiver, Webhook]]:
    """A receiver of incidents, and a model that has one."""
    model = watch.store.open_model("default", "churn", NOW)
    watch.store.alerts.stepped(model.id, step([], [signal(5)], NOW))
    monkeypatch.setenv("WANE_HOOK", "c2VjcmV0")
    with FakeReceiver() as fake:
        settings = WebhookSettings.model_validate({"url": fake.url, "secret": "env:WANE_HOOK"})
        yield fake, Webhook(settings, HERE)


def test_it_beats_once_a_minute_though_it_looks_more_often(watch: Watch) -> None:
    notifier = watch.notifier()
    for _ in range(25):
        notifier.look()
        watch.clock.pass_(seconds=5)
    assert watch.heard == [("/well", "well")] * 3


def test_a_clock_that_is_put_back_does_not_stop_it(watch: Watch) -> None:
    notifier = watch.notifier()
    notifier.look()
    watch.clock.pass_(days=-3)
    notifier.look()
    assert len(watch.heard) == 2


def test_an_ailment_is_told_each_minute_and_logged_once(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = watch.notifier()
    watch.ailments = ("model a\nb: its evaluation failed",)
    with caplog.at_level(logging.WARNING, "wane.server"):
        for _ in range(3):
            notifier.look()
            watch.clock.pass_(minutes=1)
    assert watch.heard == [("/fail", "model a b: its evaluation failed")] * 3
    assert [one.message for one in caplog.records] == [
        r"no heartbeat: model a\nb: its evaluation failed"
    ]
    watch.ailments = ()
    notifier.look()
    assert watch.heard[-1] == ("/well", "well")


def test_a_message_that_was_given_up_is_an_ailment_until_it_is_of_no_use(
    watch: Watch, hook: tuple[FakeReceiver, Webhook]
) -> None:
    fake, channel = hook
    fake.replies.append(Reply(404, b"nobody"))
    notifier = watch.notifier(Route("team", group_wait=dt.timedelta()), team=channel)
    notifier.look()
    assert watch.heard == [("/fail", "team/webhook: a message was given up: 404 Not Found: nobody")]
    (model,) = watch.store.models()
    known = [kept.incident for kept in watch.store.alerts.incidents(model.id)]
    watch.clock.pass_(minutes=1)
    watch.store.alerts.stepped(model.id, step(known, [signal(5, quiet=2)], watch.clock()))
    notifier.look()
    assert watch.heard[-1] == ("/well", "well")


def test_a_store_that_fails_is_an_ailment_and_not_the_end(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = watch.notifier()

    def broken(_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryAlerts, "told", broken)
        notifier.look()
    ((path, body),) = watch.heard
    assert path == "/fail"
    assert "people could not be told" in body
    assert "the disk is gone" not in body
    assert "the disk is gone" in caplog.text
    watch.clock.pass_(minutes=1)
    notifier.look()
    assert watch.heard[-1] == ("/well", "well")


def test_the_thread_beats_and_ends(watch: Watch) -> None:
    notifier = watch.notifier()
    notifier.start()
    deadline = time.monotonic() + 20
    while not watch.heard and time.monotonic() < deadline:
        time.sleep(0.01)
    notifier.stop()
    assert watch.heard == [("/well", "well")]


def test_a_service_that_is_well_has_no_ailments(served: Served) -> None:
    sent(served, "churn", days=2)
    served.service.operator.attend_all()
    assert served.service.ailments(NOW, 60 * MINUTE) == ()


def test_failures_lag_and_a_full_disk_are_ailments(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = served.service.store.open_model(OURS, "churn", NOW)
    late = NOW + 61 * MINUTE
    assert served.service.ailments(late, 60 * MINUTE) == (
        "model churn: not looked at for 61 minutes",
    )
    served.service.operator.failures[model.id] = Failure(NOW, "row 3 has 'a secret'")
    assert served.service.ailments(late, 60 * MINUTE) == (
        "model churn: its evaluation failed at 12:00 UTC",
    )
    monkeypatch.setattr("wane.server.space.is_short", lambda _free, _total: True)
    assert "MB are free" in served.service.ailments(late, 60 * MINUTE)[0]
