"""Is an event one that the model takes? Types are known to be right when this is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from wane.events.event import RESERVED, SCORES
from wane.window import to_datetime

if TYPE_CHECKING:
    from wane.events.event import Label, Prediction
    from wane.events.policy import Policy

MOST_FEATURES = 5_000
NUMBERS = ("score", "latency", "weight", "rank", "relevance")
NOT_NEGATIVE = ("latency", "weight")
FIRST_TIME = to_datetime(0)
"""A label that became known before 1970 was not; times near year 1 have no UTC to be kept in."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not taken.

    Attributes:
        index: Its place in the batch, from 0.
        code: What is wrong, as a word for programs.
        reason: What is wrong and what would be right, as a sentence.
    """

    index: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an event."""

    code: str
    reason: str


def fault_of_prediction(event: Prediction, policy: Policy) -> Fault | None:
    """What is wrong with a prediction; None when it can be taken. Fills in a missing time."""
    if fault := _fault_of_time(event, policy, policy.oldest):
        return fault
    if fault := _fault_of_numbers(event, policy):
        return fault
    return _fault_of_features(event, policy)


def fault_of_label(event: Label, policy: Policy) -> Fault | None:
    """What is wrong with a label; None when it can be taken. Fills in a missing time."""
    if isinstance(event.label, float) and not isfinite(event.label):
        return Fault("not_finite", "`label` must be a finite number")
    return _fault_of_time(event, policy, FIRST_TIME)


def _fault_of_time(event: Prediction | Label, policy: Policy, oldest: dt.datetime) -> Fault | None:
    time = event.timestamp
    if time is None:
        event.timestamp = policy.now
        return None
    if time.tzinfo is None:
        time = event.timestamp = time.replace(tzinfo=dt.UTC)
    if time > policy.newest:
        return Fault(
            "future_timestamp",
            f"`timestamp` {time.isoformat()} lies in the future; the server has "
            f"{policy.now.isoformat(timespec='seconds')}",
        )
    if time < oldest:
        return Fault(
            "old_timestamp",
            f"`timestamp` {time.isoformat()} is before {oldest.isoformat()}, the begin of what is "
            "kept",
        )
    return None


def _fault_of_numbers(event: Prediction, policy: Policy) -> Fault | None:
    for name in NUMBERS:
        value = getattr(event, name)
        if value is None:
            continue
        if not isfinite(value):
            return Fault("not_finite", f"`{name}` must be a finite number or null")
        if value < 0 and name in NOT_NEGATIVE:
            return Fault("negative", f"`{name}` must not be negative, got {value}")
    if policy.scores_are_probabilities:
        for score in (event.score, *event.scores.values()):
            if score is not None and not 0 <= score <= 1:
                return Fault("not_a_probability", f"a score must be in [0, 1], got {score}")
    return None


def _fault_of_features(event: Prediction, policy: Policy) -> Fault | None:
    features = event.features
    if len(features) > MOST_FEATURES:
        return Fault(
            "too_many_features", f"at most {MOST_FEATURES:,} features, got {len(features):,}"
        )
    if not RESERVED.isdisjoint(features):
        name = min(RESERVED & features.keys())
        return Fault("reserved_name", f"a feature cannot be called {name!r}; rename it")
    # Asked of all names at once first: one by one, this is most of the work on a row.
    if SCORES in "".join(features) and any(name.startswith(SCORES) for name in features):
        return Fault("reserved_name", f"a feature's name cannot begin with {SCORES!r}")
    if policy.columns is not None and not policy.columns.issuperset(features):
        name = min(features.keys() - policy.columns)
        return Fault("unknown_feature", f"the model has no feature {name[:100]!r}")
    return None
