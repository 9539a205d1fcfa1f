"""One event, one finding: forty columns that one fault upstream changed are not forty alerts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.detect.importance import ALIKE, Importance
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.metrics import metric_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.detect.finding import Finding
    from wane.metrics.measurement import SeriesKey

APART = 1
"""Windows that two changes of one family may be apart and yet be one event."""


def events(
    findings: Iterable[Finding], main: str | None, importance: Importance = ALIKE
) -> tuple[Finding, ...]:
    """One finding for each event: the weightiest leads, the others are named in its `also`.

    Alarms of one family are of one event when they may have begun in the same window, or one
    beside it, and the later was raised while the first stood. What is harmful and what is
    information are kept apart. A single good window is no news.

    Args:
        findings: One for each alarm of a series.
        main: Key of the main metric, which leads wherever it is.
        importance: Of the columns: of equal severity, the change times this decides.

    Returns:
        In the order in which they were raised.
    """
    groups: list[list[Finding]] = []
    for finding in sorted(findings, key=lambda one: one.raised):
        if finding.severity is Severity.INFO and finding.shape is Shape.SPIKE:
            continue
        same = (group for group in groups if any(_together(one, finding) for one in group))
        group = next(same, None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    return tuple(
        sorted((_led(group, main, importance) for group in groups), key=lambda one: one.raised)
    )


def family(key: SeriesKey) -> str:
    """What kind of metric a series is of; one that is not in the catalogue is a kind of its own."""
    known = metric_of(key.metric)
    return key.metric if known is None else str(known.family)


def _together(one: Finding, later: Finding) -> bool:
    alike = family(one.key) == family(later.key)
    harmless = [found.severity is Severity.INFO for found in (one, later)]
    overlap = one.earliest <= later.latest + APART and later.earliest <= one.latest + APART
    standing = later.raised <= one.last + APART
    return alike and harmless[0] == harmless[1] and overlap and standing


def _led(group: Sequence[Finding], main: str | None, importance: Importance) -> Finding:
    """The group as its weightiest finding."""

    def weight(finding: Finding) -> tuple[bool, int, bool, float]:
        key = finding.key
        width = max(finding.usual_high - finding.usual_low, 1e-300)
        size = abs(finding.now - finding.before) / width * importance.weight(key.column)
        leads = key.metric == main and key.segment is None
        return leads, finding.severity.rank, key.segment is None, size

    ranked = sorted(group, key=weight, reverse=True)
    severity = max((one.severity for one in group), key=lambda level: level.rank)
    others = dict.fromkeys(one.key for one in ranked[1:] if one.key != ranked[0].key)
    return replace(ranked[0], severity=severity, also=tuple(others))
