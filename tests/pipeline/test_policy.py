from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipeline.served import DAY, NOW, day, labels_of
from wane.events.policy import Privacy
from wane.pipeline.policy import policy_of
from wane.pipeline.standing import Standing
from wane.schema import Task
from wane.store.records import Model
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt

    from pipeline.served import Served


def model(rows_since: dt.datetime | None = None, **service: object) -> Model:
    since = None if rows_since is None else to_microseconds(rows_since)
    return Model(1, "default", "churn", NOW, json.dumps({"service": service}), 1, since)


def test_a_new_model_takes_everything_of_thirty_days() -> None:
    policy = policy_of(model(), None, b"secret", NOW)
    assert (policy.now, policy.oldest, policy.newest) == (NOW, NOW - 30 * DAY, NOW + DAY)
    assert (policy.task, policy.columns, dict(policy.private)) == (None, None, {})
    assert policy.secret == b"secret"


def test_what_the_settings_say() -> None:
    private = {"name": "hmac", "mail": "drop"}
    policy = policy_of(model(keep_rows="7d", private=private), None, b"", NOW)
    assert policy.oldest == NOW - 7 * DAY
    assert dict(policy.private) == {"name": Privacy.HMAC, "mail": Privacy.DROP}


def test_rows_of_a_time_that_was_forgotten_are_not_taken() -> None:
    assert policy_of(model(NOW - 9 * DAY), None, b"", NOW).oldest == NOW - 9 * DAY
    assert policy_of(model(NOW - 99 * DAY), None, b"", NOW).oldest == NOW - 30 * DAY
    assert policy_of(model(NOW), None, b"", NOW - 40 * DAY).oldest == NOW


def test_settings_that_cannot_be_read_cost_no_events() -> None:
    broken = Model(1, "default", "churn", NOW, '{"evry": 1}', 1)
    assert policy_of(broken, None, b"", NOW).oldest == NOW - 30 * DAY


def test_columns_are_fixed_by_a_plan_where_others_are_rejected(served: Served) -> None:
    events = day(1)
    served.send(events, labels_of(events))
    served.attend()
    plan = served.store.plan(served.model.id)
    assert plan is not None
    standing = Standing.decode(plan.body)
    assert policy_of(model(), standing, b"", NOW).columns is None
    assert policy_of(model(), standing, b"", NOW).task is Task.BINARY
    assert policy_of(model(unknown="reject"), None, b"", NOW).columns is None
    strict = policy_of(model(unknown="reject", private={"mail": "drop"}), standing, b"", NOW)
    assert strict.columns == frozenset({"x", "kind", "mail"})
