"""The rules that apply when none are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.detect.grammar import parse_rule
from wane.detect.rule import Holds
from wane.metrics import metric_of
from wane.metrics.catalogue import Better
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wane.detect.rule import Rule
    from wane.metrics.measurement import Measurements

LEAST_ROWS = 20
"""From here on no single row breaks a rule: 1 bad row of 20 is surely more than 0.009 (Wilson),
which is less than the smallest change asked for, 0.01; of 17 it would be more."""
ENOUGH = f"with {LEAST_ROWS} rows"
RULES = (
    f"roc_auc drops 0.05 surely as warning {ENOUGH}",
    f"missing_share(*) rises 0.05 surely as warning {ENOUGH}",
    f"nan_share(*) rises 0.05 surely as warning {ENOUGH}",
    f"invalid_share(*) > 0.01 surely as warning {ENOUGH}",
    f"out_of_range_share(*) > 0.2 surely as warning {ENOUGH}",
    f"unseen_share(*) > 0.05 surely as warning {ENOUGH}",
    f"wrong_type_share(*) > 0.01 surely as warning {ENOUGH}",
    f"psi(*) > 0.2 surely for 2 as warning {ENOUGH}",
    "volume drops 50% surely as warning",
    "volume rises 100% surely as warning",
    f"latency_p95 rises 50% surely as warning {ENOUGH}",
    f"error_rate rises 0.01 surely as critical {ENOUGH}",
)
"""Each asks for a change that matters and that noise does not explain. Volume has no least number
of rows, since few rows may be what is wrong, but the noise of a Poisson count: where 4 rows are
typical, 1 is noise and 15 are not, and no window is surely half of less than a typical 12."""

OUTAGE = "volume < 1"
OUTAGE_WARNING = f"{OUTAGE} as warning"


def default_rules(
    task: Task | None, main_metric: str | None, metrics: Collection[str]
) -> tuple[Rule, ...]:
    """Sensible rules for what was measured, most important first.

    Args:
        task: The kind of answer; `Task.NONE` (and None) has no performance rules.
        main_metric: The metric performance is judged by; None: none.
        metrics: Keys of the metrics that were measured; rules on others are left out.

    Returns:
        Rules that are not `given`: of two on one series only the most severe speaks.
    """
    main: tuple[str, ...] = ()
    if main_metric is not None and task not in (None, Task.NONE):
        main = _performance(main_metric)
    others = [text for text in RULES if not (main and text.startswith(f"{main_metric} "))]
    rules = (
        replace(
            parse_rule(text), given=False, holds=Holds.AFTER if text in main[2:] else Holds.BEFORE
        )
        for text in (*main, *others)
    )
    return tuple(rule for rule in rules if rule.metric in metrics)


def outage_rules(
    given: Sequence[Rule], measurements: Measurements, *, complete: bool
) -> tuple[Rule, ...]:
    """That there are rows at all, where windows without any are missed.

    It holds beside learned limits, to which an outage that lasts becomes the usual traffic, and
    beside the rules of a user, unless one of them speaks of the volume.

    Args:
        given: The rules of the user.
        measurements: With windows of volume 0 where rows are missed.
        complete: Whether the log is said to be all there; else it may be the log that has a hole,
            and not the service that was down, which is a warning.
    """
    volume = measurements.get("volume")
    ruled = any(rule.metric == "volume" for rule in given)
    if ruled or volume is None or volume.values.all():
        return ()
    text = OUTAGE if complete else OUTAGE_WARNING
    return (replace(parse_rule(text), given=False, holds=Holds.ALWAYS),)


def _performance(metric: str) -> tuple[str, str, str]:
    """Two steps of getting worse than the reference; errors have no scale, so by percent.

    The larger step in two windows running is harm however much a model's days differ: so it holds
    beside learned limits.
    """
    known = metric_of(metric)
    steps = ("drops 0.05", "drops 0.02")
    if known is not None and known.better is Better.LOWER:
        steps = ("rises 10%", "rises 5%")
    return (
        f"{metric} {steps[0]} surely as critical {ENOUGH}",
        f"{metric} {steps[1]} surely as warning {ENOUGH}",
        f"{metric} {steps[0]} surely for 2 as critical {ENOUGH}",
    )
