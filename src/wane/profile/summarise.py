"""Rows to profiles: every batch is counted once, column by column.

The counting of one numeric value costs one arithmetic map, one table look-up and two `bincount`s
(weight, and sum of x); everything else about a column is a reduction that the processor does at
memory speed. All windows and segments of a batch are counted in the same pass.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.classes import MISSING, class_codes
from wane.profile import clock, outcomes
from wane.profile.answers import read_answers
from wane.profile.cells import NumericCells
from wane.profile.columns import count_numbers, count_texts, row_cells
from wane.profile.grid import MADE, Part
from wane.profile.groups import Groups
from wane.profile.lists import count_lists, read_lists, whole_queries
from wane.profile.profile import ProfileKey
from wane.profile.rows import usable
from wane.profile.tally import Tally
from wane.profile.target import Target
from wane.profile.usable import place
from wane.profile.values import Numbers, Texts, no_texts, to_numbers, to_texts
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from wane.profile.answers import Answers
    from wane.profile.grid import Grid, GridColumn, SegmentCells
    from wane.profile.profile import Ledger
    from wane.profile.rows import Rows
    from wane.profile.usable import Placed
    from wane.schema import Schema
    from wane.window import Every


OUTCOMES_AS_COLUMNS = 6
"""Counting the outcomes takes about as long as counting so many columns."""
RISK_AS_COLUMNS = 20
"""And what to expect of each row as long as so many."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """The profiles of a stream of rows.

    Attributes:
        whole: One profile per window, cells split by outcome.
        segments: One profile per window and segment, cells not split.
        read: Rows seen.
        rejected: Reason -> rows that were left out.
    """

    whole: Ledger
    segments: Ledger
    read: int
    rejected: dict[str, int]

    @property
    def used(self) -> int:
        """Rows that were counted."""
        return self.read - sum(self.rejected.values())

    def beside(self, share: Summarised) -> Summarised:
        """The same rows, with the counters of another share added."""
        return Summarised(
            self.whole + share.whole, self.segments + share.segments, self.read, self.rejected
        )


@dataclass(frozen=True, slots=True)
class Share:
    """The part of the counting that one worker does; shares of one stream add up to the whole.

    Attributes:
        columns: Positions of the grid's columns to count.
        outcomes: Whether to count totals, outcomes and labels too: one share must.
    """

    columns: tuple[int, ...]
    outcomes: bool = True


def shares(grid: Grid, parts: int) -> tuple[Share, ...]:
    """The columns dealt out to `parts` workers; the first also counts outcomes."""
    if parts == 1:
        return (Share(tuple(range(len(grid.columns)))),)
    risk = grid.of_part(Part.RISK)
    columns = [at for at in range(len(grid.columns)) if at not in risk]
    own = OUTCOMES_AS_COLUMNS + RISK_AS_COLUMNS * len(risk)
    fewer = max(0, (len(columns) - own * (parts - 1)) // parts)
    first = {columns[place * len(columns) // fewer] for place in range(fewer)}
    others = [at for at in columns if at not in first]
    dealt = [tuple(others[part :: parts - 1]) for part in range(parts - 1)]
    return (Share((*sorted(first), *risk)), *(Share(part, outcomes=False) for part in dealt))


def columns_to_read(schema: Schema, grid: Grid, share: Share) -> tuple[str, ...]:
    """Names of the columns that counting a share needs."""
    counted = [grid.columns[i] for i in share.columns]
    names: set[str | None] = {c.name for c in counted if c.part not in MADE}
    if grid.risk is not None and any(c.part is Part.RISK for c in counted):
        names |= {grid.columns[at].name for at in grid.risk.columns}
    names |= {schema.timestamp, schema.prediction, schema.label, schema.weight, *schema.segments}
    if schema.prediction is None:
        names |= {schema.score, *schema.scores.values()}
    if share.outcomes:
        names |= {schema.score, schema.error, schema.label_time, *schema.scores.values()}
        names |= {schema.query, schema.item, schema.rank, schema.relevance}
    return tuple(name for name in schema.column_names() if name in names)


def summarise(
    batches: Iterable[pa.RecordBatch],
    *,
    grid: Grid,
    schema: Schema,
    every: Every | None,
    now: int,
    share: Share | None = None,
    seen: Callable[[int], None] = lambda _rows: None,
) -> Summarised:
    """Count a stream of batches into profiles.

    Args:
        batches: Rows in stream order; a column the schema names but a batch lacks counts as null.
        grid: The grid of the reference.
        schema: The roles of the columns.
        every: How the stream is cut; None for a single window 0.
        now: Microseconds since 1970 UTC; rows more than a day later are rejected.
        share: Which counters to fill; None for all.
        seen: Called with the number of rows after each batch, for progress.

    Returns:
        The profiles; empty ledgers when there are no rows.
    """
    part = share or shares(grid, 1)[0]
    whole, segments = Tally(grid, grid.outcomes), Tally(grid, 1)
    read, used, rejected = 0, 0, Counter[str]()
    if part.outcomes and grid.task is Task.RANKING and schema.query is not None:
        batches = whole_queries(batches, schema.query)
    for batch in batches:
        read += batch.num_rows
        rows = usable(batch, schema, now, rejected)
        if rows.count:
            windows = window_keys(rows, every, used)
            with np.errstate(over="ignore", invalid="ignore"):  # sums of huge values are infinite
                answers = read_answers(rows.batch, schema, grid)
                targets = _targets(rows, windows, answers, whole, segments)
                placed = _count_columns(rows, grid, part, targets, answers)
                if part.outcomes:
                    _count_outcomes(rows, schema, targets, answers, placed)
            used += rows.count
        seen(batch.num_rows)
    return Summarised(whole.ledger(), segments.ledger(), read, dict(rejected))


def window_keys(rows: Rows, every: Every | None, before: int) -> NDArray[np.int64]:
    """Window key of each row; `before` is the number of rows used so far."""
    if every is None:
        return np.zeros(rows.count, dtype=np.int64)
    if every.by_rows or rows.times is None:
        return every.keys(np.arange(before, before + rows.count, dtype=np.int64))
    return every.keys(rows.times)


def _targets(
    rows: Rows,
    windows: NDArray[np.int64],
    answers: Answers,
    whole: Tally,
    segments: Tally,
) -> list[Target]:
    """The whole model first, then one target for each segment column."""
    groups = Groups.by(windows)
    keys = [ProfileKey(int(window)) for window in groups.keys]
    outcome = answers.outcome if whole.outcomes > 1 else np.zeros_like(answers.outcome)
    targets = [Target(whole, groups, whole.rows(keys), outcome, rows.weights)]
    for cells in whole.grid.segments:
        names = cells.names()
        ordinal = np.searchsorted(groups.keys, windows)
        groups_of = Groups.by(ordinal * len(names) + segment_codes(rows, cells))
        keys = [
            ProfileKey(int(groups.keys[key // len(names)]), names[key % len(names)])
            for key in groups_of.keys.tolist()
        ]
        single = np.zeros(rows.count, dtype=np.intp)
        targets.append(Target(segments, groups_of, segments.rows(keys), single, rows.weights))
    return targets


def segment_codes(rows: Rows, cells: SegmentCells) -> NDArray[np.intp]:
    """Position of each row's segment in `cells.names()`."""
    pooled = len(cells.values)
    array = rows.array(cells.column)
    if array is None:
        return np.full(rows.count, pooled + 1, dtype=np.intp)
    texts = to_texts(array)
    place = {value: position for position, value in enumerate(cells.values)}
    codes = np.array([place.get(name, pooled) for name in texts.names] + [pooled + 1])
    return codes[texts.codes].astype(np.intp, copy=False)


def _count_columns(
    rows: Rows, grid: Grid, share: Share, targets: Sequence[Target], answers: Answers
) -> dict[int, Placed]:
    """Count every column of the share; hands on where scores and predictions lie."""
    kept: dict[int, Placed] = {}
    for position in share.columns:
        column = grid.columns[position]
        if isinstance(column.cells, NumericCells):
            numbers = _numbers(rows, grid, column, answers)
            placed = place(numbers, column.cells, probability=grid.bounded(column))
            count_numbers(placed, column.cells, position, targets, answers)
            if column.part in (Part.SCORE, Part.PREDICTION):
                kept[position] = placed
        else:
            array = rows.array(column.name)
            texts = no_texts(rows.count) if array is None else to_texts(array)
            if column.part in (Part.PREDICTION, Part.LABEL):
                texts = _as_classes(texts, grid.classes)
            count_texts(texts, column.cells, position, targets, answers)
    return kept


def _as_classes(texts: Texts, classes: Sequence[str]) -> Texts:
    """Predictions and labels under the names of the classes: True is "1" where classes are 0, 1.

    An empty text is no class, and missing as null is.
    """
    codes = class_codes(pa.array([*texts.names, None], pa.string()), classes)
    kept = np.where(codes[texts.codes] == MISSING, -1, texts.codes)  # -1 is the None at the end
    named = [
        classes[code] if code >= 0 else name
        for code, name in zip(codes[:-1], texts.names, strict=True)
    ]
    return Texts(kept, named)


def _numbers(rows: Rows, grid: Grid, column: GridColumn, answers: Answers) -> Numbers:
    """The values of a numeric column; those that are made of others are made here."""
    if column.part is Part.RESIDUAL and answers.error is not None:
        values = np.where(answers.labelled, answers.error, np.nan)
        return Numbers(values, ~answers.labelled)
    if column.part is Part.RISK and grid.risk is not None:
        cells = {at: row_cells(rows, grid.columns[at]) for at in grid.risk.columns}
        answered = answers.predicted >= 0
        return Numbers(np.where(answered, grid.risk.of(cells), np.nan), ~answered)
    array = rows.array(column.name)
    if array is None:
        return Numbers(np.full(rows.count, np.nan), np.ones(rows.count, dtype=bool))
    return to_numbers(array)


def _count_outcomes(
    rows: Rows,
    schema: Schema,
    targets: Sequence[Target],
    answers: Answers,
    placed: Mapping[int, Placed],
) -> None:
    """Count totals, hours and everything about predictions and labels."""
    grid = targets[0].tally.grid
    error = rows.array(schema.error)
    failed = None if error is None else outcomes.failures(error)
    counting: list[Callable[[Target], None]] = [
        lambda target: outcomes.count_totals(target, answers, failed)
    ]
    if rows.times is not None:
        times = rows.times
        counting.append(lambda target: outcomes.count_times(target, times))
    counting += _count_answers(rows, grid, answers, placed)
    labelled_at = rows.array(schema.label_time)
    if labelled_at is not None and rows.times is not None:
        asked, known = rows.times, clock.to_times(labelled_at)
        counting.append(lambda target: outcomes.count_ages(target, known, asked, answers.labelled))
    lists = read_lists(rows, schema) if grid.task is Task.RANKING else None
    if lists is not None:
        counting.append(lambda target: count_lists(target, lists))
    for target in targets:
        for count in counting:
            count(target)


def _count_answers(
    rows: Rows, grid: Grid, answers: Answers, placed: Mapping[int, Placed]
) -> list[Callable[[Target], None]]:
    """What there is to count about the answers of this task."""
    if grid.task is Task.REGRESSION:
        prediction = outcomes.locate(grid, grid.one(Part.PREDICTION), rows, placed)
        return [lambda target: outcomes.count_errors(target, answers, prediction.cell)]
    if grid.task not in (Task.BINARY, Task.MULTICLASS):
        return []
    scores = grid.of_part(Part.SCORE)
    located = [outcomes.locate(grid, position, rows, placed) for position in scores]
    if grid.task is Task.BINARY:
        score = located[0] if located else outcomes.nowhere(rows.count)
        return [lambda target: outcomes.count_score(target, answers, score)]
    counting: list[Callable[[Target], None]] = [
        lambda target: outcomes.count_confusion(target, answers)
    ]
    confidence = outcomes.confidence(located, answers, rows.count)
    counting.append(lambda target: outcomes.count_score(target, answers, confidence))
    if len(located) == len(grid.classes) and len(located) > 1:
        counting.append(lambda target: outcomes.count_class_scores(target, answers, located))
    return counting
