"""Evaluate a model from what is stored: count the windows that changed, conclude from all.

The same stages as `wane check`; only the rows come from the raw files, and the profiles of windows
that did not change from the store. Nothing is written here: what is found is handed back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.annotation import annotations_of
from wane.engine.deal import add_up
from wane.engine.reading import FileReading
from wane.errors import SourceError
from wane.events.event import RESERVED, SCORES
from wane.pipeline.clocked import clocked, time_passed
from wane.pipeline.first_look import first_look
from wane.pipeline.model_settings import settings_of
from wane.pipeline.recall import MOST_WINDOWS, Past, asked_of, closed, conclude_from
from wane.pipeline.slots import slots_of, start_of
from wane.pipeline.standing import Standing, by_window, pack, standing_of, unpack
from wane.report.parts import SUMMARY
from wane.schema import Column, Schema
from wane.sources.request import LabelFile, Request
from wane.store.parquet import damage
from wane.store.records import Evaluated, Kind
from wane.window import DAY, to_datetime, to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wane.config import Settings
    from wane.diagnose.annotation import Annotation
    from wane.engine.local import Workers
    from wane.engine.messages import Counted
    from wane.report.result import Result
    from wane.store.directory import DataDirectory
    from wane.store.records import Model, RawFile
    from wane.store.store import Store
    from wane.window import Window

ROLES = RESERVED - {"received", "revision", "features", "scores"}
"""Columns of raw files whose names say what they are for."""
FEW_ROWS = 10_000
"""A grid laid by fewer rows, without a reference, is laid again ..."""
GROWTH = 4
"""... when there are so many times as many."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        outcome: For the store, but for the results, which are rendered from `result`.
        result: What reports show; None while no window has closed.
    """

    outcome: Evaluated
    result: Result | None


@dataclass(frozen=True, slots=True)
class Case:
    """One model at one moment.

    Attributes:
        store: What is remembered.
        directory: Where the raw files lie.
        model: The model.
        settings: Its settings.
        workers: Who reads files.
        now: The moment.
        damaged: Raw files found damaged just now -> why.
    """

    store: Store
    directory: DataDirectory
    model: Model
    settings: Settings
    workers: Workers
    now: dt.datetime
    damaged: Mapping[str, str] = field(default_factory=dict)

    def files(self, kind: Kind) -> tuple[RawFile, ...]:
        """Raw files of a kind that can be read."""
        found = self.store.files(self.model.id, kind)
        return tuple(file for file in found if not self.is_damaged(file))

    def all_files(self) -> tuple[RawFile, ...]:
        """Raw files of both kinds."""
        return self.store.files(self.model.id)

    def is_damaged(self, file: RawFile) -> bool:
        """Whether a file is known not to be readable."""
        return bool(file.damage) or file.name in self.damaged


def evaluate(
    store: Store,
    directory: DataDirectory,
    model: Model,
    workers: Workers,
    now: dt.datetime,
    *,
    afresh: bool = False,
) -> Evaluation | None:
    """Count what changed and conclude from everything.

    Args:
        store: What is remembered; only read.
        directory: Where the raw files lie; only read.
        model: The model.
        workers: Reader processes.
        now: The time of the evaluation: windows whose end and grace lie before it are counted.
        afresh: Whether to count everything by a new plan.

    Returns:
        What was found; None where no window that has closed changed, and the plan stands. Raw
        files that turn out to be damaged are named in it, and left out from then on: windows of
        their days keep the profiles that they have.

    Raises:
        ConfigError: The settings cannot be used.
        DataError: The raw files cannot be read.
        StoreError: What is stored cannot be read.
    """
    case = Case(store, directory, model, settings_of(model), workers, now)
    try:
        return _evaluated(case, afresh=afresh)
    except SourceError:
        if not (damaged := _damaged(case)):
            raise
        return _evaluated(replace(case, damaged=damaged), afresh=afresh)


def _evaluated(case: Case, *, afresh: bool) -> Evaluation | None:
    """See `evaluate`; without the files that are known to be damaged."""
    predictions = case.files(Kind.PREDICTION)
    if not predictions:
        return None
    changed = case.store.changed(case.model.id)
    stored = None if afresh else case.store.plan(case.model.id)
    standing = standing_of(stored)
    if standing is not None and _outdated(case, standing, predictions):
        standing = None
    due: Sequence[Window] = ()
    columns: Sequence[str] = ()
    if standing is not None:
        due = _due(case, standing, np.array(sorted(changed), np.int64))
        columns = _columns(case, due)
        if _has_new_role(standing, columns):
            standing = None
    fresh = None
    if standing is None or stored is None:
        standing = _lay(case, predictions)
        fresh = stored = standing.stored(case.now)
        due = _due(case, standing, np.array(slots_of(predictions), np.int64))
    every = clocked(standing.plan.every)
    stored_windows = () if fresh is not None else case.store.windows(case.model.id)
    due = _countable(case, due, {window.start for window in stored_windows})
    known = {window.start: window.body for window in stored_windows[-MOST_WINDOWS:]}
    forgotten = case.model.rows_since or 0
    if (
        not due
        and fresh is None
        and not case.damaged
        and not time_passed(case.store, case.model, case.settings, every, case.now)
        and not _annotated(case)
    ):
        return None
    counted = _count(case, standing, due) if due else {}
    starts = {window.start for window in due}
    windows = every.keys(np.array(list(changed), np.int64)).tolist()
    done = {
        slot: changed[slot]
        for slot, window in zip(changed, windows, strict=True)
        if window in starts or window < forgotten
    }
    outcome = Evaluated(
        plan=stored.id,
        windows={start: pack(one) for start, one in counted.items()},
        gone=tuple(sorted(starts - counted.keys())),
        done=done,
        results={},
        damaged=case.damaged,
        laid=fresh,
    )
    plan = standing.plan
    parts = {start: unpack(body, plan) for start, body in known.items() if start not in starts}
    parts |= counted
    past = Past(case.model.name), None if standing.reference is None else Past("reference")
    asked = asked_of(case.settings, case.model.name, past, case.now, plan.schema)
    asked = replace(asked, annotations=(*asked.annotations, *_said(case)))
    result = conclude_from(asked, standing, parts, _told(case, standing, columns))
    return Evaluation(outcome, result)


def _annotated(case: Case) -> bool:
    """Whether people said something since the newest evaluation."""
    said, newest = case.store.annotations(case.model.id), case.store.result(case.model.id, SUMMARY)
    return said is not None and newest is not None and said.given > newest.made


def _said(case: Case) -> tuple[Annotation, ...]:
    """What people said of the model."""
    said = case.store.annotations(case.model.id)
    return () if said is None else annotations_of(said.told)


def _outdated(case: Case, standing: Standing, predictions: Sequence[RawFile]) -> bool:
    """Whether rows should be counted in another way than before."""
    if standing.settings != case.model.version:
        return True
    given = case.store.reference(case.model.id)
    if standing.reference_name != (None if given is None else given.name):
        return True
    if standing.plan.schema.label is None and case.files(Kind.LABEL):
        return True
    rows = sum(file.rows for file in predictions)
    return (
        standing.reference is None and standing.rows < FEW_ROWS and rows >= GROWTH * standing.rows
    )


def _columns(case: Case, due: Sequence[Window]) -> Sequence[str]:
    """The columns of the rows of these windows."""
    files = _files_of(case, due)
    return case.workers.fields(_reading(case, files).request).result() if files else ()


def _has_new_role(standing: Standing, columns: Iterable[str]) -> bool:
    """Whether rows have scores, errors, ... that are not counted, as there were none before."""
    known = standing.plan.schema.roles()
    return any(name not in known for name in columns if name in ROLES or name.startswith(SCORES))


def _lay(case: Case, predictions: Sequence[RawFile]) -> Standing:
    """Look at the rows and the reference, and fix how rows are counted."""
    names = case.workers.fields(_reading(case, predictions).request).result()
    sides = _reading(case, predictions), _reference(case)
    schema = _schema(case.settings, names)
    found = first_look(asked_of(case.settings, case.model.name, sides, case.now, schema))
    given = None if found.reference is None else case.store.reference(case.model.id)
    name = None if given is None else given.name
    rows = sum(file.rows for file in predictions)
    return Standing.of(found, rows, case.model.version, name)


def _reference(case: Case) -> FileReading | None:
    """A reading of the reference; None where none was given."""
    given = case.store.reference(case.model.id)
    if given is None:
        return None
    path = str(case.directory.references / given.name)
    return FileReading(Request((path,), "parquet", name="reference"), case.workers)


def _reading(case: Case, predictions: Sequence[RawFile], where: str | None = None) -> FileReading:
    """Raw predictions with their labels."""
    raw = case.directory.raw
    days = {file.day for file in predictions}
    labels = [str(raw / f.name) for f in case.files(Kind.LABEL) if f.day in days]
    joined = None
    if labels:
        joined = LabelFile(tuple(labels), "parquet", "id", "label", "label_time")
    paths = tuple(str(raw / file.name) for file in predictions)
    request = Request(
        paths, "parquet", where=where, labels=joined, name=case.model.name, any_file=True
    )
    return FileReading(request, case.workers)


def _schema(settings: Settings, names: Sequence[str]) -> Schema:
    """The roles of the columns of raw files: they have the names of the roles."""
    given = settings.to_schema()
    kinds = {column.name: column.kind for column in given.features or ()}
    present = ROLES.intersection(names)
    features = [name for name in names if name not in RESERVED and not name.startswith(SCORES)]
    scores = {name.removeprefix(SCORES): name for name in names if name.startswith(SCORES)}
    return Schema(
        **{role: role for role in sorted(present)},
        task=given.task,
        scores=scores,
        features=tuple(Column(name, kinds.get(name)) for name in features),
        segments=tuple(name for name in given.segments if name in features),
        classes=given.classes,
        threshold=given.threshold,
        top_k=given.top_k,
    )


def _due(
    case: Case, standing: Standing, slots: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> tuple[Window, ...]:
    """The windows of these slots that have closed and whose rows are all kept, oldest first."""
    every = clocked(standing.plan.every)
    keys = np.unique(every.keys(slots)).tolist()
    until = to_microseconds(closed(case.settings, case.now))
    kept = case.model.rows_since or 0
    return tuple(w for w in map(every.window, keys) if w.end <= until and w.start >= kept)


def _countable(case: Case, due: Sequence[Window], known: Collection[int]) -> tuple[Window, ...]:
    """Those that counting again makes no worse: with a file gone, an older profile is better."""
    lame = [file for file in case.all_files() if case.is_damaged(file)]
    return tuple(
        window
        for window in due
        if window.start not in known
        or not any(_overlaps(file, [(window.start, window.end)]) for file in lame)
    )


def _damaged(case: Case) -> dict[str, str]:
    """Name -> reason of raw files that turn out not to be readable."""
    found = {
        file.name: damage(case.directory.raw / file.name)
        for file in case.all_files()
        if not file.damage
    }
    return {name: reason for name, reason in found.items() if reason}


def _told(case: Case, standing: Standing, columns: Iterable[str]) -> list[str]:
    """What the user should know of the rows."""
    notes = []
    lame = [file for file in case.all_files() if case.is_damaged(file)]
    if lame:
        name, why = lame[0].name, case.damaged.get(lame[0].name) or lame[0].damage
        rows = sum(file.rows for file in lame)
        notes.append(
            f"{rows:,} rows lie in {len(lame)} raw files that cannot be read, and are left out: "
            f"{name} ({why}){', ...' if len(lame) > 1 else ''}. "
            "Restore them from a backup and run `wane rebuild`"
        )
    schema = standing.plan.schema
    counted = {column.name for column in schema.features or ()} | schema.roles().keys()
    new = [n for n in columns if n not in counted | RESERVED and not n.startswith(SCORES)]
    if new:
        shown = ", ".join(map(repr, new[:5])) + (" and more" if len(new) > 5 else "")
        notes.append(
            f"{shown} came after the model's columns were fixed, and are kept but not counted; "
            "a new reference, new settings or `wane rebuild --afresh` take them in"
        )
    return notes


def _count(case: Case, standing: Standing, due: Sequence[Window]) -> dict[int, Counted]:
    """Count the rows of these windows; windows without rows are left out."""
    where = " OR ".join(
        f'("timestamp" >= {_moment(start)} AND "timestamp" < {_moment(end)})'
        for start, end in _stretches(due)
    )
    files = _files_of(case, due)
    if not files:
        return {}
    reading = _reading(case, files, where)
    plan = replace(standing.plan, now=to_microseconds(case.now))
    counted = add_up(reading.count(plan, lambda _rows: None))
    starts = {window.start for window in due}
    return {start: one for start, one in by_window(counted).items() if start in starts}


def _files_of(case: Case, windows: Sequence[Window]) -> list[RawFile]:
    """The files in which predictions of these windows lie."""
    stretches = _stretches(windows)
    return [f for f in case.files(Kind.PREDICTION) if _overlaps(f, stretches)]


def _stretches(windows: Sequence[Window]) -> list[tuple[int, int]]:
    """Windows side by side as one stretch of time each."""
    stretches: list[tuple[int, int]] = []
    for window in windows:
        if stretches and stretches[-1][1] == window.start:
            stretches[-1] = stretches[-1][0], window.end
        else:
            stretches.append((window.start, window.end))
    return stretches


def _overlaps(file: RawFile, stretches: Sequence[tuple[int, int]]) -> bool:
    day = start_of(file.day)
    return any(start < day + DAY and day < end for start, end in stretches)


def _moment(microseconds: int) -> str:
    return f"TIMESTAMPTZ '{to_datetime(microseconds).isoformat(sep=' ')}'"
