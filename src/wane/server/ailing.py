"""What is not well with the server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.server.problem import Problem
from wane.server.space import check_space

if TYPE_CHECKING:
    import datetime as dt

    from wane.server.operator import Operator
    from wane.server.writer import Writer
    from wane.store.directory import DataDirectory
    from wane.store.store import Store


def ailments(
    store: Store,
    directory: DataDirectory,
    writer: Writer,
    operator: Operator,
    *,
    now: dt.datetime,
    lag: dt.timedelta,
) -> tuple[str, ...]:
    """A sentence for each thing that is wrong; empty when all is well.

    Messages of errors stay in the log, for they can hold what nobody outside should read.

    Args:
        store: Where the models are.
        directory: Where events are kept.
        writer: Takes events.
        operator: Evaluates.
        now: The time.
        lag: For how long a model may go without being looked at.
    """
    found = []
    try:
        check_space(directory.path)
        writer.check_room()
    except Problem as problem:
        found.append(problem.message)
    for model in store.models():
        failure = operator.failures.get(model.id)
        if failure is not None:
            found.append(f"model {model.name}: its evaluation failed at {failure.at:%H:%M} UTC")
        elif operator.lag(model, now) > lag:
            minutes = int(operator.lag(model, now).total_seconds()) // 60
            found.append(f"model {model.name}: not looked at for {minutes:,} minutes")
    return tuple(found)
