"""`wane.series`: metrics that were computed elsewhere, held against the same rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.find import Ask, find
from wane.detect.rule import check_metrics
from wane.detect.watched import VOLUME, Choice
from wane.diagnose.conclude import Evidence, conclude
from wane.diagnose.episode import episodes
from wane.diagnose.onset import lasting, noticed_loss
from wane.diagnose.summary import summarise_series
from wane.engine.local import started
from wane.errors import DataError, SchemaError
from wane.metrics import metric_of
from wane.metrics.catalogue import Better
from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.pipeline.judge import judge, parse_rules
from wane.pipeline.open import Refinement, is_path, model_name, open_reading
from wane.pipeline.watching import Watching
from wane.pipeline.withdraw import with_withdrawn
from wane.profile import clock
from wane.profile.values import to_numbers
from wane.report.result import ReferenceFacts, ReferenceKind, Rejected, Result, RowCount
from wane.window import DAY, SECOND, Window

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from wane.detect.rule import Rule
    from wane.pipeline.open import PathText

MOST_ROWS = 200_000
"""Of a table that has a row for each window: five-minute windows of two years."""
DATES = ("date", "day", "timestamp", "time", "ts", "datetime", "window", "window_start", "week")
MAIN = ("accuracy", "roc_auc", "auc", "f1", "f1_score", "mae", "rmse")
"""Names that stand for performance, best known first."""
GOOD = re.compile(
    r"accuracy|auc|precision|recall|sensitivity|specificity|f1|mcc|ndcg|map|mrr|r2|confidence|score"
    r"|success|uptime|availability"
)
"""Words in the names of metrics that should not fall."""
BAD = re.compile(
    r"errors?|loss|mae|mse|rmse|mape|brier|ece|latency|duration|missing|null|drift|psi|failures?"
    r"|timeouts?"
)
"""Words in the names of metrics that should not rise."""
COUNTS = re.compile(r"volume|count|counts|rows|requests|calls|predictions")
"""Words in the names of metrics that may grow."""
NO_VALUE = "no value in the table"
NO_DATE = "date is missing or cannot be read"
REPEATED = "date occurs again further down; the last row counts"


@dataclass(frozen=True, slots=True)
class _Kept:
    """The rows of the table that count.

    Attributes:
        order: [W] row of the table for each window, oldest first.
        windows: Length W.
        rejected: Rows left out.
    """

    order: NDArray[np.intp]
    windows: tuple[Window, ...]
    rejected: tuple[Rejected, ...]


def series(
    table: object,
    *,
    rules: Sequence[str | Mapping[str, object] | Rule] | None = None,
    false_alarms: str | None = None,
    tolerance: Mapping[str, float] | None = None,
    holidays: Sequence[dt.date | str] = (),
    date: str | None = None,
    model: str | None = None,
    earlier: Result | PathText | None = None,
) -> Result:
    """Hold a table of dates x metrics against rules.

    Args:
        table: A CSV, Parquet, NDJSON or Arrow file, or a frame; one row for each window. Numeric
            columns are metrics under their own names.
        rules: "accuracy < 0.90", ...; None: learned limits alone.
        false_alarms: How often learned limits may be wrong, over everything: "1 per 90 days".
        tolerance: Column -> change that is nobody's business.
        holidays: Dates whose volume learned limits do not judge.
        date: Name of the date column; None: found by name or type; without one, row numbers.
        model: A name; None: that of the file.
        earlier: An earlier result of the same table, or the directory of its `--out`: which of its
            alerts do not fire any more, now that values were revised, is in `result.withdrawn`.

    Returns:
        A result without schema, columns or reference.

    Raises:
        DataError: The table cannot be read, has no rows or no numeric column.
        ConfigError: A rule cannot be read or names a column that is not there.
    """
    given = parse_rules(rules or ())
    found = _read(table)
    name = _date_column(found, date)
    kept = _keep(found, name)
    metrics = _metrics(found, name, kept)
    measurements = Measurements(kept.windows, metrics)
    names = {key.metric for key in metrics}
    check_metrics(given, names)
    main = _main(measurements, given)
    watching = Watching.of(false_alarms, tolerance, holidays)
    watching.check_metrics(names)
    choice = Choice(
        main=main,
        tolerance=watching.tolerance,
        harm=_harm(names, given),
        volumes=VOLUME | {name for name in names if any(map(COUNTS.fullmatch, _words(name)))},
        days_off=watching.days_off(measurements, "UTC"),
    )
    judged = judge(given, measurements, find(measurements, None, Ask(watching.budget, choice)))
    events = episodes(judged.alerts, kept.windows)
    loss = lasting(judged.found.findings, main) or noticed_loss(
        None if main is None else metrics[SeriesKey(main)], events
    )
    evidence = Evidence(measurements, events, main, loss)
    result = Result(
        model=model or model_name(table),
        schema=None,
        every=None,
        measurements=measurements,
        reference_measurements=None,
        alerts=judged.alerts,
        pending=judged.pending,
        verdict=conclude(evidence),
        rows=RowCount(found.num_rows, len(kept.order), kept.rejected),
        reference=ReferenceFacts(ReferenceKind.NONE, None, 0),
        summary=summarise_series(measurements),
        main_metric=main,
        found=judged.found,
        rules=tuple(rule.text for rule in judged.rules),
        notes=judged.notes,
    )
    return with_withdrawn(result, earlier)


def _read(table: object) -> pa.Table:
    """The whole table: it has one row for each window, so it is small."""
    with started(None, needed=is_path(table), processes=1) as workers:
        reading = open_reading(table, workers, Refinement(), name="table")
        description = reading.describe(MOST_ROWS).result()
    if description.rows is not None and description.rows > description.sample.num_rows:
        raise DataError(
            f"{description.name} is too long for a table of metrics",
            expected=f"at most {description.sample.num_rows:,} rows, one for each window",
            got=f"{description.rows:,} rows",
            hint="Is this a prediction log? Then use `wane check`.",
        )
    return description.sample


def _date_column(table: pa.Table, given: str | None) -> str | None:
    """The column of dates; None when there is none."""
    names = table.column_names
    if given is not None:
        if given not in names:
            raise SchemaError.missing_column(given, role="date", where="the table", available=names)
        return given
    lower = {name.lower(): name for name in reversed(names)}
    named = [lower[name] for name in DATES if name in lower]
    temporal = [f.name for f in table.schema if str(f.type).startswith(("timestamp", "date"))]
    return next(iter([*named, *temporal]), None)


def _keep(table: pa.Table, date: str | None) -> _Kept:
    """Rows in order of time, one for each date."""
    if date is None:
        windows = tuple(Window(row, row + 1, by_rows=True) for row in range(table.num_rows))
        return _Kept(np.arange(table.num_rows), windows, ())
    times = clock.to_times(table.column(date).combine_chunks())
    dated = times > clock.BROKEN_TIME
    last = {int(time): row for row, time in enumerate(times) if dated[row]}
    if not last:
        raise DataError(
            f"no date in column {date!r} can be read",
            expected="ISO 8601, e.g. 2025-01-31",
            got=repr(table.column(date)[0].as_py()),
        )
    starts = sorted(last)
    gaps = np.diff(starts)
    step = int(np.median(gaps)) if len(gaps) else DAY
    step = max(step, SECOND)
    ends = [
        min(start + step, after) for start, after in zip(starts, [*starts[1:], 2**62], strict=True)
    ]
    counts = {NO_DATE: int((~dated).sum()), REPEATED: int(dated.sum()) - len(last)}
    return _Kept(
        np.array([last[start] for start in starts], dtype=np.intp),
        tuple(Window(start, end) for start, end in zip(starts, ends, strict=True)),
        tuple(Rejected(reason, count) for reason, count in counts.items() if count),
    )


def _metrics(table: pa.Table, date: str | None, kept: _Kept) -> dict[SeriesKey, Series]:
    """Every numeric column as a series."""
    found: dict[SeriesKey, Series] = {}
    for name in table.column_names:
        numbers = to_numbers(table.column(name).combine_chunks())
        if name == date or numbers.wrong is not None or not np.isfinite(numbers.values).any():
            continue
        values = numbers.values[kept.order]
        values = np.where(np.isfinite(values), values, np.nan)
        nothing = np.full(len(values), np.nan)
        reasons = tuple(NO_VALUE if np.isnan(value) else None for value in values)
        n = np.zeros(len(values), dtype=np.int64)
        key = SeriesKey(name)
        found[key] = Series(key, values, nothing, nothing, n, reasons)
    if not found:
        raise DataError(
            "the table has no metrics",
            expected="at least one numeric column",
            got=", ".join(table.column_names),
        )
    return found


def _harm(names: Iterable[str], rules: Sequence[Rule]) -> dict[str, int]:
    """Which way each metric does harm: by a rule, by the catalogue, or by the words in its name."""
    found = {rule.metric: -1 if rule.operator.downward else 1 for rule in rules}
    for name in names:
        words = _words(name)
        known = metric_of(name)
        if name not in found and (known is None or known.better is Better.NEITHER):
            good, bad = (any(map(kind.fullmatch, words)) for kind in (GOOD, BAD))
            found[name] = -1 if good else 1 if bad else 0
    return found


def _words(name: str) -> list[str]:
    return re.split(r"[^a-z0-9]+", name.lower())


def _main(measurements: Measurements, rules: Sequence[Rule]) -> str | None:
    """The metric that stands for the model: well known, or named by a rule, or the first."""
    names = [key.metric for key in measurements.series]
    wanted = [*MAIN, *(rule.metric for rule in rules), *names]
    return next((name for name in wanted if name in names), None)
