"""The alerts of an earlier run: out of its result, or read back from its alerts.json."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, ValidationError

from wane.alert.alert import Alert
from wane.detect.severity import Severity
from wane.errors import SourceError
from wane.metrics.measurement import SeriesKey
from wane.report.alerts_file import NAME
from wane.report.moment import timezone_of
from wane.window import Window, to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    import os

    from wane.report.result import Result


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a run told.

    Attributes:
        model: Name of its model.
        every: Window size as text; None for a table of metrics.
        timezone: Zone in which its windows were aligned.
        alerts: What it raised, oldest first; without findings where it was read back.
    """

    model: str
    every: str | None
    timezone: str
    alerts: tuple[Alert, ...]


def of_result(result: Result) -> Earlier:
    """The alerts of a run that is still in memory."""
    every = result.every.text if result.every else None
    return Earlier(result.model, every, timezone_of(result), result.alerts)


def of_directory(directory: str | os.PathLike[str]) -> Earlier | None:
    """The alerts that a run left in the directory of its `--out`; None where there is no run yet.

    Raises:
        SourceError: There is an alerts.json, but not one that can be read back.
    """
    path = Path(directory) / NAME
    try:
        read = _File.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"{path} cannot be read", got=error.strerror or str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SourceError(
            f"{path} is not the alerts of an earlier run",
            expected="the file as this version of wane writes it",
            got=f"{place}: {first['msg']}" if place else first["msg"],
        ) from error
    alerts = tuple(entry.alert() for entry in read.alerts)
    return Earlier(read.model, read.every, read.timezone, alerts)


class _Read(BaseModel):
    """Keys that later versions add are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Entry(_Read):
    """One alert, as `json_report.alert_object` writes it; null stands for an infinite number."""

    rule: str
    metric: str
    column: str | None
    segment: str | None
    severity: Severity
    window_start: StrictInt | AwareDatetime
    window_end: StrictInt | AwareDatetime
    value: float | None
    threshold: float | None
    n: int = Field(ge=0)
    reason: str

    def alert(self) -> Alert:
        """The alert that was written."""
        by_rows = isinstance(self.window_start, int)
        start, end = _key(self.window_start), _key(self.window_end)
        return Alert(
            rule=self.rule,
            key=SeriesKey(self.metric, self.column, self.segment),
            severity=self.severity,
            window=Window(start, end, by_rows),
            value=math.inf if self.value is None else self.value,
            threshold=math.inf if self.threshold is None else self.threshold,
            reason=self.reason,
            n=self.n,
        )


class _File(_Read):
    """What `alerts_file.render` writes; what was withdrawn then is told, and passed over."""

    schema_version: Literal[1]
    model: str
    every: str | None
    timezone: str
    alerts: tuple[_Entry, ...]


def _key(bound: int | dt.datetime) -> int:
    return bound if isinstance(bound, int) else to_microseconds(bound)
