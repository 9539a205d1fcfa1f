"""`wane.check`: from rows to a result."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.engine.local import started
from wane.errors import UsageError
from wane.pipeline.asked import Asked
from wane.pipeline.count import count
from wane.pipeline.explain import explain
from wane.pipeline.judge import incomplete_windows, judge, rules_for
from wane.pipeline.look import look
from wane.pipeline.measured import Measured, measured
from wane.pipeline.open import (
    LabelSource,
    Refinement,
    as_derivations,
    is_path,
    label_file,
    model_name,
    open_reading,
)
from wane.schema import Schema
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wane.detect.detection import Detection
    from wane.detect.rule import Rule
    from wane.engine.local import Workers
    from wane.report.result import Result

STAGES = (look, count, measured)
"""Rows to measurements, each stage a function of what the one before it gave."""


def check(
    current: object,
    *,
    reference: object | None = None,
    schema: Schema | None = None,
    every: str | None = None,
    timezone: str | None = None,
    where: str | None = None,
    derive: Mapping[str, str] | None = None,
    labels: str | LabelSource | None = None,
    rules: Sequence[str | Mapping[str, object] | Rule] | None = None,
    cost: Mapping[str, float] | None = None,
    model: str | None = None,
    now: dt.datetime | None = None,
    progress: Callable[[str, float], None] = lambda _what, _share: None,
    workers: Workers | None = None,
) -> Result:
    """Check a prediction log: performance, drift, data quality and traffic, window by window.

    Args:
        current: The log: a path, a glob, a directory, a list of these, or any frame that speaks
            the Arrow PyCapsule protocol (pandas, Polars, pyarrow, DuckDB).
        reference: What to compare with, in the same forms; None: the first windows serve.
        schema: Roles of the columns; what it leaves out is inferred and told in
            `result.assumptions`.
        every: Window size: "15min", "1h", "1d", "1w", "5000 rows"; None: chosen by the span.
        timezone: Zone in which windows are aligned, "UTC" by default.
        where: SQL condition that rows must meet.
        derive: New columns: name -> SQL expression.
        labels: A file with labels, joined by id.
        rules: "accuracy < 0.90", "f1 drops 5%", ...; None: sensible defaults.
        cost: Value of a row by outcome: tp, fp, fn, tn (binary).
        model: A name for the model; None: the name of the file.
        now: The time of the check; rows more than a day later are rejected. None: the clock's.
        progress: Called with what is being done and the share done, in [0, 1].
        workers: Reader processes that are running already; None: started where files are read.

    Returns:
        Measurements, alerts, verdict, and all a report shows.

    Raises:
        ConfigError: A setting cannot be used.
        DataError: The data cannot be read, or no row can be used.
    """
    _refuse_nothing(current, reference, labels)
    files = any(is_path(data) for data in (current, reference) if data is not None)
    with started(workers, needed=files) as hands:
        given = schema or Schema()
        source = LabelSource(labels) if isinstance(labels, str) else labels
        joined = None if source is None else label_file(source, given)
        refinement = Refinement(where, as_derivations(derive))
        asked = Asked(
            model=model or model_name(current),
            current=open_reading(current, hands, refinement, joined),
            reference=None
            if reference is None
            else open_reading(reference, hands, refinement, name="reference"),
            schema=given,
            every=every,
            timezone=timezone or "UTC",
            rules=rules,
            costs=dict(cost or {}),
            now=to_microseconds(now or dt.datetime.now(dt.UTC)),
            progress=progress,
        )
        profiled = count(look(asked))
    return conclude_from(measured(profiled))


def conclude_from(value: Measured) -> Result:
    """Judge and explain what was measured."""
    looked, found = value.profiled.looked, value.measurements
    partial = incomplete_windows(value.profiled.current.summarised.whole, found)

    def unseen(detection: Detection) -> bool:
        return detection.key.metric == "volume" and detection.index in partial

    rules = rules_for(looked.asked.rules, found, looked.schema.task, value.main)
    return explain(value, judge(rules, found, unseen))


def _refuse_nothing(*data: object) -> None:
    """An empty list of paths is a mistake, not an empty log."""
    if any(isinstance(part, list | tuple) and not part for part in data):
        raise UsageError("nothing to read", expected="at least one path", got="an empty list")
