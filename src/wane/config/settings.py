"""The keys of wane.toml, which are also the flags of `wane check`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    model_validator,
)

from wane.config.duration import FORM as DURATION
from wane.errors import ConfigError
from wane.schema import Column, Kind, Schema, Task
from wane.window import Every, parse_time

SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"

UNTIL_NOW = "now"
"""As `until`: the time of the run."""

Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Count = Annotated[int, Strict(), Field(ge=1)]
Name = Annotated[str, Field(min_length=1)]
SeverityName = Literal["info", "warning", "critical"]
Duration = Annotated[str, Field(pattern=DURATION)]


def listed(value: object) -> object:
    """One name stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _form(value: object) -> Literal["text", "table"]:
    """Which branch of a text-or-table key a value belongs to, so that errors speak of one."""
    return "text" if isinstance(value, str) else "table"


Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(listed, json_schema_input_type=Name | tuple[Name, ...]),
]


def _as_text(value: object) -> object:
    """A time as TOML knows it stands for the text."""
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else value


Until = Annotated[
    Name,
    BeforeValidator(_as_text, json_schema_input_type=Name | dt.datetime | dt.date),
]


class Section(BaseModel):
    """What all tables of wane.toml share: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FeatureSettings(Section):
    """A feature whose kind is stated, e.g. `{name = "zip", kind = "categorical"}`."""

    name: Name
    kind: Literal["numeric", "categorical"] | None = None


class LabelSettings(Section):
    """Labels that lie in another file, joined by id."""

    path: Name
    id: Name | None = None
    label: Name | None = None
    label_time: Name | None = None


class CostSettings(Section):
    """What each outcome of a binary decision is worth; positive is a gain, negative a loss."""

    tp: Number = 0.0
    fp: Number = 0.0
    fn: Number = 0.0
    tn: Number = 0.0


class DetectionSettings(Section):
    """How often learned limits may be wrong, and what they overlook."""

    false_alarms: Name | None = Field(
        default=None, description='False alarms of the whole model: "1 per 90 days".'
    )
    tolerance: dict[Name, Annotated[Number, Field(ge=0)]] = Field(
        default={}, description="Metric -> change that is nobody's business, e.g. accuracy = 0.01."
    )
    holidays: tuple[dt.date, ...] = Field(
        default=(), description="Dates whose traffic and drift are not judged."
    )
    importance: dict[Name, Annotated[Number, Field(ge=0)]] = Field(
        default={}, description="Feature -> how much it matters to the model, in any unit."
    )


class ServiceSettings(Section):
    """How a server, or `wane run`, keeps what it is sent."""

    grace: Duration = Field(
        default="10min", description="How long after its end a window stays open for late rows."
    )
    keep_rows: Duration = Field(
        default="30d", description="How long raw rows are kept, and labels can still be joined."
    )
    keep_profiles: Duration = Field(default="400d", description="How long profiles are kept.")
    unknown: Literal["keep", "reject"] = Field(
        default="keep", description="What is done with rows that have features nobody named."
    )
    private: dict[Name, Literal["store", "hmac", "drop"]] = Field(
        default={}, description="Personal data: feature -> store, hmac (keyed hash) or drop."
    )


class MuteSettings(Section):
    """A time at which routes that name it tell nothing new."""

    name: Name = Field(description="What routes call it.")
    weekdays: Names = Field(default=(), description="mon to sun, on which it begins; all if empty.")
    begins: Name = Field(default="00:00", description='Time of day: "22:00".')
    ends: Name = Field(default="00:00", description="Not included; on the next day if earlier.")
    timezone: Name = Field(default="UTC", description="Whose clock it goes by.")
    dates: Names = Field(
        default=(), description='Days on which it begins: "2026-12-24", "2026-12-24..2026-12-31".'
    )


class RouteSettings(Section):
    """Who is told of incidents that match; of several routes the first that does."""

    receiver: Name = Field(description="Name of a table of [alerts.receivers].")
    match: dict[Name, str] = Field(
        default={}, description='Label -> value, "*" at its end for anything: severity, model, ...'
    )
    group_by: Names = Field(default=("model",), description="Incidents alike go out together.")
    group_wait: Duration = Field(default="30s", description="How long a first message waits.")
    group_interval: Duration = Field(default="5min", description="Pause between two messages.")
    repeat_interval: Duration = Field(
        default="12h", description="Pause before what nobody looks after is told again."
    )
    send_resolved: bool = Field(default=True, description="Whether the end is told.")
    mute: Names = Field(default=(), description="Names of [[alerts.mute_times]].")


class AlertSettings(Section):
    """Who is told of what, by a server or `wane run`."""

    route: tuple[RouteSettings, ...] = Field(default=(), description="Routes, in order.")
    receivers: dict[Name, dict[Name, Any]] = Field(
        default={}, description="Receiver -> channel -> its settings."
    )
    mute_times: tuple[MuteSettings, ...] = Field(
        default=(), description="Times at which routes tell nothing new."
    )
    allow: Names = Field(default=(), description="Internal hosts and networks that may be sent to.")
    keep_firing: Annotated[int, Strict(), Field(ge=0)] = Field(
        default=1, description="Quiet windows after which an incident is still not over."
    )
    heartbeat: dict[Name, Any] | None = Field(
        default=None, description="Who hears that wane itself is well: url, failing, every, lag."
    )

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> AlertSettings:
        times = [one.name for one in self.mute_times]
        if len(set(times)) < len(times):
            raise ValueError(f"two [[alerts.mute_times]] have one name: {', '.join(sorted(times))}")
        for route in self.route:
            if unknown := set(route.mute) - set(times):
                known = ", ".join(times) or "none"
                raise ValueError(
                    f"a route is mute at {min(unknown)!r}; [[alerts.mute_times]] has {known}"
                )
            if route.receiver not in self.receivers:
                known = ", ".join(self.receivers) or "none"
                raise ValueError(
                    f"a route names the receiver {route.receiver!r}; [alerts.receivers] has {known}"
                )
        return self


class RuleSettings(Section):
    """A rule as a table; `rule` alone may hold the whole sentence."""

    rule: Name
    severity: SeverityName | None = None
    for_windows: Annotated[Count | None, Field(alias="for")] = None
    min_n: Count | None = None
    segment: Name | None = None


Feature = Annotated[
    Annotated[Name, Tag("text")] | Annotated[FeatureSettings, Tag("table")], Discriminator(_form)
]
Labels = Annotated[
    Annotated[Name, Tag("text")] | Annotated[LabelSettings, Tag("table")], Discriminator(_form)
]
RuleText = Annotated[
    Annotated[Name, Tag("text")] | Annotated[RuleSettings, Tag("table")], Discriminator(_form)
]


class Settings(Section):
    """Everything that can be set, each key optional. The order is that of a written file."""

    model: Name | None = Field(default=None, description="Name of the model, shown in reports.")
    current: Names = Field(default=(), description="Prediction logs: files, globs or directories.")
    reference: Name | None = Field(default=None, description="The data to compare with.")
    annotations: dict[Name, Name] = Field(
        default={},
        description="Deploys, retrains and the like, shown in the chart: time -> what happened.",
    )
    where: Name | None = Field(default=None, description="SQL condition that rows must meet.")
    derive: dict[Name, Name] = Field(default={}, description="New columns: name -> SQL expression.")

    task: Literal["binary", "multiclass", "regression", "ranking", "none"] | None = Field(
        default=None, description="The kind of answer the model gives; inferred when left out."
    )
    timestamp: Name | None = Field(
        default=None, description="Column: when the prediction was made."
    )
    id: Name | None = Field(default=None, description="Column: identifies a prediction.")
    prediction: Name | None = Field(default=None, description="Column: the answer given.")
    score: Name | None = Field(default=None, description="Column: probability, or ranking score.")
    scores: dict[Name, Name] = Field(
        default={}, description="Multiclass: class -> probability column."
    )
    label: Name | None = Field(
        default=None, description="Column: the true answer, empty if unknown."
    )
    label_time: Name | None = Field(
        default=None, description="Column: when the label became known."
    )
    features: tuple[Feature, ...] | None = Field(
        default=None, description="The model's inputs: names, or tables with name and kind."
    )
    segment: Names = Field(default=(), description="Columns that split the rows into segments.")
    latency: Name | None = Field(default=None, description="Column: time taken, in any unit.")
    error: Name | None = Field(default=None, description="Column: whether the call failed.")
    version_column: Name | None = Field(default=None, description="Column: model version.")
    weight: Name | None = Field(default=None, description="Column: sample weight, not negative.")
    query: Name | None = Field(
        default=None, description="Ranking column: the list a row belongs to."
    )
    item: Name | None = Field(default=None, description="Ranking column: what was recommended.")
    rank: Name | None = Field(default=None, description="Ranking column: position, 1 is the top.")
    relevance: Name | None = Field(default=None, description="Ranking column: gain of the item.")
    top_k: tuple[Count, ...] = Field(
        default=(5, 10), description="Ranking: list lengths to measure at."
    )
    classes: Names = Field(default=(), description="Class names; binary: negative, positive.")
    positive: Name | None = Field(
        default=None, description="Binary: the class that counts as positive."
    )
    threshold: Annotated[Number, Field(ge=0, le=1)] = Field(
        default=0.5, description="Binary without predictions: score >= threshold is positive."
    )
    labels: Labels | None = Field(default=None, description="Labels in another file, joined by id.")

    every: Name | None = Field(
        default=None, description='Window: "15min", "1h", "1d", "5000 rows".'
    )
    timezone: Name | None = Field(default=None, description='Alignment, e.g. "Europe/Vienna".')
    until: Until | None = Field(
        default=None,
        description='Time that the log should reach, or "now": windows without rows are an outage.',
    )

    rules: tuple[RuleText, ...] = Field(
        default=(), description="What must hold, e.g. accuracy < 0.90."
    )
    detection: DetectionSettings | None = Field(
        default=None, description="Limits learned from the model's own history."
    )
    cost: CostSettings | None = Field(default=None, description="Value of tp, fp, fn and tn.")
    service: ServiceSettings | None = Field(
        default=None, description="Only for a server and `wane run`: what is kept, how long."
    )
    owner: Name | None = Field(default=None, description="Who looks after the model.")
    alerts: AlertSettings | None = Field(
        default=None, description="Only for a server and `wane run`: who is told of what."
    )
    deep: Annotated[bool, Strict()] = Field(
        default=False,
        description="Only for `wane check`: read rows once more, to search columns together.",
    )
    out: Name | None = Field(default=None, description="Directory for report, tables and profiles.")
    format: Literal["table", "json", "md", "junit", "github"] = Field(
        default="table", description="What is printed."
    )
    fail_on: Literal["info", "warning", "critical", "never"] = Field(
        default="critical", description="Least severity of an alert that makes the exit code 1."
    )

    @model_validator(mode="after")
    def _windows_are_sizes(self) -> Settings:
        try:
            Every.parse(self.every or "1d", self.timezone or "UTC")
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _until_is_a_time(self) -> Settings:
        if self.until not in (None, UNTIL_NOW):
            try:
                parse_time(self.until)
            except ConfigError as error:
                raise ValueError(f"`until` is {error}, or {UNTIL_NOW!r}") from error
        return self

    @model_validator(mode="after")
    def _classes_are_distinct(self) -> Settings:
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("`classes` names a class twice")
        if self.task == "binary" and len(self.classes) not in (0, 2):
            raise ValueError("`classes` of a binary task are two: negative, positive")
        if self.positive and self.positive not in self.classes:
            named = " or ".join(map(repr, self.classes)) or "none: set `classes` to both"
            raise ValueError(f"`positive` is {self.positive!r}, `classes` names {named}")
        return self

    @classmethod
    def from_schema(cls, schema: Schema, **others: object) -> Settings:
        """The settings that say what a schema says; `others` are further keys."""
        same = set(cls.model_fields) & set(Schema.__dataclass_fields__)
        plain = same - {"features", "task", "scores"}
        values = {
            **{name: getattr(schema, name) for name in plain},
            "task": schema.task,
            "scores": dict(schema.scores),
            "features": None if schema.features is None else tuple(map(_feature, schema.features)),
            "segment": schema.segments,
            "version_column": schema.version,
            **others,
        }
        defaults = {name: field.default for name, field in cls.model_fields.items()}
        return cls.model_validate({k: v for k, v in values.items() if v != defaults[k]})

    def to_schema(self) -> Schema:
        """The roles that were set; the rest is left to inference."""
        same = set(type(self).model_fields) & set(Schema.__dataclass_fields__)
        plain = same - {"features", "task", "scores", "classes"}
        return Schema(
            **{name: getattr(self, name) for name in plain},
            task=None if self.task is None else Task(self.task),
            scores=self.scores or {},
            features=None if self.features is None else tuple(map(_column, self.features)),
            segments=self.segment,
            version=self.version_column,
            classes=self._ordered_classes(),
        )

    def _ordered_classes(self) -> tuple[str, ...]:
        """The classes with the positive one last, where there are two."""
        if self.positive is None or len(self.classes) != 2:
            return self.classes
        return tuple(sorted(self.classes, key=lambda name: name == self.positive))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of wane.toml, for editors and for `wane schema config`."""
    schema = Settings.model_json_schema(by_alias=True)
    return {"$schema": SCHEMA_URL, **schema, "title": "wane.toml"}


def _feature(column: Column) -> str | FeatureSettings:
    """A column as it is written in wane.toml: a bare name unless its kind is known."""
    if column.kind is None:
        return column.name
    return FeatureSettings(name=column.name, kind=column.kind.value)


def _column(feature: str | FeatureSettings) -> Column:
    """A feature of wane.toml as a column."""
    if isinstance(feature, str):
        return Column(feature)
    return Column(feature.name, None if feature.kind is None else Kind(feature.kind))
