"""What the user asked for, opened but not read yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from wane.detect.rule import Rule
    from wane.diagnose.annotation import Annotation
    from wane.engine.reading import Reading
    from wane.pipeline.watching import Watching
    from wane.schema import Schema
    from wane.sources.description import Description


@dataclass(frozen=True, slots=True)
class Asked:
    """One check.

    Attributes:
        model: Name of the model.
        current: The rows to check.
        reference: The rows to compare with; None: the first windows serve.
        looks: The first look at the current rows, then at the reference: under way, so that the
            readers work while this process loads its libraries.
        schema: Roles, as far as given.
        every: Window size as text; None: proposed from the data.
        timezone: Zone in which windows are aligned.
        rules: The user's rules; None: the defaults.
        watching: How learned limits are to be held.
        costs: Value of a row by outcome (tn, fp, fn, tp); empty without a cost matrix.
        now: Microseconds since 1970 UTC.
        until: The same: time that the current rows should reach, at most `now`; None: that is not
            known.
        deep: Whether rows may be read once more, to search several columns together.
        progress: Told what is being done and the share done.
        annotations: What the user knows of the model, oldest first.
    """

    model: str
    current: Reading
    reference: Reading | None
    looks: tuple[Future[Description], ...]
    schema: Schema
    every: str | None
    timezone: str
    rules: Sequence[Rule] | None
    watching: Watching
    costs: Mapping[str, float]
    now: int
    until: int | None
    deep: bool
    progress: Callable[[str, float], None]
    annotations: tuple[Annotation, ...] = ()
