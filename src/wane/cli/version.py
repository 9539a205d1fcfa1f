"""`wane --version`."""

from importlib.metadata import version
from typing import Annotated

import typer


def _print_and_stop(wanted: bool) -> None:  # noqa: FBT001 - typer calls it by position
    if wanted:
        typer.echo(version("wane"))
        raise typer.Exit


def show_version(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_and_stop, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Take the flags that stand before a command."""
