"""What `wane backtest` does once its flags are read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from wane.alert.preview import preview
from wane.cli.progress import Progress
from wane.cli.run_check import checked
from wane.cli.say import emit, knows_unicode, log
from wane.cli.settle import detection_of_table, rules_of, settled
from wane.cli.show import width
from wane.errors import ConfigError, UsageError, did_you_mean
from wane.pipeline.backtest import backtest
from wane.pipeline.desk import desk_of
from wane.pipeline.series import series
from wane.report.backtest import as_json, render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.alert.preview import Previewed
    from wane.config import Settings
    from wane.engine.local import Workers
    from wane.report.result import Result

FORMATS = ("table", "json")
NOT_KEYS = ("config", "quiet", "rule", "table")
"""Flags that wane.toml does not have, or has under another name."""


def run_backtest(flags: Mapping[str, Any], workers: Workers | None) -> None:
    """Read, measure and replay; print.

    Args:
        flags: The flags of `wane backtest` by name; None where not given.
        workers: Reader processes that are running already; None: started where needed.

    Raises:
        WaneError: What cannot be done, with its exit code.
    """
    form = flags["format_"] or FORMATS[0]
    if form not in FORMATS:
        raise ConfigError(
            "--format is not known",
            expected=" or ".join(FORMATS),
            got=repr(form),
            hint=did_you_mean(form, FORMATS),
        )
    keys = {key: value for key, value in flags.items() if key not in (*NOT_KEYS, "format_")}
    settings = settled(flags["config"], {**keys, "rules": flags["rule"]})
    with Progress(quiet=flags["quiet"]) as progress:
        result = _replayable(flags["table"], settings, progress, workers)
    if not flags["quiet"]:
        log([f"note: {sentence}" for sentence in result.notes])
    replayed = backtest(result)
    sent = _sent(result, settings, flags["config"] or "wane.toml")
    if form == "json":
        emit(as_json(replayed, sent))
        return
    unicode = knows_unicode(sys.stdout.encoding)
    emit(render(replayed, result, sent, width=width(), unicode=unicode))


def _sent(result: Result, settings: Settings, source: str) -> tuple[Previewed, ...] | None:
    """What `[alerts]` would have sent; None where it names nobody.

    Raises:
        ConfigError: A receiver or a route cannot be used.
    """
    desk = desk_of(settings.alerts, source)
    if not desk.routes:
        return None
    return preview(
        result.alerts,
        result.measurements,
        desk.routes,
        model=result.model,
        owner=settings.owner,
        keep_firing=desk.keep_firing,
    )


def _replayable(
    table: str | None, settings: Settings, progress: Progress, workers: Workers | None
) -> Result:
    """The run that is replayed, of a log or of a table of metrics."""
    if table is not None:
        return series(table, rules=rules_of(settings), **detection_of_table(settings))
    if not settings.current:
        raise UsageError(
            "nothing to replay",
            expected="files, globs or directories with predictions, or --table FILE",
            hint="For example: wane backtest predictions.parquet --rule 'accuracy < 0.90'",
        )
    return checked(settings, None, progress, workers)
