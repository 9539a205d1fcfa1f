"""What the detectors keep between windows: small, and all of it arrays and numbers."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wane.detect.learned import Learned
from wane.errors import DataError
from wane.stats import e_detector
from wane.stats.natural_variation import NaturalVariation
from wane.stats.season import Season

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BROKEN = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, NotImplementedError),
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error),
)
"""What reading bytes that are no state can end in."""
NEVER = -1
VERSION = 3


class Mark(NamedTuple):
    """An alarm of one stream; windows count along the calendar, `NEVER` is -1.

    Attributes:
        stream: Which stream.
        side: 1 when values rose, -1 when they fell.
        detector: Index into `limits.DETECTORS`.
        raised: Window in which it was raised.
        paged: Window in which a loss beyond what is tolerated was certain.
        ended: First window of the return to what is usual.
        adopted: Window in which the new level became the usual one.
        rising: First window of what led to it: since then its chart was above 0. `NEVER` where a
            loss was proven that no chart had seen.
    """

    stream: int
    side: int
    detector: int
    raised: int
    paged: int = NEVER
    ended: int = NEVER
    adopted: int = NEVER
    rising: int = NEVER

    @property
    def open(self) -> bool:
        """Whether the alarm still stands."""
        return self.ended == NEVER and self.adopted == NEVER


@dataclass(frozen=True, slots=True)
class State:
    """The detectors of S streams after the windows before `at`.

    Attributes:
        at: Next window.
        learn_at: Window at which limits are learned again.
        learned: Limits; None before the first.
        charts: [2, S] CUSUM charts, upward and downward.
        rising: [2, S] window since which each chart is above 0.
        evidence: [S, bets] e-detector of the loss against the reference.
        side: [S] side of the open alarm, 0 without one.
        moved: [2, S] sum of the distances since the open alarm was raised, and their number.
        back: [S] chart of the evidence that the stream has come back.
        back_since: [S] window since which that chart is above 0.
        left_out: [S, at] windows that are not learned from.
        judged_from: [S] first window that could be judged; `NEVER` while there are no limits.
        base: [S] level that a loss is proven against, a cautious bound of the reference or of the
            first level that was learned; nan where there is none.
        most_between: [S] upper limit of the variance between windows by those of the reference; inf
            without them.
        most_correlation: [S] the same of the correlation of neighbours.
        marks: Every alarm so far, in the order in which they were raised.
    """

    at: int
    learn_at: int
    learned: Learned | None
    charts: Floats
    rising: NDArray[np.int64]
    evidence: Floats
    side: NDArray[np.int8]
    moved: Floats
    back: Floats
    back_since: NDArray[np.int64]
    left_out: Bools
    judged_from: NDArray[np.int64]
    base: Floats
    most_between: Floats
    most_correlation: Floats
    marks: tuple[Mark, ...]

    @classmethod
    def start(cls, streams: Streams) -> State:
        """Nothing seen yet but the history."""
        count, begin = len(streams.keys), streams.begin
        return cls(
            at=begin,
            learn_at=begin,
            learned=None,
            charts=np.zeros((2, count)),
            rising=np.full((2, count), NEVER, dtype=np.int64),
            evidence=e_detector.start(count),
            side=np.zeros(count, dtype=np.int8),
            moved=np.zeros((2, count)),
            back=np.zeros(count),
            back_since=np.full(count, NEVER, dtype=np.int64),
            left_out=np.zeros((count, begin), dtype=np.bool_),
            judged_from=np.full(count, NEVER, dtype=np.int64),
            base=np.full(count, np.nan),
            most_between=np.full(count, np.inf),
            most_correlation=np.full(count, np.inf),
            marks=(),
        )

    def encode(self) -> bytes:
        """The state as bytes, for `decode`."""
        box = io.BytesIO()
        np.savez_compressed(box, allow_pickle=False, version=VERSION, **_flat(self))
        return box.getvalue()

    @classmethod
    def decode(cls, data: bytes) -> State:
        """The state that `encode` wrote.

        Raises:
            DataError: The bytes are no state, or of another version.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as box:
                found = {name: box[name] for name in box.files}
            version = int(found.pop("version"))
            if version == VERSION:
                return _restored(found)
        except BROKEN as error:
            raise DataError(
                "detector state cannot be read",
                expected="the bytes that `State.encode` wrote",
                hint="Leave it out: it is computed again from the measurements.",
            ) from error
        raise DataError(
            "detector state is of another version", expected=str(VERSION), got=str(version)
        )


def _flat(value: object, prefix: str = "") -> dict[str, Any]:
    """The fields of nested values by dotted name."""
    found: dict[str, Any] = {}
    for field in fields(value):  # type: ignore[arg-type]
        part = getattr(value, field.name)
        if is_dataclass(part):
            found |= _flat(part, f"{prefix}{field.name}.")
        elif field.name == "marks":
            found["marks"] = np.array(part, dtype=np.int64).reshape(-1, len(Mark._fields))
        elif part is not None:
            found[f"{prefix}{field.name}"] = np.asarray(part)
    return found


def _restored(found: Mapping[str, NDArray[Any]]) -> State:
    def part(name: str) -> dict[str, Any]:
        """The fields of one nested value; what has no axis becomes a number again."""
        own = {k[len(name) :]: v for k, v in found.items() if k.startswith(name)}
        return {k: v if v.ndim else v.item() for k, v in own.items() if "." not in k}

    own = part("")
    own["marks"] = tuple(Mark(*map(int, row)) for row in found["marks"])
    learned = part("learned.")
    if learned:
        learned["season"] = Season(**part("learned.season."))
        learned["variation"] = NaturalVariation(**part("learned.variation."))
    return State(**own, learned=Learned(**learned) if learned else None)
