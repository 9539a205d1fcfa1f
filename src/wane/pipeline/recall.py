"""Conclude from profiles that are stored: nothing is read but what is remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.config.duration import duration
from wane.config.settings import ServiceSettings
from wane.diagnose.annotation import annotations_of
from wane.errors import StoreError
from wane.pipeline.asked import Asked
from wane.pipeline.conclude import conclude
from wane.pipeline.count import Profiled
from wane.pipeline.judge import parse_rules
from wane.pipeline.look import Looked
from wane.pipeline.model_settings import settings_of
from wane.pipeline.standing import Standing, standing_of, together, unpack
from wane.pipeline.watching import Watching
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from wane.config import Settings
    from wane.engine.messages import Counted, LeafPlan, Plan
    from wane.engine.reading import Reading
    from wane.profile.leaves import Leaves
    from wane.report.result import Result
    from wane.schema import Schema
    from wane.sources.description import Description
    from wane.store.records import Model
    from wane.store.store import Store

DEFAULT_EVERY = "1d"
MOST_WINDOWS = 400
"""The newest windows are concluded from; older profiles are kept for exports."""


@dataclass(frozen=True, slots=True)
class Past:
    """Rows that were counted earlier: only their name is left. A `Reading` that reads nothing."""

    name: str

    def describe(self, sample_rows: int = 0) -> Future[Description]:
        """See `Reading.describe`.

        Raises:
            StoreError: Always.
        """
        raise self._gone(f"{sample_rows} rows asked for")

    def count(self, plan: Plan, seen: Callable[[int], None]) -> Sequence[Future[Counted]]:
        """See `Reading.count`.

        Raises:
            StoreError: Always.
        """
        seen(0)
        raise self._gone(f"a count on grid {plan.grid.id}")

    def duplicates(self, id_column: str) -> Future[int]:
        """See `Reading.duplicates`.

        Raises:
            StoreError: Always.
        """
        raise self._gone(f"duplicates of {id_column!r}")

    def leaves(self, asked: LeafPlan) -> Future[Leaves]:
        """See `Reading.leaves`.

        Raises:
            StoreError: Always.
        """
        raise self._gone(f"leaves of {len(asked.axes)} columns")

    def _gone(self, got: str) -> StoreError:
        return StoreError(f"the rows of {self.name} were counted earlier", got=got)


def asked_of(
    settings: Settings,
    model: str,
    sides: tuple[Reading, Reading | None],
    now: dt.datetime,
    schema: Schema | None = None,
) -> Asked:
    """What `wane check` would be asked, as settings say it; nothing is looked at yet.

    Args:
        settings: Of the model.
        model: Its name.
        sides: The current rows, and the reference if there is one.
        now: The time.
        schema: Roles of the columns; None: as the settings say.
    """
    current, reference = sides
    detection = settings.detection
    rules = [
        rule if isinstance(rule, str) else rule.model_dump(by_alias=True, exclude_none=True)
        for rule in settings.rules
    ]
    return Asked(
        model=model,
        current=current,
        reference=reference,
        looks=(),
        schema=settings.to_schema() if schema is None else schema,
        every=settings.every or DEFAULT_EVERY,
        timezone=settings.timezone or "UTC",
        rules=parse_rules(rules) if rules else None,
        watching=Watching.of(
            None if detection is None else detection.false_alarms,
            None if detection is None else detection.tolerance,
            () if detection is None else detection.holidays,
            None if detection is None else detection.importance,
        ),
        costs={} if settings.cost is None else settings.cost.model_dump(),
        now=to_microseconds(now),
        until=to_microseconds(closed(settings, now)),
        deep=False,
        annotations=annotations_of(settings.annotations),
        progress=lambda _what, _share: None,
    )


def closed(settings: Settings, now: dt.datetime) -> dt.datetime:
    """Windows that end by then have closed."""
    return now - duration((settings.service or ServiceSettings()).grace)


def conclude_from(
    asked: Asked,
    standing: Standing,
    profiles: Mapping[int, Counted],
    notes: Sequence[str] = (),
) -> Result | None:
    """What reports show, from the profiles of the windows that have closed.

    Args:
        asked: What is asked.
        standing: How the rows were counted.
        profiles: Start of a window -> its profiles.
        notes: What the user should know besides.

    Returns:
        None while no window has closed.

    Raises:
        StoreError: The plan has no windows.
    """
    plan = standing.plan
    if plan.every is None or asked.until is None:
        raise StoreError("a stored plan has no windows", hint="Run `wane rebuild --afresh`.")
    every, until = plan.every, asked.until
    starts = [start for start in sorted(profiles) if every.window(start).end <= until]
    if not starts:
        return None
    looked = Looked(
        asked=asked,
        schema=plan.schema,
        every=every,
        grid=plan.grid,
        rows=None,
        reference_schema=standing.reference_schema,
        assumptions=standing.assumptions,
        notes=standing.notes,
    )
    current = together([profiles[start] for start in starts[-MOST_WINDOWS:]])
    told = (*standing.notes, *notes)
    return conclude(Profiled(looked, current, standing.reference, told, standing.effects))


def recall(store: Store, model: Model, now: dt.datetime) -> Result | None:
    """The conclusions from everything that is stored of a model.

    Returns:
        None where no window has closed yet.

    Raises:
        StoreError: What is stored cannot be read.
    """
    standing = standing_of(store.plan(model.id))
    if standing is None:
        return None
    settings = settings_of(model)
    reference = None if standing.reference is None else Past(standing.reference_name or "reference")
    asked = asked_of(settings, model.name, (Past(model.name), reference), now)
    windows = store.windows(model.id)[-MOST_WINDOWS:]
    profiles = {window.start: unpack(window.body, standing.plan) for window in windows}
    return conclude_from(asked, standing, profiles)
