"""What is done for a stored model, step by step: move what came, count what changed, conclude.

Each step is made without writing to the store, so that another process can make it, and then
stored as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.alert.life import KEEP_FIRING
from wane.pipeline.alerted import parts_of, step_of, well
from wane.pipeline.evaluate import evaluate
from wane.store.move import prepare

if TYPE_CHECKING:
    import datetime as dt

    from wane.engine.local import Workers
    from wane.report.result import Result
    from wane.store.directory import DataDirectory
    from wane.store.records import Evaluated, Model
    from wane.store.store import Store


@dataclass(frozen=True, slots=True)
class Attended:
    """What was done for a model.

    Attributes:
        batches: Batches that left the inbox.
        counted: Windows that were counted.
        result: The newest result; None when nothing new was concluded.
    """

    batches: int
    counted: int
    result: Result | None


def find(
    store: Store,
    directory: DataDirectory,
    model: Model,
    workers: Workers,
    now: dt.datetime,
    *,
    afresh: bool = False,
) -> tuple[Evaluated, Result | None] | None:
    """Evaluate and render, ready to be stored; None where there is nothing new. See `evaluate`."""
    evaluation = evaluate(store, directory, model, workers, now, afresh=afresh)
    if evaluation is None:
        return None
    result = evaluation.result
    return replace(evaluation.outcome, results=parts_of(result, model)), result


def keep(
    store: Store, model: Model, outcome: Evaluated, now: dt.datetime, keep_firing: int = KEEP_FIRING
) -> None:
    """Store an evaluation, and what it does to the incidents of the model, both or neither.

    Args:
        store: Where.
        model: Whose.
        outcome: The evaluation, with rendered results.
        now: Its time.
        keep_firing: Quiet windows after which an incident is still not over.
    """
    done = step_of(store, model, outcome.results, now, keep_firing)
    store.evaluated(model.id, outcome, now, done)


def attend(
    store: Store,
    directory: DataDirectory,
    model: Model,
    workers: Workers,
    now: dt.datetime,
    *,
    afresh: bool = False,
    keep_firing: int = KEEP_FIRING,
) -> Attended:
    """Do all there is to do for a model, in this process, which holds the directory."""
    batches = 0
    while moved := prepare(store, directory.raw, model.id):
        store.moved(model.id, moved)
        batches += len(moved.sequences)
    found = find(store, directory, model, workers, now, afresh=afresh)
    if found is None:
        well(store, model, now)
        return Attended(batches, 0, None)
    outcome, result = found
    keep(store, model, outcome, now, keep_firing)
    return Attended(batches, len(outcome.windows), result)
