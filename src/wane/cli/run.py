"""`wane run`: evaluate what is new, and remember."""

from typing import Annotated

import typer

from wane.cli import flags


def run(
    *,
    config: flags.Config = None,
    data: flags.Data = "wane-data",
    model: flags.Model = None,
    out: flags.Out = None,
    format_: flags.Format = None,
    fail_on: flags.FailOn = None,
    now: flags.Now = None,
    quiet: flags.Quiet = False,
    tenant: Annotated[str, typer.Option(help="Whose models.", metavar="NAME")] = "default",
) -> None:
    """Evaluate what is new since the last time, remember it, and print the verdict.

    With `current` in wane.toml, the files of that log: those that are new are read, and added to
    what is known. Else what monitors left in the data directory. For cron.
    """
    from wane.cli.run_run import run_run

    flags_ = {"model": model, "out": out, "format": format_, "fail_on": fail_on}
    run_run(config, data, tenant, flags_, now=now, quiet=quiet)
