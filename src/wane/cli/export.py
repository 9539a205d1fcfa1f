"""`wane export`: the measurements of an earlier run in another form."""

from typing import Annotated

import typer


def export(
    run: Annotated[str, typer.Argument(help="The --out directory of an earlier run, or its JSON.")],
    *,
    format_: Annotated[
        str, typer.Option("--format", help="csv, parquet or json.", metavar="FORMAT")
    ] = "csv",
    to: Annotated[
        str | None, typer.Option(help="The file to write; stdout when left out.", metavar="FILE")
    ] = None,
) -> None:
    """Write an earlier run in another format."""
    from wane.cli.run_export import run_export

    run_export(run, form=format_, to=to)
