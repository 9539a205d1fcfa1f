"""A row filter and derived columns, as SQL expressions over any source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from wane.errors import ConfigError, did_you_mean
from wane.sources.columns import batch_rows, lay_out, pick, select
from wane.sources.connection import connection
from wane.sources.described import described
from wane.sources.expression import parse_expression
from wane.sources.feed import FOREIGN, Feed
from wane.sources.query import READ, plan_query
from wane.sources.reading import first_line
from wane.sources.source import MEMORY_LIMIT_BYTES, SAMPLE_ROWS
from wane.sources.wrong_cells import numbers_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wane.sources.description import Description
    from wane.sources.query import Plan
    from wane.sources.source import Source


class SqlSource:
    """Another source with `where` and derived columns applied by DuckDB, in a stream.

    DuckDB sees only Arrow batches: it opens no file.
    """

    def __init__(
        self,
        source: Source,
        where: str | None = None,
        derive: Sequence[tuple[str, str]] = (),
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        """Check the expressions.

        Args:
            source: Where the rows come from.
            where: SQL expression; rows for which it is not true are left out. It may use derived
                columns.
            derive: (name, SQL expression) of new columns; one with the name of a column of the
                source takes its place.
            memory_limit_bytes: DuckDB's limit.

        Raises:
            ConfigError: An expression cannot be used.
        """
        self._source = source
        self._derive = {name: parse_expression(sql, key=f"derive.{name}") for name, sql in derive}
        self._where = None if where is None else parse_expression(where, key="where")
        self._memory_limit_bytes = memory_limit_bytes
        self._fields = self._bound()

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._source.name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return self._fields

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`. Reads every row once."""
        return described(self, sample_rows, "No row fulfils `where`: loosen it.")

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self._fields, columns, where=self.name)
        plan = self._plan(list(fields))
        rows = numbers_only(self._source.batches(plan.reads), self._source.fields())
        for batch in self._run(plan, rows, batch_rows(len(fields))):
            yield pick(pa.RecordBatch.from_arrays(batch.columns, names=list(fields)), fields)

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """See `Source.rejected`. Rows left out by `where` are not rejected."""
        return self._source.rejected()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._source.notes()

    def _plan(self, columns: Sequence[str]) -> Plan:
        return plan_query(columns, self._source.fields(), self._derive, self._where)

    def _bound(self) -> dict[str, pa.DataType]:
        """Columns and their types, as DuckDB tells them over a stream without rows."""
        columns = list(dict.fromkeys([*self._source.fields(), *self._derive]))
        kinds = [batch.schema.types for batch in self._run(self._plan(columns), (), 1, empty=True)]
        schema = pa.schema(list(zip(columns, kinds[0], strict=True)))
        return dict(lay_out([(self.name, schema)]).fields)

    def _run(
        self, plan: Plan, rows: Iterable[pa.RecordBatch], size: int, *, empty: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """Results of the query over `rows`; with `empty` one batch without rows."""
        have = self._source.fields()
        schema = pa.schema([(f"{READ}{i}", have[name]) for i, name in enumerate(plan.reads)])
        feed = Feed(rows, schema)
        try:
            with connection(self._memory_limit_bytes) as session:
                session.register("rows", feed.reader())
                results = session.sql(plan.sql).to_arrow_reader(size)
                if empty:
                    yield pa.RecordBatch.from_pylist([], schema=results.schema)
                yield from results
        except FOREIGN as error:
            raise feed.failure or self._unusable(plan, error) from error

    def _unusable(self, plan: Plan, error: Exception) -> ConfigError:
        hints = [did_you_mean(name, self._source.fields()) for name in plan.unknown]
        unknown = plan.unknown if isinstance(error, duckdb.BinderException) else ()
        return ConfigError(
            f"`where` or `derive` fails on {self.name}",
            expected=f"columns of {self.name}" if unknown else None,
            got=", ".join(map(repr, unknown)) or first_line(error),
            hint=next((hint for hint in hints if hint), "TRY_CAST gives null where CAST fails."),
        )
