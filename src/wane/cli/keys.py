"""`wane keys`: API keys of a data directory."""

from typing import Annotated

import typer

from wane.cli import flags

keys = typer.Typer(
    help="Make, list and drop the API keys of a data directory.", no_args_is_help=True
)
Tenant = Annotated[str, typer.Option(help="Whose models the key opens.", metavar="NAME")]


@keys.command("create")
def create(
    *,
    data: flags.Data = "wane-data",
    tenant: Tenant = "default",
    scope: Annotated[
        list[str] | None, typer.Option(help="ingest, read or admin; repeated.", metavar="SCOPE")
    ] = None,
    note: Annotated[str, typer.Option(help="What it is for.", metavar="TEXT")] = "",
    days: Annotated[int | None, typer.Option(help="Days until it ends.", min=1)] = None,
) -> None:
    """Make a key and print it: it is shown this once. The server must not be running."""
    from wane.cli.run_keys import create_key

    create_key(data, tenant=tenant, scopes=scope or ["ingest"], note=note, days=days)


@keys.command("list")
def list_(*, data: flags.Data = "wane-data") -> None:
    """List the keys, without their secrets."""
    from wane.cli.run_keys import list_keys

    list_keys(data)


@keys.command("drop")
def drop(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The twelve digits of the key.")],
    *,
    data: flags.Data = "wane-data",
) -> None:
    """Drop a key: it opens nothing any more. The server must not be running."""
    from wane.cli.run_keys import drop_key

    drop_key(data, key_id)
