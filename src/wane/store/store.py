"""What every backend does. Writes are durable when they return; readers never see half of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wane.alert.life import NOTHING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wane.alert.life import Step
    from wane.store.alerts import AlertStore
    from wane.store.records import (
        Delivery,
        Evaluated,
        Forgotten,
        InboxBatch,
        Kind,
        Model,
        Moved,
        ParkedLabel,
        RawFile,
        Receipt,
        StoredAnnotations,
        StoredKey,
        StoredPlan,
        StoredReference,
        StoredResult,
        StoredWindow,
    )


class Store(Protocol):
    """The state of a monitor."""

    @property
    def alerts(self) -> AlertStore:
        """What is remembered of incidents, and of who was told."""
        ...

    def models(self, tenant: str | None = None) -> tuple[Model, ...]:
        """All models, or those of a tenant, by name."""
        ...

    def model(self, tenant: str, name: str) -> Model | None:
        """One model; None when the tenant has none of that name."""
        ...

    def open_model(self, tenant: str, name: str, now: dt.datetime) -> Model:
        """The model of that name, made when it is new."""
        ...

    def configure(self, model: int, settings: str, now: dt.datetime) -> Model:
        """Give a model settings; nothing happens when it has these already."""
        ...

    def append(self, deliveries: Sequence[Delivery]) -> tuple[Receipt, ...]:
        """Keep events, all deliveries in one transaction; what is known already changes nothing.

        A prediction is known by its id; a label by its id and value.
        """
        ...

    def inbox(self, model: int, most: int, size: int | None = None) -> tuple[InboxBatch, ...]:
        """The oldest batches, at most so many; with `size`, bodies of at most so many bytes.

        The oldest comes however large it is.
        """
        ...

    def waiting(self, model: int, most: int) -> int:
        """How many batches are in the inbox, counted up to `most`."""
        ...

    def times_of(self, model: int, ids: Iterable[str]) -> dict[str, int]:
        """Id -> event time in microseconds, of the predictions that are known."""
        ...

    def parked(self, model: int, ids: Collection[str] | None = None) -> tuple[ParkedLabel, ...]:
        """Labels whose prediction has not come, all of them or those with these ids."""
        ...

    def moved(self, model: int, moved: Moved) -> None:
        """Take batches out of the inbox, enter their files, and mark what changed.

        Raises:
            StoreError: A batch is not in the inbox, so it was moved before; nothing changes.
        """
        ...

    def files(self, model: int, kind: Kind | None = None) -> tuple[RawFile, ...]:
        """The raw files, by day and name."""
        ...

    def replace_files(self, model: int, old: Sequence[RawFile], new: Sequence[RawFile]) -> None:
        """Enter files that hold what others held, which are retired.

        Raises:
            StoreError: One of the old files is not entered any more; nothing changes.
        """
        ...

    def put_damage(self, model: int, damage: Mapping[str, str]) -> None:
        """Note of raw files why they cannot be read; an empty reason: they can."""
        ...

    def retired(self) -> tuple[str, ...]:
        """Names of raw files, of all models, that may be deleted once nobody reads them."""
        ...

    def deleted(self, names: Collection[str]) -> None:
        """Retired files are not there any more."""
        ...

    def forget(self, model: int, before: int, day: dt.date) -> Forgotten:
        """Forget predictions before a time, in microseconds, their labels and what changed there.

        From then on `Model.rows_since` is at least that time. Ids go in pieces, so that others can
        write meanwhile; what an interrupted call left is forgotten by the next.

        Args:
            model: Its number.
            before: Earlier predictions are forgotten; so are labels without a prediction that came
                earlier, which are counted as `NEVER_JOINED`.
            day: Files of earlier days are retired.
        """
        ...

    def changed(self, model: int) -> dict[int, int]:
        """Slots whose rows or labels changed since they were last counted -> newest sequence."""
        ...

    def mark(self, model: int, slots: Mapping[int, int]) -> None:
        """Have slots counted again."""
        ...

    def reference(self, model: int) -> StoredReference | None:
        """The newest reference; None when none was given."""
        ...

    def put_reference(self, model: int, reference: StoredReference) -> None:
        """Have a model compared with other data, from the next evaluation on."""
        ...

    def annotations(self, model: int) -> StoredAnnotations | None:
        """What people said of a model; None where they never did."""
        ...

    def annotate(self, model: int, annotations: StoredAnnotations) -> None:
        """Keep what people said, in place of what they said before."""
        ...

    def plan(self, model: int) -> StoredPlan | None:
        """The plan that counts now."""
        ...

    def windows(self, model: int, since: int | None = None) -> tuple[StoredWindow, ...]:
        """Profiles by the plan that counts now, of windows from `since` on, oldest first."""
        ...

    def evaluated(
        self, model: int, outcome: Evaluated, now: dt.datetime, step: Step = NOTHING
    ) -> None:
        """Keep what an evaluation found, and what it does to incidents, both or neither."""
        ...

    def result(self, model: int, name: str) -> StoredResult | None:
        """A part of the newest evaluation."""
        ...

    def forget_windows(self, model: int, before: int) -> None:
        """Forget profiles of windows that start earlier, and old plans that have none left."""
        ...

    def keys(self, tenant: str | None = None) -> tuple[StoredKey, ...]:
        """All API keys, oldest first."""
        ...

    def put_key(self, key: StoredKey) -> None:
        """Keep a key; one of the same id is replaced."""
        ...

    def drop_key(self, key_id: str) -> bool:
        """Forget a key; whether there was one."""
        ...

    def count(self, model: int, counts: Mapping[str, int], now: dt.datetime) -> None:
        """Add to named counters: rejected rows by code, events dropped by senders."""
        ...

    def counts(self, model: int) -> dict[str, int]:
        """The named counters."""
        ...

    def lease(self, name: str, holder: str, until: dt.datetime, now: dt.datetime) -> bool:
        """Hold a name until a time, unless somebody else holds it; whether it is held."""
        ...

    def close(self) -> None:
        """End. What was returned stays kept."""
        ...
