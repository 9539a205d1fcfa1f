"""The stages after the counting: measure, judge, explain.

Nothing is read any more, but to search several columns together where that was asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.defaults import outage_rules
from wane.detect.find import Ask, find
from wane.detect.watched import Choice
from wane.metrics.best_known import best_known
from wane.metrics.provisional import settled
from wane.pipeline.classless import classless_notes
from wane.pipeline.covered import Covered, incomplete_windows
from wane.pipeline.explain import explain
from wane.pipeline.judge import judge, rules_for
from wane.pipeline.measured import measured
from wane.pipeline.waiting import waiting, waiting_notes

if TYPE_CHECKING:
    from wane.pipeline.count import Profiled
    from wane.report.result import Result


@np.errstate(over="ignore", invalid="ignore")
def conclude(profiled: Profiled) -> Result:
    """Measure what was counted, judge and explain what was measured.

    What is too large for a float becomes infinite, and is undefined with a reason.
    """
    value = measured(profiled)
    looked, measurements = profiled.looked, value.measurements
    asked, timezone = looked.asked, looked.every.timezone
    rules = rules_for(asked.rules, measurements, looked.schema.task, value.main)
    complete = asked.until is not None
    silence = outage_rules(asked.rules or (), measurements, complete=complete)
    asked.watching.check_metrics({key.metric for key in measurements.series})
    asked.watching.check_columns([column.name for column in looked.schema.features or ()])
    partial = incomplete_windows(profiled.current.summarised.whole, measurements, asked.until)
    late = waiting(measurements, looked.grid)
    choice = Choice(
        main=value.main,
        tolerance=asked.watching.tolerance,
        partial=partial,
        days_off=asked.watching.days_off(measurements, timezone),
        importance=asked.watching.importance,
    )
    known = best_known(settled(measurements, late), measurements, value.main, late)
    found = find(known.measurements, value.before, Ask(asked.watching.budget, choice, timezone))
    covered = Covered(partial, choice.days_off, late, complete)
    judged = judge((*rules, *silence), measurements, found, covered, known)
    whole = profiled.current.summarised.whole
    told = (*classless_notes(whole), *waiting_notes(late, whole))
    return explain(value, known, replace(judged, notes=(*judged.notes, *told)))
