"""From Arrow arrays to what is counted: float64 numbers, or texts by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.classes import class_text, dictionary_encoded, stored

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column as numbers.

    Attributes:
        values: [n] float64; NaN where there is no number.
        nulls: [n] True where the cell is null; None when none is.
        wrong: [n] True where a text is not a number; None when none is.
    """

    values: NDArray[np.float64]
    nulls: NDArray[np.bool_] | None = None
    wrong: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """A column as texts: [n] position in `names`, -1 for null."""

    codes: NDArray[np.intp]
    names: list[str]


def to_numbers(array: pa.Array) -> Numbers:
    """Any Arrow array as float64.

    Booleans become 0 and 1, times microseconds since 1970, decimals the nearest float; texts are
    read as numbers where they are numbers. Other types give NaN everywhere, marked wrong.
    """
    array = stored(array)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _numbers_of_dictionary(array)
    if is_text(kind):
        return _numbers_of_dictionary(array.dictionary_encode())
    nulls = _nulls(array)
    plain = _plain(array)
    if plain is not None:
        return Numbers(_floats(plain), nulls)
    nothing = np.full(len(array), np.nan)
    if pa.types.is_null(kind):
        return Numbers(nothing, nulls)
    return Numbers(nothing, nulls, np.ones(len(array), dtype=bool) if nulls is None else ~nulls)


def is_text(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type are texts."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _plain(array: pa.Array) -> pa.Array | None:
    """The array as Arrow integers or floats; None for types that are no numbers."""
    kind = array.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return array
    if pa.types.is_boolean(kind):
        return array.cast(pa.uint8())
    if pa.types.is_decimal(kind):
        return array.cast(pa.float64())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        zone = getattr(kind, "tz", None)
        return array.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())
    return None


def to_texts(array: pa.Array) -> Texts:
    """Any Arrow array as texts: whole numbers without decimals, booleans as true and false."""
    encoded = dictionary_encoded(array)
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int64()), -1)
    codes = indices.to_numpy(zero_copy_only=False).astype(np.intp)
    values = encoded.dictionary
    names = [class_text(value) for value in values.to_pylist()]
    if None in names:
        gone = np.array([name is None for name in names])
        codes = np.where((codes >= 0) & gone[codes], -1, codes)
    return Texts(codes, ["" if name is None else name for name in names])


def no_texts(count: int) -> Texts:
    """A column of nulls."""
    return Texts(np.full(count, -1, dtype=np.intp), [])


def _numbers_of_dictionary(array: pa.DictionaryArray) -> Numbers:
    """Numbers of a dictionary array, reading each distinct value once."""
    values = array.dictionary
    distinct = _read_texts(values) if is_text(values.type) else to_numbers(values)
    indices = array.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int64()), len(values))
    codes = indices.to_numpy(zero_copy_only=False).astype(np.intp)
    numbers = np.append(distinct.values, np.nan)[codes]
    nulls = _of_codes(distinct.nulls, codes, len(values), beyond=True)
    return Numbers(numbers, nulls, _of_codes(distinct.wrong, codes, len(values), beyond=False))


def _of_codes(
    flags: NDArray[np.bool_] | None, codes: NDArray[np.intp], count: int, *, beyond: bool
) -> NDArray[np.bool_] | None:
    """Flags of the rows from those of `count` distinct values; None when none is set."""
    found = np.append(np.zeros(count, dtype=bool) if flags is None else flags, beyond)[codes]
    return found if found.any() else None


def _read_texts(values: pa.Array) -> Numbers:
    """Texts as the numbers they spell."""
    texts = values.to_pylist()
    numbers = np.array([_parse(text) for text in texts], dtype=np.float64)
    spelled = np.array([_is_nan(text) for text in texts], dtype=bool)
    return Numbers(numbers, _nulls(values), np.isnan(numbers) & ~spelled)


def _parse(text: str | None) -> float:
    """The number a text stands for; NaN when it is none."""
    try:
        return float(text) if text is not None else np.nan
    except ValueError:
        return np.nan


def _is_nan(text: str | None) -> bool:
    """Whether a text is a spelling of NaN, so that it is a number and not a wrong type."""
    return text is None or text.strip().lower() in {"nan", "+nan", "-nan"}


def _floats(array: pa.Array) -> NDArray[np.float64]:
    """A numeric array as float64, nulls as NaN; without a copy where that is possible."""
    if array.null_count == 0:
        return np.asarray(array.to_numpy(zero_copy_only=True), dtype=np.float64)
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=np.float64)


def _nulls(array: pa.Array) -> NDArray[np.bool_] | None:
    """Where an array is null; None when nowhere."""
    if array.null_count == 0:
        return None
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False))
