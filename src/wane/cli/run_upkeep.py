"""What `wane report`, `backup`, `rebuild` and `doctor` do once their flags are read."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from wane.cli.held import held
from wane.cli.say import emit, log
from wane.config.duration import duration
from wane.detect.severity import Severity
from wane.engine.local import Workers
from wane.errors import ConfigError, UsageError
from wane.pipeline.rebuild import rebuild
from wane.pipeline.recall import recall
from wane.report import html
from wane.report.newest import since_of
from wane.report.outputs import write_bytes
from wane.store.backup import backup
from wane.store.directory import DataDirectory
from wane.store.doctor import doctor
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.store.records import Model
    from wane.store.store import Store

BROKEN = 3
MICROSECOND = dt.timedelta(microseconds=1)


def run_report(data: str, tenant: str, name: str, *, last: str | None, to: str | None) -> None:
    """Write the report of a stored model.

    Raises:
        ConfigError: `last` is no length of time.
        UsageError: There is no such model, no window of it has closed, or the file cannot be
            written.
        StoreError: What is stored cannot be read.
    """
    with looked_at(data) as store:
        model = named(store, tenant, name)
        result = recall(store, model, dt.datetime.now(dt.UTC))
    if result is None:
        raise UsageError(f"no window of {name!r} has closed yet")
    since = None
    if last is not None:
        try:
            since = since_of(result, duration(last) // MICROSECOND)
        except ValueError as error:
            raise ConfigError("--last is no length of time", got=repr(last)) from error
    path = to or f"{name}.html"
    write_bytes(path, html.render(result, since).encode())
    emit(f"{result.verdict.sentence}\nReport: {path}\n")


def run_backup(data: str) -> None:
    """Copy the state.

    Raises:
        UsageError: There is no data directory.
        StoreError: The copy cannot be written.
    """
    with looked_at(data) as store:
        made = backup(store, DataDirectory(data), dt.datetime.now(dt.UTC))
    emit(f"{made.path}\n")
    log([f"{len(made.files):,} raw files and references belong to it; copy them beside it"])


def run_rebuild(data: str, tenant: str, name: str | None, *, afresh: bool) -> None:
    """Count raw rows again.

    Raises:
        UsageError: There is no such model.
        StoreError: The directory cannot be used, or a server holds it.
    """
    now = dt.datetime.now(dt.UTC)
    with held(data) as place, Workers() as workers:
        models = place.store.models(tenant)
        if name is not None:
            models = (named(place.store, tenant, name),)
        for model in models:
            done = rebuild(place.store, place.directory, model, workers, now, afresh=afresh)
            emit(f"{model.name}: {done.counted:,} windows counted\n")


def run_doctor(data: str, *, thorough: bool) -> None:
    """Look the directory over; ends with `typer.Exit(3)` where something is broken."""
    findings = doctor(DataDirectory(data), dt.datetime.now(dt.UTC), thorough=thorough)
    for finding in findings:
        advice = f" {finding.advice}" if finding.advice else ""
        emit(f"{finding.severity.value:9}{finding.subject}: {finding.what}.{advice}\n")
    if any(finding.severity is Severity.CRITICAL for finding in findings):
        raise typer.Exit(BROKEN)


@contextmanager
def looked_at(data: str) -> Iterator[SqliteStore]:
    """The store of a data directory, for reading.

    Raises:
        UsageError: There is none.
    """
    directory = DataDirectory(data)
    if not directory.state.is_file():
        raise UsageError(f"{directory.path} is no data directory", hint="Name it with --data.")
    store = SqliteStore(directory.state, read_only=True)
    try:
        yield store
    finally:
        store.close()


def named(store: Store, tenant: str, name: str) -> Model:
    """A model of that name.

    Raises:
        UsageError: There is none.
    """
    found = store.model(tenant, name)
    if found is None:
        known = ", ".join(model.name for model in store.models(tenant)) or "none"
        raise UsageError(f"there is no model {name!r}", expected=f"one of: {known}")
    return found
