"""What `wane run` does once its flags are read."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from wane.alert.notify.channel import Delivered
from wane.cli.held import held
from wane.cli.run_check import time_of_run
from wane.cli.say import emit, log
from wane.cli.settle import settled, unused_config
from wane.cli.show import ALERTS, finish
from wane.config.settings import AlertSettings
from wane.detect.severity import Severity
from wane.engine.local import Workers
from wane.errors import UsageError, WaneError
from wane.pipeline.alerted import failed, well
from wane.pipeline.attend import attend, keep
from wane.pipeline.desk import desk_of
from wane.pipeline.follow import follow
from wane.pipeline.notify import notify, undelivered
from wane.pipeline.policy import policy_of
from wane.pipeline.standing import standing_of
from wane.pipeline.upkeep import upkeep
from wane.report.parts import CONCLUSIONS
from wane.store.move import sweep
from wane.store.spool import pick_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wane.cli.held import Held
    from wane.config import Settings
    from wane.events.policy import Policy
    from wane.pipeline.desk import Desk
    from wane.report.result import Result
    from wane.store.records import Model

LAPSES = dt.timedelta(days=2)
"""A receiver that hears nothing for so long may take what fires for over."""
WAIT = dt.timedelta(minutes=1)
"""A run does not stay to see whether a group gets larger: it sends as if it had waited."""
NOT_STORED = {"out", "format", "fail_on", "alerts"}
"""Settings of a run, not of a model."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: where, when, and how it is told."""

    place: Held
    workers: Workers
    settings: Settings
    now: dt.datetime
    quiet: bool

    @property
    def keep_firing(self) -> int:
        """Quiet windows after which an incident is still not over."""
        return (self.settings.alerts or AlertSettings()).keep_firing


def run_run(
    config: str | None,
    data: str,
    tenant: str,
    flags: Mapping[str, Any],
    *,
    now: str | None,
    quiet: bool,
) -> None:
    """Evaluate what is new; ends with `typer.Exit` where the exit code is not 0.

    Raises:
        WaneError: What cannot be done, with its exit code.
    """
    settings = settled(config, flags)
    if not quiet:
        log(unused_config(config))
    time = dt.datetime.now(dt.UTC) if now is None else time_of_run(now)
    desk = desk_of(settings.alerts, config or "wane.toml", lapses=time + LAPSES)
    with held(data) as place, Workers() as workers:
        sweep(place.store, place.directory.raw)
        run = Run(place, workers, settings, time, quiet)
        try:
            codes = [_followed(run, tenant)] if settings.current else _attended(run, tenant)
        finally:
            _tell(run, desk)
        upkeep(place.store, place.directory, time)
        _beat(run, desk)
    if any(codes):
        raise typer.Exit(max(codes))


def _tell(run: Run, desk: Desk) -> None:
    """Send what is due to those that `[alerts]` names; a failure is tried again by the next run."""
    if not desk.routes:
        return
    for attempt in notify(run.place.store, desk, run.now + WAIT):
        if not run.quiet or attempt.outcome in ("again", "refused"):
            log([f"{attempt.receiver}: {attempt.outcome} {attempt.reason}".rstrip()])


def _beat(run: Run, desk: Desk) -> None:
    """Say that the run came to its end, to whoever waits for that."""
    if desk.heartbeat is None:
        return
    ailments = undelivered(run.place.store, desk, run.now + WAIT)
    log([f"no heartbeat: {ailment}" for ailment in ailments])
    outcome = desk.heartbeat.beat(ailments, run.now)
    if outcome is not None and not isinstance(outcome, Delivered):
        log([f"the heartbeat was not delivered: {outcome.reason}"])


def _followed(run: Run, tenant: str) -> int:
    """The log that wane.toml names.

    Raises:
        UsageError: It does not name the model.
    """
    if run.settings.model is None:
        raise UsageError(
            "wane run remembers models by name",
            expected='model = "churn" in wane.toml, or --model churn',
        )
    store = run.place.store
    known = store.open_model(tenant, run.settings.model, run.now)
    model = _configured(run, known, always=True)
    with _noted(run, model):
        found = follow(store, model, run.settings, run.workers, run.now)
    if found is None:
        well(store, model, run.now)
        return _nothing_new(run, model)
    keep(store, model, found.outcome, run.now, run.keep_firing)
    if not run.quiet:
        log([f"{model.name}: {found.read:,} files were new"])
    return _told(run, model, found.result)


@contextmanager
def _noted(run: Run, model: Model) -> Iterator[None]:
    """Whatever is done for a model, that it failed is an incident."""
    try:
        yield
    except WaneError:
        failed(run.place.store, model, run.now)
        raise


def _attended(run: Run, tenant: str) -> list[int]:
    """What monitors left in the data directory.

    Raises:
        UsageError: There is nothing, and never was.
    """
    place, wanted = run.place, run.settings.model
    secret = place.directory.secret()
    if wanted is not None and (place.directory.spool / wanted).is_dir():
        # before its rows are stored: settings say what is kept of them
        _configured(run, place.store.open_model(tenant, wanted, run.now))

    def policy(model: Model) -> Policy:
        standing = standing_of(place.store.plan(model.id))
        return policy_of(model, standing, secret, run.now)

    pick_up(place.store, place.directory, policy, run.now, tenant)
    models = [m for m in place.store.models(tenant) if wanted is None or m.name == wanted]
    if not models:
        raise UsageError(
            f"{place.directory.path} holds no model{'' if wanted is None else f' {wanted!r}'}",
            hint="Log to it with wane.Monitor, or name a log with `current` in wane.toml.",
        )
    codes = []
    for known in models:
        model = known if wanted is None else _configured(run, known)
        with _noted(run, model):
            done = attend(
                place.store,
                place.directory,
                model,
                run.workers,
                run.now,
                keep_firing=run.keep_firing,
            )
        new = done.counted or done.result is not None
        codes.append(_told(run, model, done.result) if new else _nothing_new(run, model))
    return codes


def _configured(run: Run, known: Model, *, always: bool = False) -> Model:
    """The model with the settings of this run; where they say nothing of it, with its own."""
    if not always and not run.settings.model_fields_set - NOT_STORED - {"model"}:
        return known
    text = run.settings.model_dump_json(by_alias=True, exclude_unset=True, exclude=NOT_STORED)
    return run.place.store.configure(known.id, text, run.now)


def _told(run: Run, model: Model, result: Result | None) -> int:
    """Print a result, as `wane check` does; its exit code."""
    if result is None:
        if not run.quiet:
            log([f"{model.name}: no window has closed yet"])
        return 0
    settings = run.settings
    if settings.out is not None and settings.model is None:
        settings = settings.model_copy(update={"out": str(Path(settings.out) / model.name)})
    try:
        finish(result, settings, quiet=run.quiet)
    except typer.Exit as ending:
        return ending.exit_code
    return 0


def _nothing_new(run: Run, model: Model) -> int:
    """Say what was concluded last; its exit code."""
    stored = run.place.store.result(model.id, CONCLUSIONS)
    if stored is None:
        if not run.quiet:
            log([f"{model.name}: no window has closed yet"])
        return 0
    found = json.loads(stored.body)
    emit(f"{model.name}: nothing new since {stored.made:%Y-%m-%d %H:%M} UTC. ")
    emit(f"{found['verdict']['sentence']}\n")
    if run.settings.fail_on == "never":
        return 0
    least = Severity(run.settings.fail_on).rank
    ranks = [Severity(alert["severity"]).rank for alert in found["alerts"]]
    return ALERTS if any(rank >= least for rank in ranks) else 0
