"""From expressions to one SQL query over a registered stream called `rows`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.sources.connection import identifier, select_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wane.sources.expression import Expression

READ = "wane:"
"""What is read passes through DuckDB as wane:0, wane:1 ...: names there must differ by more
than case, and names of columns are data."""
DERIVED = "wane derived:"


@dataclass(frozen=True, slots=True)
class Plan:
    """A query, and what it needs.

    Attributes:
        reads: Columns of the source, in the order in which `rows` must have them; at least one.
        sql: The query. Its results are in the order of the columns asked for.
        unknown: Names in the expressions that are no columns (or lambda parameters).
    """

    reads: tuple[str, ...]
    sql: str
    unknown: tuple[str, ...]


def plan_query(
    columns: Sequence[str],
    available: Iterable[str],
    derive: Mapping[str, Expression],
    where: Expression | None,
) -> Plan:
    """Plan the reading of `columns`: derive first, then filter.

    Expressions see the columns they name and no others. Names are matched as written, else
    without regard to case where only one column fits.

    Args:
        columns: What is wanted: columns of the source or derived ones.
        available: Columns of the source, at least one.
        derive: Derived columns; they win over columns of the source in `where` and in `columns`.
        where: The filter.
    """
    have = list(available)
    filter_names = where.names if where else frozenset()
    filter_sees = _seen(filter_names, [*derive, *have])
    derived = [name for name in derive if name in columns or name in filter_sees.values()]
    derive_names = frozenset[str]().union(*(derive[name].names for name in derived))
    derive_sees = _seen(derive_names, have)
    wanted = [*columns, *filter_sees.values()]
    reads = dict.fromkeys([*(name for name in wanted if name not in derive), *derive_sees.values()])
    read = {name: f"{READ}{index}" for index, name in enumerate(reads or have[:1])}
    made = {name: f"{DERIVED}{index}" for index, name in enumerate(derived)}
    place = {**read, **made}
    sql = select_sql(["*", *_visible(derive_sees, read)], "rows")
    sql = select_sql(["*", *_expressions(made, derive)], f"({sql})")
    kept = [identifier(name) for name in (*read.values(), *made.values())]
    sql = select_sql([*kept, *_visible(filter_sees, place)], f"({sql})")
    tail = f"WHERE (\n{where.text}\n)" if where else ""
    sql = select_sql([identifier(place[name]) for name in columns], f"({sql})", tail)
    unknown = sorted((filter_names - filter_sees.keys()) | (derive_names - derive_sees.keys()))
    return Plan(tuple(read), sql, tuple(unknown))


def _seen(names: Iterable[str], available: Sequence[str]) -> dict[str, str]:
    """Name in an expression -> column it means."""
    exact = set(available)
    folded: dict[str, set[str]] = {}
    for name in exact:
        folded.setdefault(name.casefold(), set()).add(name)
    means = {
        name: {name} if name in exact else folded.get(name.casefold(), set()) for name in names
    }
    return {name: next(iter(found)) for name, found in means.items() if len(found) == 1}


def _visible(seen: Mapping[str, str], place: Mapping[str, str]) -> list[str]:
    """The columns an expression names, under these names; one of several that differ by case."""
    one_each = {name.casefold(): name for name in sorted(seen)}
    return [f"{identifier(place[seen[name]])} AS {identifier(name)}" for name in one_each.values()]


def _expressions(made: Mapping[str, str], derive: Mapping[str, Expression]) -> list[str]:
    return [f"(\n{derive[name].text}\n) AS {identifier(alias)}" for name, alias in made.items()]
