"""`wane report`, `backup`, `rebuild` and `doctor`: what is done with a data directory."""

from typing import Annotated

import typer

from wane.cli import flags

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")]
Tenant = Annotated[str, typer.Option(help="Whose models.", metavar="NAME")]


def report(
    model: Model,
    *,
    data: flags.Data = "wane-data",
    last: Annotated[
        str | None, typer.Option(help="Only the newest part: 7d, 30d, ...", metavar="TIME")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="The file to write; MODEL.html when left out.", metavar="FILE"),
    ] = None,
    tenant: Tenant = "default",
) -> None:
    """Write the report of a model that a data directory remembers."""
    from wane.cli.run_upkeep import run_report

    run_report(data, tenant, model, last=last, to=to)


def backup(*, data: flags.Data = "wane-data") -> None:
    """Copy the state of a data directory to its backups/, also while a server is at work on it."""
    from wane.cli.run_upkeep import run_backup

    run_backup(data)


def rebuild(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="One model; all when left out.")
    ] = None,
    *,
    data: flags.Data = "wane-data",
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Also fix anew which columns are counted, and how.")
    ] = False,
    tenant: Tenant = "default",
) -> None:
    """Count the kept raw rows again. The server must not be running."""
    from wane.cli.run_upkeep import run_rebuild

    run_rebuild(data, tenant, model, afresh=afresh)


def doctor(
    *,
    data: flags.Data = "wane-data",
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Read every raw file from begin to end.")
    ] = False,
) -> None:
    """Look a data directory over, and say what to do. Exit code 3 where something is broken."""
    from wane.cli.run_upkeep import run_doctor

    run_doctor(data, thorough=thorough)
