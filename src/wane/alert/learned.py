"""From findings to alerts: one for each window in which an event that matters stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.alert.alert import Alert
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.detect.finding import Finding
    from wane.metrics.measurement import Measurements

RULE = "learned limits"
"""What alerts of findings name in place of a rule."""


def alerts_of(findings: Iterable[Finding], measurements: Measurements) -> tuple[Alert, ...]:
    """Alerts of the events that are a warning or worse; what is information raises none.

    Args:
        findings: One for each event.
        measurements: What they were found in.

    Returns:
        For each finding one alert in every window with a value, from the one in which it was
        raised to the last in which it stands.
    """
    return tuple(
        alert
        for finding in findings
        if finding.severity is not Severity.INFO
        for alert in _alerts(finding, measurements)
    )


def _alerts(finding: Finding, measurements: Measurements) -> list[Alert]:
    series = measurements.series[finding.key]
    part = slice(finding.raised, finding.last + 1)
    standing = np.flatnonzero(~np.isnan(series.values[part])) + finding.raised
    return [
        Alert(
            rule=RULE,
            key=finding.key,
            severity=finding.severity,
            window=measurements.windows[at],
            value=float(series.values[at]),
            threshold=finding.tolerated,
            reason=finding.reason,
            n=int(series.n[at]),
            finding=finding,
        )
        for at in standing.tolist()
    ]
