"""The two kinds of events, as they are sent and as they are kept."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # msgspec reads the annotations
from typing import Annotated

import msgspec

from wane.schema import Role

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Text = Annotated[str, msgspec.Meta(max_length=65_536)]
ColumnName = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""Files have no larger ones; senders write these as numbers with a decimal point."""
Scalar = bool | Whole | float | Text | None
"""A value of a column; JSON has no NaN, so what is not known is null."""

RESERVED = frozenset(role.value for role in Role if role not in (Role.FEATURE, Role.SEGMENT)) | {
    "features",
    "scores",
    "received",
    "revision",
}
"""Names that features cannot have, because columns of the raw files have them."""
SCORES = "scores."
"""What names of columns with the probability of a class begin with."""


class Prediction(
    msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False
):
    """One answer of a model.

    Attributes:
        id: Names the prediction; labels are joined by it. Missing: one is made, and no label can
            be joined, nor a repeated delivery be noticed.
        timestamp: When the prediction was made; without a zone it is UTC. Missing: when it came.
        prediction: The answer: a class, or a number.
        score: Probability in [0, 1] of the positive class; for ranking any number.
        scores: Class -> probability.
        label: The true answer, where it is known at once.
        latency: Time taken, in seconds, not negative.
        error: True, or a non-empty text, where the call failed.
        version: The model version that answered.
        weight: Sample weight, not negative.
        query: Ranking: the list a row belongs to.
        item: Ranking: what was recommended.
        rank: Ranking: position in the list.
        relevance: Ranking: gain of the item.
        features: Name -> value of the model's inputs.
    """

    id: Id | None = None
    timestamp: dt.datetime | None = None
    prediction: Scalar = None
    score: float | None = None
    scores: dict[ColumnName, float | None] = {}
    label: Scalar = None
    latency: float | None = None
    error: bool | Text | None = None
    version: Text | None = None
    weight: float | None = None
    query: Scalar = None
    item: Scalar = None
    rank: float | None = None
    relevance: float | None = None
    features: dict[ColumnName, Scalar] = {}


class Label(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """The true answer to one prediction.

    Attributes:
        id: The id of the prediction.
        label: The true answer: a class, or a number.
        timestamp: When it became known; missing: when it came.
    """

    id: Id
    label: bool | Whole | float | Text
    timestamp: dt.datetime | None = None
