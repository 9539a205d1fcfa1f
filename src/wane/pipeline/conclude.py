"""The stages after the counting: measure, judge, explain. Nothing is read any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.find import Ask, find
from wane.detect.watched import Choice
from wane.pipeline.explain import explain
from wane.pipeline.judge import incomplete_windows, judge, rules_for
from wane.pipeline.measured import measured

if TYPE_CHECKING:
    from wane.pipeline.count import Profiled
    from wane.report.result import Result


def conclude(profiled: Profiled) -> Result:
    """Measure what was counted, judge and explain what was measured."""
    value = measured(profiled)
    looked, measurements = profiled.looked, value.measurements
    asked, timezone = looked.asked, looked.every.timezone
    rules = rules_for(asked.rules, measurements, looked.schema.task, value.main)
    asked.watching.check_metrics({key.metric for key in measurements.series})
    partial = incomplete_windows(profiled.current.summarised.whole, measurements, asked.until)
    choice = Choice(
        main=value.main,
        tolerance=asked.watching.tolerance,
        partial=partial,
        days_off=asked.watching.days_off(measurements, timezone),
    )
    found = find(measurements, value.before, Ask(asked.watching.budget, choice, timezone))
    return explain(value, judge(rules, measurements, found, partial, choice.days_off))
