"""Numbers with wrong cells among them: handed on as text, so that wrong is not missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from wane.profile.values import is_text, to_numbers
from wane.sources.epochs import are_epochs
from wane.sources.identity import id_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_WRONG = 0.01
"""Cells that are numbers but for less than this share are numbers; the others are wrong."""


def mostly(numbers: int, filled: int) -> bool:
    """Whether so many numbers among the filled cells make a column of numbers."""
    return filled - numbers < MOST_WRONG * filled


def with_wrong_cells(numbers: pa.Array, wrong: pa.Array) -> pa.Array:
    """Numbers and the texts that are none in one array of text, as `to_numbers` reads it.

    Args:
        numbers: [n] null where there is no number.
        wrong: [n] the text of a cell that is not a number, else null.

    Returns:
        `numbers` as they are where no cell is wrong; also where they are no floats, or event
        times, since neither is read from text without loss.
    """
    is_clean = wrong.null_count == len(wrong)
    if is_clean or not pa.types.is_floating(numbers.type) or are_epochs(numbers):
        return numbers
    return pc.coalesce(wrong, id_text(numbers))


def numbers_only(
    batches: Iterable[pa.RecordBatch], fields: Mapping[str, pa.DataType]
) -> Iterator[pa.RecordBatch]:
    """The batches with the types of `fields`: cells that are wrong become null."""
    for batch in batches:
        arrays = [
            _numbers(array) if pa.types.is_floating(fields[name]) and is_text(array.type) else array
            for name, array in zip(batch.schema.names, batch.columns, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _numbers(texts: pa.Array) -> pa.Array:
    return pa.array(to_numbers(texts).values, pa.float64(), from_pandas=True)
