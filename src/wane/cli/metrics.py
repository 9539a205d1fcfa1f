"""`wane metrics`: the catalogue."""

from typing import Annotated

import typer


def metrics(
    *,
    format_: Annotated[
        str, typer.Option("--format", help="table, json or md.", metavar="FORMAT")
    ] = "table",
) -> None:
    """List the metrics, one line each."""
    from wane.cli.publish import publish_metrics

    publish_metrics(format_)
