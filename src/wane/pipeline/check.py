"""`wane.check`: from rows to a result."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.detect.find import Ask, find
from wane.detect.watched import Choice
from wane.engine.local import started
from wane.errors import ConfigError, UsageError
from wane.pipeline.asked import Asked
from wane.pipeline.count import count
from wane.pipeline.explain import explain
from wane.pipeline.judge import incomplete_windows, judge, parse_rules, rules_for
from wane.pipeline.look import look
from wane.pipeline.measured import Measured, measured
from wane.pipeline.open import (
    Refinement,
    as_derivations,
    is_path,
    label_file,
    model_name,
    open_reading,
)
from wane.pipeline.watching import Watching
from wane.schema import Schema
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wane.detect.rule import Rule
    from wane.engine.local import Workers
    from wane.pipeline.open import LabelSource, PathText
    from wane.report.result import Result

OUTCOMES = ("tp", "fp", "fn", "tn")


def check(
    current: object,
    *,
    reference: object | None = None,
    schema: Schema | None = None,
    every: str | None = None,
    timezone: str | None = None,
    where: str | None = None,
    derive: Mapping[str, str] | None = None,
    labels: PathText | LabelSource | None = None,
    rules: Sequence[str | Mapping[str, object] | Rule] | None = None,
    false_alarms: str | None = None,
    tolerance: Mapping[str, float] | None = None,
    holidays: Sequence[dt.date | str] = (),
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
        rules: "accuracy < 0.90", "f1 drops 5%", ...; None: fixed defaults for as long as limits
            are still being learnt. Learnt limits hold everywhere else.
        false_alarms: How often learnt limits may be wrong, over everything: "1 per 90 days".
        tolerance: Metric key -> change that is nobody's business, in the metric's unit.
        holidays: Dates whose traffic and drift learnt limits do not judge.
        cost: Value of a row by outcome: tp, fp, fn, tn (binary); what is left out is worth 0.
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
    files = labels is not None or is_path(current) or is_path(reference)
    with started(workers, needed=files) as hands:
        given = schema or Schema()
        joined = None if labels is None or hands is None else label_file(labels, given, hands)
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
            rules=None if rules is None else parse_rules(rules),
            watching=Watching.of(false_alarms, tolerance, holidays),
            costs=_costs(cost),
            now=to_microseconds(now or dt.datetime.now(dt.UTC)),
            progress=progress,
        )
        profiled = count(look(asked))
    return conclude_from(measured(profiled))


def conclude_from(value: Measured) -> Result:
    """Judge and explain what was measured."""
    looked, measurements = value.profiled.looked, value.measurements
    asked, timezone = looked.asked, looked.every.timezone
    rules = rules_for(asked.rules, measurements, looked.schema.task, value.main)
    asked.watching.check_metrics({key.metric for key in measurements.series})
    partial = incomplete_windows(value.profiled.current.summarised.whole, measurements)
    choice = Choice(
        main=value.main,
        tolerance=asked.watching.tolerance,
        partial=partial,
        days_off=asked.watching.days_off(measurements, timezone),
    )
    found = find(measurements, value.before, Ask(asked.watching.budget, choice, timezone))
    return explain(value, judge(rules, measurements, found, partial))


def _refuse_nothing(*data: object) -> None:
    """An empty list of paths is a mistake, not an empty log."""
    if any(isinstance(part, list | tuple) and not part for part in data):
        raise UsageError("nothing to read", expected="at least one path", got="an empty list")


def _costs(cost: Mapping[str, float] | None) -> dict[str, float]:
    """The value of every outcome; empty without a cost matrix."""
    if not cost:
        return {}
    for name in cost:
        if name not in OUTCOMES:
            raise ConfigError(
                "`cost` names an unknown outcome", expected=", ".join(OUTCOMES), got=repr(name)
            )
    return dict.fromkeys(OUTCOMES, 0.0) | dict(cost)
