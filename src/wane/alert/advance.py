"""From detections to alerts: what lasted long enough, and speaks once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.alert.alert import Alert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wane.detect.detection import Detection
    from wane.detect.rule import Rule
    from wane.metrics.measurement import SeriesKey
    from wane.window import Window


def advance(detections: Iterable[Detection], windows: Sequence[Window]) -> tuple[Alert, ...]:
    """One alert for each window in which a rule has been broken for long enough.

    A rule with `for 2` fires from the second consecutive window on in which it is broken; a
    window that was not measured, or is missing from `windows`, breaks the run. Of default
    rules that fire on one series in one window only the most severe gives an alert; of rules
    that a user wrote, each does.

    Args:
        detections: Broken rules, in any order.
        windows: The windows that the indices of detections count, oldest first.

    Returns:
        Alerts, oldest first; within a window the most severe first, then in the order of the
        detections. Empty for no detections.
    """
    firing = _loudest(_lasting(list(detections), windows))
    alerts = [_alert(detection, windows) for detection in firing]
    return tuple(sorted(alerts, key=lambda alert: (alert.window.start, -alert.severity.rank)))


def pending(
    detections: Iterable[Detection], windows: Sequence[Window], newest: Mapping[SeriesKey, int]
) -> tuple[Alert, ...]:
    """One for each window of a run that is not long enough yet, and goes on.

    Args:
        detections: Broken rules, in any order.
        windows: The windows that the indices of detections count, oldest first.
        newest: Series -> the last window in which it has a value.

    Returns:
        Oldest first; empty where every broken rule fires, or is not broken any more.
    """
    found = list(detections)
    runs = _runs(found, windows)
    waiting = [
        detection
        for detection in found
        if (run := runs[_condition(detection)]).get(newest.get(detection.key, -1), 0)
        in range(1, detection.rule.for_windows)
        and detection.index > newest[detection.key] - run[newest[detection.key]]
    ]
    alerts = [
        replace(
            _alert(detection, windows), reason=detection.reason, asked=detection.rule.for_windows
        )
        for detection in waiting
    ]
    return tuple(sorted(alerts, key=lambda alert: alert.window.start))


def _lasting(detections: list[Detection], windows: Sequence[Window]) -> list[Detection]:
    """Detections that end a run of at least `for_windows` windows."""
    runs = _runs(detections, windows)
    return [
        detection
        for detection in detections
        if runs[_condition(detection)][detection.index] >= detection.rule.for_windows
    ]


def _condition(detection: Detection) -> tuple[Rule, str, SeriesKey]:
    return detection.rule, detection.rule.text, detection.key


def _runs(
    detections: list[Detection], windows: Sequence[Window]
) -> dict[tuple[Rule, str, SeriesKey], dict[int, int]]:
    """By rule and series: in which windows it is broken, and for how many by then."""
    stretches: dict[tuple[Rule, str, SeriesKey], dict[int, int]] = {}
    for detection in sorted(detections, key=lambda detection: detection.index):
        runs = stretches.setdefault(_condition(detection), {})
        before = runs.get(detection.index - 1, 0) if _adjoins(detection.index, windows) else 0
        runs[detection.index] = before + 1
    return stretches


def _adjoins(index: int, windows: Sequence[Window]) -> bool:
    """Whether the window before this one is there."""
    return index > 0 and windows[index - 1].end == windows[index].start


def _loudest(detections: list[Detection]) -> list[Detection]:
    """Without those default rules that a more severe one on the same series drowns."""
    top: Mapping[tuple[SeriesKey, int, bool], int] = _top_ranks(detections)
    return [
        detection
        for detection in detections
        if detection.rule.given or detection.rule.severity.rank == top[_place(detection)]
    ]


def _top_ranks(detections: list[Detection]) -> dict[tuple[SeriesKey, int, bool], int]:
    top: dict[tuple[SeriesKey, int, bool], int] = {}
    for detection in detections:
        if not detection.rule.given:
            place = _place(detection)
            top[place] = max(top.get(place, 0), detection.rule.severity.rank)
    return top


def _place(detection: Detection) -> tuple[SeriesKey, int, bool]:
    """Series, window and direction, within which default rules compete."""
    return detection.key, detection.index, detection.rule.operator.downward


def _alert(detection: Detection, windows: Sequence[Window]) -> Alert:
    rule = detection.rule
    lasting = f", for {rule.for_windows} windows or more" if rule.for_windows > 1 else ""
    return Alert(
        rule=rule.text,
        key=detection.key,
        severity=rule.severity,
        window=windows[detection.index],
        value=detection.value,
        threshold=detection.threshold,
        reason=f"{detection.reason}{lasting}",
        n=detection.n,
    )
