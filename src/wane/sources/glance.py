"""A glance at each column of a sample: what inference goes by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from wane.classes import canonical_class, class_text, is_blank
from wane.profile.clock import BROKEN_TIME, NO_TIME, to_times
from wane.sources.columns import family
from wane.sources.survey import column_range

if TYPE_CHECKING:
    from wane.sources.description import Description


@dataclass(frozen=True)
class Glance:
    """One column of the sample.

    Attributes:
        name: Its name.
        family: number, text, boolean, time or null.
        array: Its values in the sample.
        filled: Values that are neither null nor NaN.
        whole: A number without decimals in any row.
        low: Smallest finite value over all rows where known, else in the sample; None for text.
        high: Largest.
    """

    name: str
    family: str
    array: pa.Array
    filled: int
    whole: bool
    low: float | None
    high: float | None

    @cached_property
    def distinct(self) -> int:
        """Different values among those that are filled; takes a while, and few columns need it."""
        if pa.types.is_null(self.array.type):
            return 0
        coded = pa.types.is_dictionary(self.array.type)
        found: int = pc.count_distinct(self.array.indices if coded else self.array).as_py()
        return found

    def classes(self) -> set[str]:
        """The canonical texts of its values, with the ends of its range when it is whole."""
        texts = {class_text(value) for value in pc.unique(self.array).to_pylist()}
        if self.whole and self.low is not None:
            texts |= {class_text(self.low), class_text(self.high)}
        return {canonical_class(text) for text in texts if text is not None and not is_blank(text)}

    def counts(self) -> dict[str, int]:
        """Canonical text -> rows in the sample."""
        found: dict[str, int] = {}
        for each in pc.value_counts(self.array).to_pylist():
            text = class_text(each["values"])
            if text is not None and not is_blank(text):
                name = canonical_class(text)
                found[name] = found.get(name, 0) + each["counts"]
        return found

    def within(self, low: float, high: float) -> bool:
        """A number whose values all lie in [low, high]; at least one is known."""
        if self.family != "number" or self.low is None or self.high is None:
            return False
        return low <= self.low and self.high <= high

    def share_of_times(self) -> float:
        """Share of the values that can be read as event times; 0 when there is no value."""
        times = to_times(self.array)
        known = times != NO_TIME
        return float((times[known] > BROKEN_TIME).mean()) if known.any() else 0.0


def glances(description: Description) -> dict[str, Glance]:
    """A glance at every column of the sample, by name."""
    sample = description.sample
    return {
        name: _glance(name, _whole_array(column), description.ranges.get(name))
        for name, column in zip(sample.column_names, sample.columns, strict=True)
    }


def _whole_array(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return column.unify_dictionaries().combine_chunks()
    return column.combine_chunks()


def _glance(name: str, array: pa.Array, known: tuple[float, float] | None) -> Glance:
    kind = family(array.type)
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), None, array)
    low, high = known or column_range(array) or (None, None)
    return Glance(
        name=name,
        family=kind,
        array=array,
        filled=len(array) - array.null_count,
        whole=kind == "number" and _is_whole(array),
        low=low,
        high=high,
    )


def _is_whole(array: pa.Array) -> bool:
    if pa.types.is_integer(array.type):
        return True
    finite = array.filter(pc.fill_null(pc.is_finite(array), False))
    return len(finite) > 0 and bool(pc.all(pc.equal(pc.floor(finite), finite)).as_py())
