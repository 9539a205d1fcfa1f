"""The jobs of a worker: count a source, or count it by several columns together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.engine.messages import Counted, Plan
from wane.profile.leaves import columns_of_leaves, count_leaves
from wane.profile.summarise import columns_to_read, shares, summarise
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from wane.engine.messages import LeafPlan
    from wane.profile.leaves import Leaves
    from wane.profile.summarise import Share
    from wane.sources.source import Source


def count_source(
    source: Source,
    plan: Plan,
    share: Share | None = None,
    seen: Callable[[int], None] = lambda _rows: None,
) -> Counted:
    """Stream a source once and count it.

    Args:
        source: What to read.
        plan: How to count.
        share: Which counters to fill; None for all.
        seen: Called with the number of rows after each batch.

    Raises:
        SourceError: The source cannot be read.
        SchemaError: A column the schema names is missing.
    """
    part = share or shares(plan.grid, 1)[0]
    available = source.fields()
    wanted = columns_to_read(plan.schema, plan.grid, part)
    summarised = summarise(
        _ordered(source, plan, [name for name in wanted if name in available]),
        grid=plan.grid,
        schema=plan.schema,
        every=plan.every,
        now=plan.now,
        share=part,
        seen=seen,
    )
    return Counted(summarised, source.rejected(), source.notes())


def leaves_of_source(source: Source, asked: LeafPlan) -> Leaves:
    """Stream a source once and count it by several columns together.

    Raises:
        SourceError: The source cannot be read.
        SchemaError: A column the schema names is missing.
    """
    plan, available = asked.plan, source.fields()
    wanted = columns_of_leaves(plan.schema, asked.axes)
    return count_leaves(
        source.batches([name for name in wanted if name in available]),
        grid=plan.grid,
        schema=plan.schema,
        every=plan.every,
        now=plan.now,
        axes=asked.axes,
        split=asked.split,
    )


def _ordered(source: Source, plan: Plan, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows; sorted by query where lists are counted, so that no list is torn apart."""
    if plan.grid.task is not Task.RANKING or plan.schema.query not in columns:
        return source.batches(columns)
    from wane.sources.sorted import sorted_batches  # noqa: PLC0415  # loads DuckDB

    return sorted_batches(source, columns, plan.schema.query)
