"""Fourth stage: hold the measurements against the rules and against learned limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.alert.advance import advance, pending
from wane.alert.learned import alerts_of
from wane.detect.defaults import LEAST_ROWS, default_rules
from wane.detect.detection import Detection, Undecided
from wane.detect.grammar import parse_rule
from wane.detect.rule import Holds, Rule, check_metrics
from wane.detect.rules import apply_rule, matching
from wane.detect.severity import Severity
from wane.detect.silent import why_silent
from wane.metrics import CATALOGUE
from wane.metrics.best_known import BestKnown
from wane.pipeline.covered import WHOLLY
from wane.pipeline.waiting import said_estimated, said_provisional

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wane.alert.alert import Alert
    from wane.detect.finding import Finding
    from wane.detect.found import Found
    from wane.metrics.measurement import Measurements
    from wane.pipeline.covered import Covered
    from wane.schema import Task

TOLD = 5
"""Notes about rules that cannot be judged, at most."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say.

    Attributes:
        rules: The rules applied, without defaults that learned limits have replaced everywhere.
        alerts: Those that fire, oldest first.
        pending: Those that are broken in the newest windows, not for long enough yet.
        notes: Rules that say nothing at all, and those that the newest window cannot be held
            against, and why.
        found: What learned limits say.
    """

    rules: tuple[Rule, ...]
    alerts: tuple[Alert, ...]
    pending: tuple[Alert, ...]
    notes: tuple[str, ...]
    found: Found


def parse_rules(given: Iterable[str | Mapping[str, object] | Rule]) -> tuple[Rule, ...]:
    """The rules of a user; a single one may stand by itself.

    Raises:
        ConfigError: One of them cannot be read.
    """
    rules = [given] if isinstance(given, str) else given
    return tuple(rule if isinstance(rule, Rule) else parse_rule(rule) for rule in rules)


def rules_for(
    given: Sequence[Rule] | None,
    measurements: Measurements,
    task: Task | None,
    main: str | None,
) -> tuple[Rule, ...]:
    """The user's rules, or the defaults.

    Raises:
        ConfigError: A rule names a metric that does not exist.
    """
    metrics = {key.metric for key in measurements.series}
    if given is None:
        return default_rules(task, main, metrics)
    check_metrics(given, metrics | {metric.key for metric in CATALOGUE})
    return tuple(given)


def judge(
    rules: Iterable[Rule],
    measurements: Measurements,
    found: Found,
    covered: Covered = WHOLLY,
    known: BestKnown | None = None,
) -> Judged:
    """Apply every rule and raise alerts, those of learned limits among them.

    On a series that a rule of the user speaks of, what is critical is what the rule says: learned
    limits only warn there, as of silence in a log that may have holes. Default rules hold until
    limits are learned, and not for what is provisional.

    Args:
        rules: What to hold the measurements against.
        measurements: All of them.
        found: What learned limits say.
        covered: How far the windows are those of the whole stream.
        known: What learned limits were held against, and default rules are; None: the
            measurements.
    """
    held = BestKnown(measurements) if known is None else known
    applied = tuple(rules)
    findings = [
        finding
        for rule in applied
        for finding in apply_rule(rule, measurements if rule.given else held.measurements)
    ]
    detections = [
        f for f in findings if isinstance(f, Detection) and not _passed_over(f, found, covered)
    ]
    newest = len(measurements.windows) - 1
    undecided = [f for f in findings if isinstance(f, Undecided) and f.index == newest]
    notes = [*_silent(applied, measurements), *_undecided(undecided, measurements)]
    ruled = {
        series.key for rule in applied if rule.given for series in matching(rule, measurements)
    }
    doubtful = frozenset() if covered.complete else _silent_windows(measurements)
    learned = [
        _only_warning(finding)
        if finding.key in ruled or _silence_in(finding, doubtful)
        else finding
        for finding in found.findings
    ]
    by_users, by_default = (
        advance([f for f in detections if f.rule.given is given], measurements.windows)
        for given in (True, False)
    )
    alerts = [
        *said_provisional(by_users, measurements, covered.provisional),
        *said_estimated([*by_default, *alerts_of(learned, held.measurements)], held),
    ]
    ordered = sorted(alerts, key=lambda alert: (alert.window.start, -alert.severity.rank))
    lasting = tuple(rule for rule in applied if not _outgrown(rule, measurements, found))
    told = replace(found, findings=tuple(learned))
    last = {
        detection.key: at
        for detection in detections
        if (at := measurements.series[detection.key].last_defined) is not None
    }
    waiting = pending(detections, measurements.windows, last)
    return Judged(lasting, tuple(ordered), waiting, tuple(notes[:TOLD]), told)


def _outgrown(rule: Rule, measurements: Measurements, found: Found) -> bool:
    """Whether a default rule has nothing to say: not any more, or not yet."""
    known = [series.key in found.judged_from for series in matching(rule, measurements)]
    if rule.given or rule.holds is Holds.ALWAYS:
        return False
    return all(known) if rule.holds is Holds.BEFORE else not any(known)


def _silent_windows(measurements: Measurements) -> frozenset[int]:
    """Windows without a row."""
    volume = measurements.get("volume")
    return frozenset() if volume is None else frozenset(np.flatnonzero(volume.values == 0).tolist())


def _silence_in(finding: Finding, doubtful: frozenset[int]) -> bool:
    """Whether a change of volume is one of windows that may be missing from the log."""
    during = range(finding.raised, finding.last + 1)
    return finding.key.metric == "volume" and not doubtful.isdisjoint(during)


def _only_warning(finding: Finding) -> Finding:
    """The finding, critical no more."""
    critical = finding.severity is Severity.CRITICAL
    return replace(finding, severity=Severity.WARNING) if critical else finding


def _passed_over(detection: Detection, found: Found, covered: Covered) -> bool:
    """Whether a broken rule does not count: by the window, or a default that does not hold here."""
    of_volume = detection.key.metric == "volume"
    if of_volume and detection.index in covered.partial:
        return True
    if detection.rule.given:
        return False
    if of_volume and detection.index in covered.days_off:
        return True
    if of_volume and detection.value == 0 and detection.rule.holds is not Holds.ALWAYS:
        return True  # of silence tells the rule on silence
    judged_from = found.judged_from.get(detection.key)
    learned = judged_from is not None and detection.index >= judged_from
    holds = detection.rule.holds
    if holds is Holds.BEFORE:
        return learned
    told = any(  # where a finding tells of it, the rule need not
        one.key == detection.key and one.raised <= detection.index <= one.last
        for one in found.findings
        if one.severity is not Severity.INFO
    )
    return told or (holds is Holds.AFTER and not learned)


def _silent(rules: Iterable[Rule], measurements: Measurements) -> list[str]:
    """The user's rules that no value can be held against; a default may be without its metric."""
    reasons = {rule.text: why_silent(rule, measurements) for rule in rules if rule.given}
    return [f"rule `{text}` {reason}" for text, reason in reasons.items() if reason]


def _undecided(found: Sequence[Undecided], measurements: Measurements) -> list[str]:
    """What the newest window is too small to tell: rule by rule what a user asked for.

    Of the defaults only where the window is tiny, and together: they are asked of each column.
    """
    told = [f"{one.rule.text}: {one.reason}" for one in found if one.rule.given]
    tiny = [
        one
        for one in found
        if not one.rule.given and measurements.series[one.key].n[one.index] < LEAST_ROWS
    ]
    for floor in (True, False):
        few = [one for one in tiny if one.needed and bool(one.rule.min_n) is floor]
        if few:
            metrics = ", ".join(dict.fromkeys(one.key.metric for one in few))
            needed = max(one.needed or 0 for one in few)
            told.append(
                f"too few rows in the newest window to tell about {metrics}: "
                f"need about {needed:,} more"
            )
    return list(dict.fromkeys(told))
