"""How the rows of a model are counted from now on: what a first look fixed, to be kept."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from wane.engine.messages import (
    Counted,
    Plan,
    pack_counted,
    schema_from_json,
    unpack_counted,
)
from wane.errors import ProfileError, StoreError
from wane.profile import codec
from wane.profile.profile import ProfileKey, concatenate
from wane.profile.summarise import Summarised
from wane.store.records import StoredPlan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from wane.pipeline.first_look import FirstLook
    from wane.schema import Schema

FORMAT = [2, codec.FORMAT]
"""Of the plan, and of the profiles that were counted by it."""
LARGEST = 1 << 32
"""Bytes of unpacked profiles at most: a guard against a damaged length."""
LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """What is fixed until the reference, or what is known of the columns, changes.

    Attributes:
        plan: Grid, schema and windows of the current rows.
        reference_schema: Schema of the reference; None without one.
        reference: Its profiles; None without one.
        assumptions: What was inferred, and how to change it.
        notes: What the user should know.
        rows: Rows by which the grid was laid, where there was no reference.
        settings: Number of the settings it follows.
        reference_name: Which reference it follows; None without one.
        effects: What its features tell of labels, see `profile.effects`.
    """

    plan: Plan
    reference_schema: Schema | None
    reference: Counted | None
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    rows: int
    settings: int
    reference_name: str | None = None
    effects: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls, found: FirstLook, rows: int, settings: int, reference_name: str | None = None
    ) -> Standing:
        """What stays of a first look."""
        looked = found.looked
        return cls(
            plan=Plan(looked.grid, looked.schema, looked.every, looked.asked.now),
            reference_schema=looked.reference_schema,
            reference=found.reference,
            assumptions=looked.assumptions,
            notes=looked.notes,
            rows=rows,
            settings=settings,
            reference_name=reference_name,
            effects=found.effects,
        )

    def encode(self) -> bytes:
        """As bytes; `decode` gives back an equal one."""
        like = self.reference_schema
        return msgspec.msgpack.encode(
            {
                "format": FORMAT,
                "plan": self.plan.to_json(),
                "reference_schema": None if like is None else asdict(like),
                "reference": None if self.reference is None else pack(self.reference),
                "assumptions": self.assumptions,
                "notes": self.notes,
                "rows": self.rows,
                "settings": self.settings,
                "reference_name": self.reference_name,
                "effects": None if self.effects is None else self.effects.tobytes(),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Standing:
        """The inverse of `encode`.

        Raises:
            StoreError: The bytes are damaged or of another release.
        """
        return _standing(_decoded(data))

    def stored(self, now: dt.datetime) -> StoredPlan:
        """As a plan that is made now."""
        body = self.encode()
        return StoredPlan(fingerprint(body), body, now)


def standing_of(stored: StoredPlan | None) -> Standing | None:
    """The plan that is stored; None where there is none, or it is of another release.

    Profiles of another release cannot be read by this one: the rows that are kept are counted
    again, by a new plan.

    Raises:
        StoreError: It is damaged.
    """
    if stored is None:
        return None
    found = _decoded(stored.body)
    if isinstance(found, dict) and found.get("format", FORMAT) != FORMAT:
        return None
    return _standing(found)


def _decoded(data: bytes) -> Any:  # noqa: ANN401  # whatever was stored
    """The plain values that `encode` made bytes of.

    Raises:
        StoreError: The bytes are damaged.
    """
    try:
        return msgspec.msgpack.decode(data)
    except ValueError as error:
        raise _unreadable(str(error)) from error


def _standing(found: Any) -> Standing:  # noqa: ANN401
    """What these plain values say.

    Raises:
        StoreError: They are damaged or of another release.
    """
    try:
        if found["format"] != FORMAT:
            raise _unreadable(f"format {found['format']}")
        plan = Plan.from_json(found["plan"])
        like, reference = found["reference_schema"], found["reference"]
        effects, width = found["effects"], int(plan.grid.starts[-1])
        return Standing(
            plan=plan,
            reference_schema=None if like is None else schema_from_json(like),
            reference=None if reference is None else unpack(reference, plan),
            assumptions=tuple(found["assumptions"]),
            notes=tuple(found["notes"]),
            rows=int(found["rows"]),
            settings=int(found["settings"]),
            reference_name=found["reference_name"],
            effects=None if effects is None else np.frombuffer(effects).reshape(-1, width),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise _unreadable(f"{type(error).__name__}: {error}") from error


def fingerprint(body: bytes) -> str:
    """The id of a plan: profiles by different plans do not mix."""
    return hashlib.sha256(body).hexdigest()[:32]


def pack(counted: Counted) -> bytes:
    """Profiles as bytes, without their grid."""
    flat = pack_counted(counted)
    frame: bytes = pa.Codec("zstd", compression_level=1).compress(flat, asbytes=True)
    return len(flat).to_bytes(LENGTH_BYTES, "little") + frame


def unpack(data: bytes, plan: Plan) -> Counted:
    """The inverse of `pack`, for profiles on the grid of the plan.

    Raises:
        ProfileError: The bytes are damaged.
    """
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    if length > LARGEST:
        raise ProfileError("these profiles are damaged", got=f"a length of {length} bytes")
    try:
        flat = pa.Codec("zstd").decompress(data[LENGTH_BYTES:], length, asbytes=True)
        return unpack_counted(flat, plan.grid)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ProfileError(
            "these profiles are damaged", got=str(error), hint="Run `wane rebuild`."
        ) from error


def by_window(counted: Counted) -> dict[int, Counted]:
    """The profiles of each window on their own."""
    summarised = counted.summarised
    whole = _rows_by_window(summarised.whole.keys)
    segments = _rows_by_window(summarised.segments.keys)
    found = {}
    for window, rows in whole.items():
        mine = summarised.whole.take(rows)
        used = int(mine.counters.totals[:, 0].sum())
        parts = summarised.segments.take(segments.get(window, ()))
        found[window] = Counted(Summarised(mine, parts, used, {}))
    return found


def together(parts: Sequence[Counted]) -> Counted:
    """The profiles of several windows as one count, in the order given: oldest first.

    Args:
        parts: At least one; no window twice.
    """
    return Counted(
        Summarised(
            concatenate([part.summarised.whole for part in parts]),
            concatenate([part.summarised.segments for part in parts]),
            sum(part.summarised.read for part in parts),
            {},
        )
    )


def _rows_by_window(keys: Iterable[ProfileKey]) -> Mapping[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key.window, []).append(row)
    return rows


def _unreadable(got: str) -> StoreError:
    return StoreError(
        "a stored plan cannot be read", got=got, hint="Run `wane rebuild` to count by a new one."
    )
