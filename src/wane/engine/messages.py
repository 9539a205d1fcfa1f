"""What a worker process is asked and what it answers; plain JSON and Arrow, never pickle."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.engine.envelope import joined, split
from wane.profile.codec import flatten, unflatten
from wane.profile.grid import Grid
from wane.profile.leaves import Axis, Leaves, Split
from wane.profile.summarise import Share, Summarised
from wane.schema import Column, Kind, Schema, Task
from wane.window import Every

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows are counted: everything `summarise` needs but the rows.

    Attributes:
        grid: Where.
        schema: By which roles.
        every: In which windows; None for a single one.
        now: Microseconds since 1970 UTC.
    """

    grid: Grid
    schema: Schema
    every: Every | None
    now: int

    def to_json(self) -> dict[str, Any]:
        """Plain values from which `from_json` makes an equal plan."""
        schema = asdict(self.schema)
        every = None if self.every is None else asdict(self.every)
        return {"grid": self.grid.to_json(), "schema": schema, "every": every, "now": self.now}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Plan:
        """The inverse of `to_json`."""
        return cls(
            Grid.from_json(plain["grid"]),
            schema_from_json(plain["schema"]),
            None if plain["every"] is None else Every(**plain["every"]),
            int(plain["now"]),
        )


def schema_from_json(plain: Mapping[str, Any]) -> Schema:
    """The schema that `asdict` made these plain values of, once they were JSON."""
    schema = dict(plain)
    features = schema.pop("features")
    columns = [Column(c["name"], c["kind"] and Kind(c["kind"])) for c in features or ()]
    schema |= {key: tuple(schema[key]) for key in ("segments", "classes", "top_k")}
    task = schema.pop("task")
    return Schema(**schema, task=task and Task(task), features=tuple(columns))


@dataclass(frozen=True, slots=True)
class LeafPlan:
    """How rows are counted by several columns together.

    Attributes:
        plan: How they are counted otherwise.
        axes: By which columns, that which matters most first.
        split: Which windows are before, and which are now.
    """

    plan: Plan
    axes: tuple[Axis, ...]
    split: Split

    def to_json(self) -> dict[str, Any]:
        """Plain values from which `from_json` makes an equal plan."""
        axes = [asdict(axis) for axis in self.axes]
        return {"plan": self.plan.to_json(), "axes": axes, "split": asdict(self.split)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> LeafPlan:
        """The inverse of `to_json`."""
        axes = [{**axis, "groups": tuple(axis["groups"])} for axis in plain["axes"]]
        return cls(
            Plan.from_json(plain["plan"]),
            tuple(Axis(**axis) for axis in axes),
            Split(**{side: tuple(keys) for side, keys in plain["split"].items()}),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What profiling a source gave: profiles, and what the reader had to say.

    Attributes:
        summarised: The profiles.
        unparsed: (reason, rows) that the reader could not parse.
        notes: Sentences for the user.
    """

    summarised: Summarised
    unparsed: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


def pack_counted(counted: Counted) -> bytes:
    """Counted rows as bytes: JSON header, then both ledgers, as they are: the pipe is short."""
    whole, segments = flatten(counted.summarised.whole), flatten(counted.summarised.segments)
    header = {
        "read": counted.summarised.read,
        "rejected": counted.summarised.rejected,
        "unparsed": [list(pair) for pair in counted.unparsed],
        "notes": list(counted.notes),
        "whole": sum(memoryview(part).nbytes for part in whole),
    }
    return joined(header, *whole, *segments)


def unpack_counted(data: bytes, grid: Grid) -> Counted:
    """The inverse of `pack_counted`, for rows that were counted on `grid`."""
    header, rest = split(data)
    size = header["whole"]
    summarised = Summarised(
        unflatten(rest[:size], grid),
        unflatten(rest[size:], grid),
        header["read"],
        header["rejected"],
    )
    unparsed = tuple((str(reason), int(rows)) for reason, rows in header["unparsed"])
    return Counted(summarised, unparsed, tuple(header["notes"]))


def pack_leaves(leaves: Leaves) -> bytes:
    """Leaves as bytes: JSON header, then codes and sums as they are."""
    shape = {"axes": leaves.codes.shape[1], "sums": len(leaves.sums)}
    parts = leaves.codes.astype(np.int64, copy=False), leaves.sums
    return joined(shape, *(np.ascontiguousarray(part).tobytes() for part in parts))


def unpack_leaves(data: bytes) -> Leaves:
    """The inverse of `pack_leaves`."""
    header, rest = split(data)
    axes, sums = header["axes"], header["sums"]
    count = len(rest) // (8 * (axes + sums))
    codes = np.frombuffer(rest, np.int64, axes * count).reshape(count, axes)
    values = np.frombuffer(rest, np.float64, sums * count, 8 * axes * count)
    return Leaves(codes.astype(np.intp, copy=False), values.reshape(sums, count))


def pack_share(share: Share) -> dict[str, Any]:
    """A share as plain values."""
    return {"columns": list(share.columns), "outcomes": share.outcomes}


def unpack_share(plain: Mapping[str, Any]) -> Share:
    """The inverse of `pack_share`."""
    return Share(tuple(plain["columns"]), bool(plain["outcomes"]))
