"""Readings: a file is read by worker processes, a frame right here; both answer alike."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Protocol, TypeVar

from wane.engine.messages import Counted
from wane.engine.work import count_source
from wane.profile.grid import Part
from wane.profile.summarise import Share, shares
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wane.engine.local import Workers
    from wane.engine.messages import Plan
    from wane.sources.description import Description
    from wane.sources.request import Request
    from wane.sources.source import Source

SAMPLE_ROWS = 16_384
T = TypeVar("T")
COLUMNAR = ("parquet", "arrow")


class Reading(Protocol):
    """Rows that can be described, counted, and searched for duplicates."""

    @property
    def name(self) -> str:
        """What to call the rows in messages."""
        ...

    def describe(self) -> Future[Description]:
        """Columns, sample and ranges."""
        ...

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """Profiles of all rows, in one or more shares that add up."""
        ...

    def duplicates(self, id_column: str) -> Future[int]:
        """Rows beyond the first of each id."""
        ...


@dataclass(frozen=True, slots=True)
class FileReading:
    """Files, read by workers; columnar files by several at once, each some of the columns."""

    request: Request
    workers: Workers

    @property
    def name(self) -> str:
        """The path or glob as the user wrote it."""
        return self.request.name

    def describe(self) -> Future[Description]:
        """Columns, sample and ranges."""
        return self.workers.describe(self.request, SAMPLE_ROWS)

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """Profiles of all rows; only one share reports progress, as all have the same rows."""
        splits = self._columnar and plan.grid.task is not Task.RANKING  # lists are sorted first
        return [
            self.workers.count(self.request, plan, part, seen if part.outcomes else _silent)
            for part in deal(plan, self.workers.processes if splits else 1)
        ]

    def duplicates(self, id_column: str) -> Future[int]:
        """Rows beyond the first of each id."""
        return self.workers.duplicates(self.request, id_column)

    @property
    def _columnar(self) -> bool:
        """Whether reading half of the columns costs half."""
        plain = self.request.where is None and not self.request.derive and not self.request.labels
        return self.request.format in COLUMNAR and plain


@dataclass(frozen=True, slots=True)
class FrameReading:
    """A frame in memory, counted in this process."""

    source: Source

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return self.source.name

    def describe(self) -> Future[Description]:
        """Columns, sample and ranges."""
        return _done(lambda: self.source.describe(SAMPLE_ROWS))

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """Profiles of all rows."""
        (whole,) = deal(plan, 1)
        return [_done(lambda: count_source(self.source, plan, whole, seen))]

    def duplicates(self, id_column: str) -> Future[int]:
        """Rows beyond the first of each id."""
        from wane.sources.duplicates import count_duplicate_ids  # noqa: PLC0415  # loads DuckDB

        return _done(lambda: count_duplicate_ids(self.source, id_column))


def deal(plan: Plan, parts: int) -> tuple[Share, ...]:
    """The columns dealt out to at most `parts` workers; the first also counts outcomes.

    A column of the grid that the schema does not have is nobody's: rows that lack a column say
    nothing about it, not even that its values are missing.
    """
    present = _positions(plan)
    dealt = [
        Share(tuple(i for i in share.columns if i in present), share.outcomes)
        for share in shares(plan.grid, parts)
    ]
    return tuple(share for share in dealt if share.outcomes or share.columns)


def _positions(plan: Plan) -> set[int]:
    """Places in the grid of the columns that rows of the plan's schema have."""
    schema, names = plan.schema, set(plan.schema.column_names())
    judged = schema.prediction is not None and schema.label is not None
    return {
        i
        for i, column in enumerate(plan.grid.columns)
        if (judged if column.part is Part.RESIDUAL else column.name in names)
    }


def add_up(parts: Sequence[Future[Counted]]) -> Counted:
    """Wait for all shares and add them up."""

    def both(left: Counted, right: Counted) -> Counted:
        return Counted(left.summarised.beside(right.summarised), left.unparsed, left.notes)

    return reduce(both, [part.result() for part in parts])


def _done(work: Callable[[], T]) -> Future[T]:
    """The result of work done now."""
    future: Future[T] = Future()
    future.set_result(work())
    return future


def _silent(_rows: int) -> None:
    """Progress nobody asked for."""
