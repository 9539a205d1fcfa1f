"""`wane.check`: from rows to a result.

Importing this module loads no library: the stages are imported once the readers have been asked
to look at the files, and those after the counting while they count.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.engine.local import started
from wane.engine.reading import GLANCE_ROWS
from wane.errors import ConfigError, UsageError
from wane.pipeline.asked import Asked
from wane.pipeline.open import (
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

    from wane.detect.rule import Rule
    from wane.diagnose.annotation import Annotation
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
    importance: Mapping[str, float] | None = None,
    cost: Mapping[str, float] | None = None,
    model: str | None = None,
    now: dt.datetime | None = None,
    until: dt.datetime | None = None,
    earlier: Result | PathText | None = None,
    deep: bool = False,
    annotations: Mapping[str, str] | None = None,
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
            are still being learned. Learned limits hold everywhere else.
        false_alarms: How often learned limits may be wrong, over everything: "1 per 90 days".
        tolerance: Metric key -> change that is nobody's business, in the metric's unit.
        holidays: Dates whose traffic and drift learned limits do not judge.
        importance: Feature -> how much it matters to the model, in any unit; None: all the same.
        cost: Value of a row by outcome: tp, fp, fn, tn (binary); what is left out is worth 0.
        model: A name for the model; None: the name of the file.
        now: The time of the check; rows more than a day later are rejected. None: the clock's.
        until: The time that the log should reach, all there: windows that are closed by then, and
            by `now`, count as an outage where no row came. None: nothing is said of what comes
            after the last row, and a silence before it may be a hole in the log.
        earlier: An earlier result of the same model, or the directory of its `--out`: which of its
            alerts do not fire any more, now that labels have come, is in `result.withdrawn`.
        deep: Whether rows are read once more, to say where answers got worse by up to three columns
            together: `result.localised`. Else each column is looked at by itself.
        annotations: What the log does not tell, such as deploys and retrains, drawn in the main
            chart: time ("2026-10-03", "2026-10-03T12:00+02:00") -> text.
        progress: Called with what is being done and the share done, in [0, 1].
        workers: Reader processes that are running already; None: started where files are read.

    Returns:
        Measurements, alerts, verdict, and all a report shows.

    Raises:
        ConfigError: A setting cannot be used.
        DataError: The data cannot be read, or no row can be used.
    """
    _refuse_nothing(current, reference, labels)
    costs = _costs(cost)
    progress("looking", 0.0)
    files = labels is not None or is_path(current) or is_path(reference)
    with started(workers, needed=files) as hands:
        given = schema or Schema()
        joined = None if labels is None or hands is None else label_file(labels, given, hands)
        refinement = Refinement(where, as_derivations(derive))
        now_open = open_reading(current, hands, refinement, joined)
        before = (
            None
            if reference is None
            else open_reading(reference, hands, refinement, name="reference")
        )
        looks = (
            [now_open.describe()]
            if before is None
            else [now_open.describe(GLANCE_ROWS), before.describe()]
        )
        from wane.pipeline.watching import Watching  # noqa: PLC0415

        time = to_microseconds(now or dt.datetime.now(dt.UTC))
        asked = Asked(
            model=model or model_name(current),
            current=now_open,
            reference=before,
            looks=tuple(looks),
            schema=given,
            every=every,
            timezone=timezone or "UTC",
            rules=None if rules is None else _parsed(rules),
            watching=Watching.of(false_alarms, tolerance, holidays, importance),
            costs=costs,
            now=time,
            until=None if until is None else min(to_microseconds(until), time),
            deep=deep,
            progress=progress,
            annotations=_annotations(annotations),
        )
        from wane.pipeline.count import count  # noqa: PLC0415
        from wane.pipeline.look import look  # noqa: PLC0415

        profiled = count(look(asked), meanwhile=_load_conclusions)
        from wane.pipeline.conclude import conclude  # noqa: PLC0415

        result = conclude(profiled)
    from wane.pipeline.withdraw import with_withdrawn  # noqa: PLC0415

    return with_withdrawn(result, earlier)


def _load_conclusions() -> None:
    """Load what follows on the counting: with scipy it takes a third of a second."""
    import scipy.special  # noqa: F401, PLC0415

    from wane.pipeline import conclude  # noqa: F401, PLC0415


def _parsed(rules: Sequence[str | Mapping[str, object] | Rule]) -> tuple[Rule, ...]:
    """The rules of a user; what reads them is loaded where there are some."""
    from wane.pipeline.judge import parse_rules  # noqa: PLC0415

    return parse_rules(rules)


def _annotations(given: Mapping[str, str] | None) -> tuple[Annotation, ...]:
    """What a user knows; what reads it is loaded where there is some."""
    if not given:
        return ()
    from wane.diagnose.annotation import annotations_of  # noqa: PLC0415

    return annotations_of(given)


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
