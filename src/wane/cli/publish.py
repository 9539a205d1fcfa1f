"""What `wane schema` and `wane metrics` print."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

from wane import config
from wane.cli.say import emit
from wane.cli.show import PIPED_WIDTH
from wane.errors import ConfigError, did_you_mean
from wane.metrics import CATALOGUE
from wane.report import json_report
from wane.report.digest import Table, mapped_table
from wane.report.layout import table_lines
from wane.report.markdown import escaped, table_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "result": json_report.json_schema,
    "config": config.json_schema,
}


def publish_schema(which: str) -> None:
    """Print one of the schemas.

    Raises:
        ConfigError: There is no schema of that name.
    """
    _choose(which, SCHEMAS, "a schema")
    emit(json.dumps(SCHEMAS[which](), indent=2) + "\n")


def publish_metrics(form: str) -> None:
    """Print the catalogue as a table, as JSON or as Markdown.

    Raises:
        ConfigError: There is no such format.
    """
    _choose(form, LISTINGS, "a format of this command")
    emit(LISTINGS[form]() + "\n")


def _choose(word: str, allowed: Collection[str], what: str) -> None:
    if word not in allowed:
        raise ConfigError(
            f"{word!r} is not {what}",
            expected=" or ".join(allowed),
            hint=did_you_mean(word, allowed),
        )


def _table() -> Table:
    rows = tuple(
        (metric.key, str(metric.family), str(metric.better), metric.meaning) for metric in CATALOGUE
    )
    header = ("metric", "family", "better", "meaning")
    return Table("Metrics", header, rows, frozenset())


def _listing() -> str:
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else PIPED_WIDTH
    return "\n".join(table_lines(_table(), width))


def _json() -> str:
    entries = [
        {
            "metric": metric.key,
            "title": metric.title,
            "family": str(metric.family),
            "better": str(metric.better),
            "meaning": metric.meaning,
            "percent": metric.percent,
            "per_column": metric.per_column,
        }
        for metric in CATALOGUE
    ]
    return json.dumps(entries, indent=2)


LISTINGS: Mapping[str, Callable[[], str]] = {
    "table": _listing,
    "json": _json,
    "md": lambda: table_text(mapped_table(_table(), escaped)),
}
