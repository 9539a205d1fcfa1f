"""`wane compare`: two stretches of time of an earlier run."""

from typing import Annotated

import typer


def compare(
    run: Annotated[str, typer.Argument(help="The --out directory of an earlier run.")],
    *,
    before: Annotated[
        str,
        typer.Option(
            help="2026-09-01..2026-09-30, days included; row numbers; or reference.",
            metavar="STRETCH",
        ),
    ] = "reference",
    after: Annotated[str, typer.Option(help="The same.", metavar="STRETCH")],
) -> None:
    """Say where the change of performance between two stretches of time comes from.

    From the profiles of a run; no row is read again.
    """
    from wane.cli.run_compare import run_compare

    run_compare(run, before, after)
