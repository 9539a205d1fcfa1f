"""What a model takes at a moment: by its settings, its plan, and what it has forgotten."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.config.duration import duration
from wane.config.settings import ServiceSettings
from wane.errors import ConfigError
from wane.events.policy import Policy, Privacy
from wane.pipeline.model_settings import settings_of
from wane.window import to_datetime

if TYPE_CHECKING:
    from wane.pipeline.standing import Standing
    from wane.schema import Task
    from wane.store.records import Model

FUTURE = dt.timedelta(days=1)
"""Events may be so much ahead of the clock."""


def policy_of(model: Model, standing: Standing | None, secret: bytes, now: dt.datetime) -> Policy:
    """The rules by which events of a model are accepted.

    Args:
        model: The model. Settings that cannot be read count as none, lest events be lost.
        standing: How it is counted; None while that is not fixed, and then every column is taken.
        secret: Key of hashed columns.
        now: The time of arrival.
    """
    service = service_settings(model)
    oldest = now - duration(service.keep_rows)
    if model.rows_since is not None:  # where ids are forgotten, nobody would notice a repetition
        oldest = max(oldest, to_datetime(model.rows_since))
    return Policy(
        now=now,
        oldest=oldest,
        newest=now + FUTURE,
        task=_task(standing),
        columns=_columns(standing, service),
        private={name: Privacy(how) for name, how in service.private.items()},
        secret=secret,
    )


def service_settings(model: Model) -> ServiceSettings:
    """The `[service]` table; the defaults where the settings cannot be read."""
    try:
        return settings_of(model).service or ServiceSettings()
    except ConfigError:
        return ServiceSettings()


def _task(standing: Standing | None) -> Task | None:
    return None if standing is None else standing.plan.schema.task


def _columns(standing: Standing | None, service: ServiceSettings) -> frozenset[str] | None:
    """The features that are known; None where others are kept as well."""
    if service.unknown == "keep" or standing is None:
        return None
    schemas = (standing.plan.schema, standing.reference_schema)
    known = {column.name for schema in schemas if schema for column in schema.features or ()}
    return frozenset(known | service.private.keys())  # dropped ones are sent, and never kept
