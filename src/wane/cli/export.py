"""`wane export`: the measurements of an earlier run, or of a stored model, in another form."""

from typing import Annotated

import typer


def export(
    run: Annotated[
        str,
        typer.Argument(
            help="The --out directory of an earlier run, or its JSON; with --data, a model."
        ),
    ],
    *,
    data: Annotated[
        str | None, typer.Option(help="The data directory that knows the model.", metavar="DIR")
    ] = None,
    tenant: Annotated[
        str, typer.Option(help="With --data: whose model.", metavar="NAME")
    ] = "default",
    format_: Annotated[
        str, typer.Option("--format", help="csv, parquet or json.", metavar="FORMAT")
    ] = "csv",
    to: Annotated[
        str | None, typer.Option(help="The file to write; stdout when left out.", metavar="FILE")
    ] = None,
) -> None:
    """Write the measurements of an earlier run, or of a model of a service, in another format."""
    from wane.cli.run_export import run_export

    run_export(run, form=format_, to=to, stored=None if data is None else (data, tenant))
