"""`wane backtest`: how often rules and learned limits would have fired."""

from typing import Annotated

import typer

from wane.cli import flags


def backtest(
    context: typer.Context,
    current: flags.Current = None,
    *,
    rule: flags.Rule = None,
    false_alarms: flags.FalseAlarms = None,
    table: Annotated[
        str | None,
        typer.Option(help="Replay a table of metrics, as in `wane series`.", metavar="FILE"),
    ] = None,
    reference: flags.Reference = None,
    config: flags.Config = None,
    timestamp: flags.Timestamp = None,
    prediction: flags.Prediction = None,
    score: flags.Score = None,
    label: flags.Label = None,
    features: flags.Features = None,
    segment: flags.Segment = None,
    latency: flags.Latency = None,
    error: flags.Error = None,
    every: flags.Every = None,
    timezone: flags.Timezone = None,
    until: flags.Until = None,
    where: flags.Where = None,
    labels: flags.Labels = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="table or json.", metavar="FORMAT")
    ] = None,
    quiet: flags.Quiet = False,
) -> None:
    """Replay history: what would have fired, how often, and when.

    Try a rule or a budget here before it is switched on. Roles that have no flag here go into
    wane.toml.
    """
    given = dict(locals())
    from wane.cli.run_backtest import run_backtest

    run_backtest(given, given.pop("context").obj)
