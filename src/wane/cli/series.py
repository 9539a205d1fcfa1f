"""`wane series`: metrics that somebody already computed."""

from typing import Annotated

import typer

from wane.cli import flags


def series(
    table: Annotated[
        str, typer.Argument(help="CSV or Parquet: a date column and one column per metric.")
    ],
    *,
    rule: flags.Rule = None,
    false_alarms: flags.FalseAlarms = None,
    date: Annotated[
        str | None, typer.Option(help="The date column; found when left out.", metavar="COLUMN")
    ] = None,
    config: flags.Config = None,
    model: flags.Model = None,
    out: flags.Out = None,
    format_: flags.Format = None,
    fail_on: flags.FailOn = None,
    quiet: flags.Quiet = False,
) -> None:
    """Hold a table of metrics against rules and learned limits.

    For metrics that were computed elsewhere: the same rules, report and exports as check.
    """
    from wane.cli.run_series import run_series

    keys = {
        "model": model,
        "rules": rule,
        "false_alarms": false_alarms,
        "out": out,
        "format": format_,
        "fail_on": fail_on,
    }
    run_series(table, config, keys, date=date, quiet=quiet)
