"""The user's SQL expressions: one value per row, from the columns of that row, nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from wane.errors import ConfigError
from wane.sources.connection import connection
from wane.sources.reading import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPECTED = (
    "one SQL expression over the columns of a row, for example \"amount > 0 and country = 'AT'\""
)
REFUSED_CLASSES = {
    "SUBQUERY": "a subselect",
    "WINDOW": "a window function",
    "STAR": "a star",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a positional reference",
    "DEFAULT": "DEFAULT",
}
REFUSED_FUNCTIONS = frozenset(
    {
        "current_setting",
        "currval",
        "error",
        "getenv",
        "getvariable",
        "nextval",
        "set_config",
        "sleep",
        "txid_current",
        "unnest",
        "write_log",
    }
)
CLAUSES = (
    "where_clause",
    "group_expressions",
    "group_sets",
    "having",
    "sample",
    "qualify",
    "modifiers",
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    Attributes:
        text: The SQL.
        names: The column names it refers to, as written (a lambda's parameters among them).
    """

    text: str
    names: frozenset[str]


def parse_expression(text: str, *, key: str) -> Expression:
    """Check that a text is a single SQL expression that needs nothing but the row.

    Args:
        text: SQL.
        key: The setting it comes from, for messages: "where", "derive.hour".

    Raises:
        ConfigError: It does not parse, is more than one expression, or asks for a subselect, an
            aggregate, a window, a file or a setting.
    """
    with connection() as session:
        tree = _tree(session, text, key)
        known = _row_functions(session)
    parts = list(_parts(_single(tree, text, key)))
    for part in parts:
        refused = REFUSED_CLASSES.get(part["class"])
        function = str(part.get("function_name", "")).lower()
        if part["class"] == "FUNCTION" and (function in REFUSED_FUNCTIONS or function not in known):
            refused = f"the function {function!r}, which is not one of a single row"
        if refused:
            raise _invalid(key, f"{refused} in {text!r}")
    names = {part["column_names"][0] for part in parts if part["class"] == "COLUMN_REF"}
    return Expression(text, frozenset(names))


def _tree(session: duckdb.DuckDBPyConnection, text: str, key: str) -> dict[str, Any]:
    try:
        (answer,) = session.execute("SELECT json_serialize_sql(?)", [f"SELECT {text}"]).fetchall()
    except duckdb.Error as error:
        raise _invalid(key, first_line(error)) from error
    tree: dict[str, Any] = json.loads(answer[0])
    if tree["error"]:
        raise _invalid(key, f"{tree['error_message']} in {text!r}")
    return tree


def _single(tree: dict[str, Any], text: str, key: str) -> dict[str, Any]:
    """The one expression of `SELECT <text>`; nothing may follow it."""
    nodes = [statement["node"] for statement in tree["statements"]]
    plain = (
        len(nodes) == 1
        and nodes[0]["type"] == "SELECT_NODE"
        and len(nodes[0]["select_list"]) == 1
        and nodes[0]["from_table"]["type"] == "EMPTY"
        and not nodes[0]["cte_map"]["map"]
        and not any(nodes[0].get(clause) for clause in CLAUSES)
        and not nodes[0]["select_list"][0]["alias"]
    )
    if not plain:
        raise _invalid(key, f"more than an expression: {text!r}")
    found: dict[str, Any] = nodes[0]["select_list"][0]
    return found


def _parts(tree: object) -> Iterator[dict[str, Any]]:
    """Every expression in a parse tree, outermost first."""
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from _parts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _parts(value)


def _row_functions(session: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Names of the functions that take the values of one row and give one value."""
    found = session.execute(
        "SELECT DISTINCT lower(function_name) FROM duckdb_functions() "
        "WHERE function_type IN ('scalar', 'macro')"
    ).fetchall()
    return frozenset(name for (name,) in found)


def _invalid(key: str, got: str) -> ConfigError:
    return ConfigError(
        f"`{key}` is not a usable expression",
        expected=EXPECTED,
        got=got,
        hint="Column names with special characters are written in double quotes.",
    )
