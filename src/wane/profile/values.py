"""From Arrow arrays to what is counted: float64 numbers, or texts by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.classes import class_text

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
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _numbers_of_dictionary(array)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _numbers_of_dictionary(array.dictionary_encode())
    nulls = _nulls(array)
    plain = _plain(array)
    if plain is not None:
        return Numbers(_floats(plain), nulls)
    nothing = np.full(len(array), np.nan)
    if pa.types.is_null(kind):
        return Numbers(nothing, nulls)
    return Numbers(nothing, nulls, np.ones(len(array), dtype=bool) if nulls is None else ~nulls)


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
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
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
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        parsed = np.array([_parse(text) for text in values.to_pylist()], dtype=np.float64)
        wrong_value = np.isnan(parsed) & np.array(
            [not _is_nan(text) for text in values.to_pylist()], dtype=bool
        )
    else:
        parsed = to_numbers(values).values
        wrong_value = np.zeros(len(parsed), dtype=bool)
    texts = array.indices
    nulls = _nulls(texts)
    filled = pc.fill_null(texts, 0) if texts.null_count else texts
    codes = filled.to_numpy(zero_copy_only=False).astype(np.intp)
    if not len(parsed):
        return Numbers(np.full(len(array), np.nan), nulls)
    numbers, wrong = parsed[codes], wrong_value[codes]
    if nulls is not None:
        numbers[nulls] = np.nan
        wrong &= ~nulls
    return Numbers(numbers, nulls, wrong if wrong.any() else None)


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
