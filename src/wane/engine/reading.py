"""Readings: a file is read by worker processes, a frame right here; both answer alike.

Importing this module loads no library: files are looked at by workers while this process loads
what it needs to make something of the answer.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wane.engine.local import Workers
    from wane.engine.messages import Counted, LeafPlan, Plan
    from wane.profile.leaves import Leaves
    from wane.sources.description import Description
    from wane.sources.request import Request
    from wane.sources.source import Source

SAMPLE_ROWS = 16_384
GLANCE_ROWS = 8_192
"""Enough to tell roles and types of rows that no cells are laid by."""
T = TypeVar("T")
COLUMNAR = ("parquet", "arrow")


class Reading(Protocol):
    """Rows that can be described, counted, and searched for duplicates."""

    @property
    def name(self) -> str:
        """What to call the rows in messages."""
        ...

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Future[Description]:
        """Columns, sample and ranges."""
        ...

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """Profiles of all rows, in one or more shares that add up."""
        ...

    def duplicates(self, id_column: str) -> Future[int]:
        """Rows beyond the first of each id."""
        ...

    def leaves(self, asked: LeafPlan) -> Future[Leaves]:
        """Labelled rows by several columns together; reads the rows once more."""
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

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Future[Description]:
        """Columns, sample and ranges."""
        return self.workers.describe(self.request, sample_rows)

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """Profiles of all rows; only one share reports progress, as all have the same rows."""
        from wane.engine.deal import deal  # noqa: PLC0415  # loads numpy and pyarrow

        splits = self._columnar and plan.grid.task is not Task.RANKING  # lists are sorted first
        return [
            self.workers.count(self.request, plan, part, seen if part.outcomes else _silent)
            for part in deal(plan, self.workers.processes if splits else 1)
        ]

    def duplicates(self, id_column: str) -> Future[int]:
        """Rows beyond the first of each id."""
        return self.workers.duplicates(self.request, id_column)

    def leaves(self, asked: LeafPlan) -> Future[Leaves]:
        """Labelled rows by several columns together; reads the rows once more."""
        return self.workers.leaves(self.request, asked)

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

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Future[Description]:
        """Columns, sample and ranges."""
        return _done(lambda: self.source.describe(sample_rows))

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """Profiles of all rows."""
        from wane.engine.deal import deal  # noqa: PLC0415  # loads numpy and pyarrow
        from wane.engine.work import count_source  # noqa: PLC0415

        (whole,) = deal(plan, 1)
        return [_done(lambda: count_source(self.source, plan, whole, seen))]

    def duplicates(self, id_column: str) -> Future[int]:
        """Rows beyond the first of each id."""
        from wane.sources.duplicates import count_duplicate_ids  # noqa: PLC0415  # loads DuckDB

        return _done(lambda: count_duplicate_ids(self.source, id_column))

    def leaves(self, asked: LeafPlan) -> Future[Leaves]:
        """Labelled rows by several columns together; reads the rows once more."""
        from wane.engine.work import leaves_of_source  # noqa: PLC0415  # loads numpy and pyarrow

        return _done(lambda: leaves_of_source(self.source, asked))


def _done(work: Callable[[], T]) -> Future[T]:
    """The result of work done now."""
    future: Future[T] = Future()
    future.set_result(work())
    return future


def _silent(_rows: int) -> None:
    """Progress nobody asked for."""
