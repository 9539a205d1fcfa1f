"""What `wane check` does once its flags are read."""

from __future__ import annotations

import datetime as dt
from threading import Thread
from typing import TYPE_CHECKING, Any

from wane.cli.progress import Progress
from wane.cli.say import log
from wane.cli.settle import detection_of, rules_of, settled, unused_config
from wane.config import UNTIL_NOW, LabelSettings
from wane.errors import ConfigError, UsageError
from wane.pipeline.check import check
from wane.pipeline.open import LabelSource
from wane.window import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wane.config import Settings
    from wane.engine.local import Workers
    from wane.report.result import Result

NOT_KEYS = ("config", "now", "quiet", "rule")
"""Flags that wane.toml does not have, or has under another name."""


def run_check(flags: Mapping[str, Any], workers: Workers | None) -> None:
    """Read, measure, print; ends with `typer.Exit` where the exit code is not 0.

    Args:
        flags: The flags of `wane check` by name; None where not given.
        workers: Reader processes that are running already; None: started where needed.

    Raises:
        WaneError: What cannot be done, with its exit code.
    """
    keys = {key.rstrip("_"): value for key, value in flags.items() if key not in NOT_KEYS}
    settings = settled(flags["config"], {**keys, "rules": flags["rule"]})
    if not settings.current:
        raise UsageError(
            "nothing to check",
            expected="files, globs or directories with predictions",
            hint="For example: wane check predictions.parquet --reference train.parquet",
        )
    if not flags["quiet"]:
        log(unused_config(flags["config"]))
    now = None if flags["now"] is None else time_of_run(flags["now"])
    report = Thread(target=_load_report, daemon=True)
    with Progress(quiet=flags["quiet"]) as progress:

        def told(what: str, share: float) -> None:
            if settings.out is not None and what == "reading" and report.ident is None:
                report.start()
            progress(what, share)

        result = checked(settings, now, told, workers, earlier=settings.out)
    from wane.cli.show import finish

    finish(result, settings, quiet=flags["quiet"])


def _load_report() -> None:
    """Load what writes the files while the rows are read: it takes a fifth of a second."""
    from wane.report import outputs  # noqa: F401
    from wane.report.environment import environment

    for name in ("report.html.j2", "findings.html.j2", "macros.html.j2"):
        environment().get_template(name)


def checked(
    settings: Settings,
    now: dt.datetime | None,
    progress: Callable[[str, float], None],
    workers: Workers | None,
    *,
    earlier: str | None = None,
) -> Result:
    """The call of the library that says the same as the settings.

    Args:
        settings: What to read, with at least one path in `current`, and how.
        now: Time of the run; None: the clock's.
        progress: Told how far reading has come.
        workers: Reader processes that are running already; None: started where needed.
        earlier: Directory in which a run before this one may have left its alerts.
    """
    one = len(settings.current) == 1
    return check(
        settings.current[0] if one else list(settings.current),
        reference=settings.reference,
        schema=settings.to_schema(),
        every=settings.every,
        timezone=settings.timezone,
        where=settings.where,
        derive=settings.derive or None,
        labels=_labels(settings),
        rules=rules_of(settings),
        **detection_of(settings),
        cost=None if settings.cost is None else settings.cost.model_dump(),
        model=settings.model,
        now=now,
        until=_until(settings.until, now),
        earlier=earlier,
        deep=settings.deep,
        annotations=settings.annotations or None,
        progress=progress,
        workers=workers,
    )


def _labels(settings: Settings) -> str | LabelSource | None:
    """Labels in a file of their own: a path, or with the columns named."""
    if isinstance(settings.labels, LabelSettings):
        return LabelSource(**settings.labels.model_dump())
    return settings.labels


def time_of_run(text: str) -> dt.datetime:
    """The time that --now gives.

    Raises:
        ConfigError: It is none.
    """
    try:
        return parse_time(text)
    except ConfigError as error:
        raise ConfigError(f"--now is {error}") from error


def _until(text: str | None, now: dt.datetime | None) -> dt.datetime | None:
    """The time that the log should reach; of a run that should reach to its own time, that."""
    if text != UNTIL_NOW:
        return None if text is None else parse_time(text)
    return now or dt.datetime.now(dt.UTC)
