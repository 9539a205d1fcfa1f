"""Follow a growing log: files that are new since the last time are counted, and added.

Profiles add up, so a row is read once in its life, however often the log is looked at. A file that
has changed since it was counted, or labels that have, cannot be taken out of a sum: then all files
that are there are counted again. Windows whose files are gone keep the profiles they have.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from wane.config.settings import LabelSettings
from wane.engine.deal import add_up
from wane.engine.messages import Counted
from wane.engine.reading import FileReading
from wane.errors import SourceError
from wane.pipeline.alerted import parts_of
from wane.pipeline.clocked import clocked, time_passed
from wane.pipeline.first_look import first_look
from wane.pipeline.open import LabelSource, Refinement, as_derivations, label_file, open_reading
from wane.pipeline.recall import Past, asked_of, conclude_from
from wane.pipeline.standing import Standing, by_window, pack, standing_of, unpack
from wane.profile.summarise import Summarised
from wane.sources.locate import locate
from wane.store.records import Evaluated
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from wane.config import Settings
    from wane.engine.local import Workers
    from wane.engine.reading import Reading
    from wane.report.result import Result
    from wane.store.records import Model
    from wane.store.store import Store

FILES = "files.json"
"""Which files are counted, among the parts of an evaluation."""


class Seen(msgspec.Struct, frozen=True):
    """Files as they were when they were counted.

    Attributes:
        logs: Path -> size and time of change (ns) of the prediction logs.
        beside: The same of labels and reference: what they say is in every window.
    """

    logs: dict[str, tuple[int, int]]
    beside: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Followed:
    """What a look at the log gave.

    Attributes:
        outcome: For the store.
        result: The newest conclusions; None while no window has closed.
        read: Files that were counted just now.
    """

    outcome: Evaluated
    result: Result | None
    read: int


@dataclass(frozen=True, slots=True)
class _Log:
    """A log at one moment, and who reads it."""

    model: Model
    settings: Settings
    workers: Workers
    now: dt.datetime

    def reading(self, paths: Sequence[str]) -> FileReading:
        """A reading of some of its files, with their labels."""
        settings = self.settings
        labels = None
        if settings.labels is not None:
            given = settings.labels
            source = (
                LabelSource(**given.model_dump()) if isinstance(given, LabelSettings) else given
            )
            labels = label_file(source, settings.to_schema(), self.workers)
        opened = open_reading(list(paths), self.workers, self.refinement, labels)
        if not isinstance(opened, FileReading):  # paths are always read as files
            raise SourceError("these are no files", got=", ".join(paths[:3]))
        return opened

    def reference(self) -> Reading | None:
        """A reading of the reference; None without one."""
        given = self.settings.reference
        return None if given is None else open_reading(given, self.workers, self.refinement)

    @property
    def refinement(self) -> Refinement:
        """What is done to rows while they are read."""
        return Refinement(self.settings.where, as_derivations(self.settings.derive or None))


def follow(
    store: Store, model: Model, settings: Settings, workers: Workers, now: dt.datetime
) -> Followed | None:
    """Count what is new in the log of a model, and conclude from everything.

    Args:
        store: What is remembered; only read.
        model: The model, with these settings as its newest ones.
        settings: With `current`: where the log is.
        workers: Reader processes.
        now: The time.

    Returns:
        What was found; None where no file is new and no window has closed since.

    Raises:
        ConfigError: The settings cannot be used.
        DataError: A file cannot be read.
        StoreError: What is stored cannot be read.
    """
    log = _Log(model, settings, workers, now)
    there = _seen(settings)
    known = store.result(model.id, FILES)
    before = None if known is None else msgspec.json.decode(known.body, type=Seen)
    stored = store.plan(model.id)
    standing = standing_of(stored)
    if standing is not None and standing.settings != model.version:
        standing = None
    again = standing is None or before is None or _changed(before, there)
    old = {} if again or before is None else before.logs  # what stays in the sums
    paths = [path for path in there.logs if path not in old]
    laid = None
    if standing is None or stored is None:
        standing = _lay(log, paths)
        laid = stored = standing.stored(now)
    every = clocked(standing.plan.every)
    if not paths and not time_passed(store, model, settings, every, now):
        return None
    counted = _count(log, standing, paths) if paths else {}
    plan = standing.plan
    kept = {} if laid is not None else {w.start: w.body for w in store.windows(model.id)}
    profiles = {start: unpack(body, plan) for start, body in kept.items()}
    for start, one in counted.items():
        profiles[start] = one if again or start not in profiles else _sum(profiles[start], one)
    past = Past(model.name), None if standing.reference is None else Past("reference")
    result = conclude_from(asked_of(settings, model.name, past, now), standing, profiles)
    files = msgspec.json.encode(Seen(old | there.logs, there.beside))
    outcome = Evaluated(
        plan=stored.id,
        windows={start: pack(profiles[start]) for start in counted},
        gone=(),
        done={},
        results=parts_of(result, model) | {FILES: files},
        laid=laid,
    )
    return Followed(outcome, result, len(paths))


def _seen(settings: Settings) -> Seen:
    """The files as they are now.

    Raises:
        SourceError: There are none.
    """
    labels = settings.labels
    path = labels.path if isinstance(labels, LabelSettings) else labels
    beside = [given for given in (path, settings.reference) if given is not None]
    return Seen(_stats(settings.current), _stats(beside))


def _stats(given: Sequence[str]) -> dict[str, tuple[int, int]]:
    found = {}
    for path in (path for one in given for path in locate(one)[0]):
        stat = os.stat(path)  # noqa: PTH116  # many files, and paths are texts here
        found[path] = (stat.st_size, stat.st_mtime_ns)
    return found


def _changed(before: Seen, there: Seen) -> bool:
    """Whether something that is in the sums is not what it was."""
    same = all(before.logs.get(path, stat) == stat for path, stat in there.logs.items())
    return not same or before.beside != there.beside


def _lay(log: _Log, paths: Sequence[str]) -> Standing:
    """Look at the rows and the reference, and fix how rows are counted."""
    settings = log.settings
    readings = log.reading(paths), log.reference()
    found = first_look(asked_of(settings, log.model.name, readings, log.now))
    rows = found.looked.rows or 0
    return Standing.of(found, rows, log.model.version, settings.reference)


def _count(log: _Log, standing: Standing, paths: Sequence[str]) -> dict[int, Counted]:
    """Profiles of the rows in these files, by window."""
    plan = replace(standing.plan, now=to_microseconds(log.now))
    return by_window(add_up(log.reading(paths).count(plan, lambda _rows: None)))


def _sum(left: Counted, right: Counted) -> Counted:
    """Both counts of one window."""
    one, other = left.summarised, right.summarised
    return Counted(
        Summarised(
            one.whole + other.whole, one.segments + other.segments, one.read + other.read, {}
        )
    )
