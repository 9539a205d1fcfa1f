"""`wane check`: the main job."""

import typer

from wane.cli import flags


def check(
    context: typer.Context,
    current: flags.Current = None,
    *,
    reference: flags.Reference = None,
    config: flags.Config = None,
    model: flags.Model = None,
    timestamp: flags.Timestamp = None,
    id_: flags.Id = None,
    prediction: flags.Prediction = None,
    score: flags.Score = None,
    label: flags.Label = None,
    label_time: flags.LabelTime = None,
    features: flags.Features = None,
    segment: flags.Segment = None,
    latency: flags.Latency = None,
    error: flags.Error = None,
    version_column: flags.VersionColumn = None,
    weight: flags.Weight = None,
    query: flags.Query = None,
    item: flags.Item = None,
    rank: flags.Rank = None,
    relevance: flags.Relevance = None,
    top_k: flags.TopK = None,
    task: flags.Task = None,
    classes: flags.Classes = None,
    positive: flags.Positive = None,
    threshold: flags.Threshold = None,
    every: flags.Every = None,
    timezone: flags.Timezone = None,
    until: flags.Until = None,
    where: flags.Where = None,
    labels: flags.Labels = None,
    rule: flags.Rule = None,
    false_alarms: flags.FalseAlarms = None,
    deep: flags.Deep = None,
    out: flags.Out = None,
    format_: flags.Format = None,
    fail_on: flags.FailOn = None,
    now: flags.Now = None,
    quiet: flags.Quiet = False,
) -> None:
    """Measure a prediction log; say what changed.

    Without --reference the first windows serve as one. What is not named is inferred from names
    and types, and said on stderr.
    """
    given = dict(locals())  # the flags are the keys of wane.toml
    from wane.cli.run_check import run_check

    run_check(given, given.pop("context").obj)
