"""The value that a run ends with: everything that reports, exports and notebooks show."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.detect.found import nothing_found

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from wane.alert.alert import Alert
    from wane.alert.withdrawn import Withdrawn
    from wane.detect.found import Found
    from wane.diagnose.annotation import Annotation
    from wane.diagnose.change import ColumnChange
    from wane.diagnose.decomposition import Decomposition
    from wane.diagnose.fault import Fault
    from wane.diagnose.localise import Localised
    from wane.diagnose.releases import Release
    from wane.diagnose.reliability import Reliability
    from wane.diagnose.segment import SegmentChange
    from wane.diagnose.summary import Summary
    from wane.diagnose.verdict import Verdict
    from wane.metrics.measurement import Measurements
    from wane.schema import Schema
    from wane.window import Every


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows left out, and why."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class RowCount:
    """Rows of the current data: read = used + sum of rejected."""

    read: int
    used: int
    rejected: tuple[Rejected, ...] = ()


class ReferenceKind(StrEnum):
    """Where the reference comes from."""

    GIVEN = "given"
    FIRST_WINDOWS = "first windows"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """What the current data are compared with.

    Attributes:
        kind: Given by the user, the first windows of the log, or none.
        source: Its name: a path, "frame", or "first 8 of 30 windows".
        rows: Rows in it.
        windows: With kind FIRST_WINDOWS, how many leading windows serve; else 0.
    """

    kind: ReferenceKind
    source: str | None
    rows: int
    windows: int = 0


@dataclass(frozen=True)
class Result:
    """What a run of `check` or `series` found. In a notebook it shows itself.

    Attributes:
        model: Name of the model.
        schema: Roles of the columns; None for `series`.
        every: How the stream was cut; None for `series` without dates.
        measurements: Every metric in every window.
        reference_measurements: The same metrics in the windows of a given reference, for drawing;
            empty when the reference has no time.
        alerts: Rules that fired, one per rule and window, oldest first.
        pending: Rules that are broken in the newest windows, but not for as many as they ask for;
            one per rule and window, oldest first.
        verdict: State, sentence and advice.
        rows: Rows read, used and rejected.
        reference: What the current data were compared with.
        summary: Metric key -> first, last, change, mean (whole model, metrics without column).
        main_metric: Key of the metric in the main chart, or None.
        found: What learned limits say: findings, and the false-alarm budget they were held to.
        changes: Columns ranked by how much they changed, largest first.
        segments: Segments, worst first.
        releases: When new versions of the model began to answer, oldest first.
        annotations: What people said of the model, oldest first.
        faults: What seems wrong with the pipeline rather than with the world.
        decomposition: Where the change of performance comes from; None for `series`.
        localised: Among which rows answers got worse; None for `series`.
        rules: The rules that were applied, as text.
        assumptions: What was inferred, and how to change it; one sentence each.
        notes: What the user should know: skipped columns, duplicate ids, missing labels.
        withdrawn: Alerts of an earlier run that do not fire any more, oldest first.
        hours: [7, 24] share of rows by weekday (Monday first) and hour; None without a clock.
        reliability: Whether scores mean what they say; None where that cannot be told.
        profiles: Profiles as encoded bytes by name, for `--out` and later merging.
    """

    model: str
    schema: Schema | None
    every: Every | None
    measurements: Measurements
    reference_measurements: Measurements | None
    alerts: tuple[Alert, ...]
    verdict: Verdict
    rows: RowCount
    reference: ReferenceFacts
    summary: Mapping[str, Summary]
    main_metric: str | None
    pending: tuple[Alert, ...] = ()
    found: Found = field(default_factory=nothing_found)
    changes: tuple[ColumnChange, ...] = ()
    segments: tuple[SegmentChange, ...] = ()
    releases: tuple[Release, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    faults: tuple[Fault, ...] = ()
    decomposition: Decomposition | None = None
    localised: Localised | None = None
    rules: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    hours: NDArray[np.float64] | None = None
    reliability: Reliability | None = None
    profiles: Mapping[str, bytes] | None = None

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The report as one self-contained HTML page.

        Args:
            path: Where to write it as well; None: nowhere.

        Raises:
            UsageError: The file cannot be written.
        """
        from wane.report import html, outputs  # noqa: PLC0415  # loads the templates

        page = html.render(self)
        if path is not None:
            outputs.write_bytes(path, page.encode())
        return page

    def to_json(self) -> str:
        """The object of `check --format json`, as published by `wane schema`."""
        from wane.report import json_report  # noqa: PLC0415  # only for those who ask

        return json_report.render(self)

    def _repr_html_(self) -> str:
        """Verdict, tiles and main chart, for notebooks."""
        from wane.report import notebook  # noqa: PLC0415  # loads the templates

        return notebook.render_inline(self)
