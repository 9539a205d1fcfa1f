"""Class values as text, so that `1`, `1.0`, `true` and "1" can mean the same answer."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MISSING = -1
"""Code of a row without a class (null, NaN or an empty text)."""
UNKNOWN = -2
"""Code of a row whose value is none of the classes."""
FEW_NUMBERS = 256
"""Whole numbers within so narrow a range are counted off instead of hashed."""
SAME_ANSWER = {"true": "1", "false": "0", "1": "true", "0": "false"}


def class_text(value: object) -> str | None:
    """The canonical text of a class value.

    Args:
        value: A text, boolean, integer, float, decimal, numpy scalar or None; bytes are UTF-8.

    Returns:
        Whole numbers without decimals ("1" for 1, 1.0 and Decimal("1.00")), booleans as "true"
        or "false", text unchanged; None for None and NaN.
    """
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or plain != plain:  # noqa: PLR0124 - true of NaN of any type, and of it alone
        return None
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, bytes):
        return plain.decode("utf-8", "replace")
    if isinstance(plain, float | Decimal) and math.isfinite(plain) and plain == int(plain):
        return str(int(plain))
    return str(plain)


def class_number(name: str) -> float | None:
    """The number that a class name spells; None when it is a word."""
    try:
        return float(name)
    except ValueError:
        return None


def stored(array: pa.Array) -> pa.Array:
    """The values behind an extension type or a run-end encoding; other arrays unchanged."""
    if isinstance(array, pa.ExtensionArray):
        return stored(array.storage)
    return pc.run_end_decode(array) if pa.types.is_run_end_encoded(array.type) else array


def dictionary_encoded(array: pa.Array) -> pa.DictionaryArray:
    """Any Arrow array as a dictionary; values that Arrow cannot encode, as lists, by their text."""
    values = stored(array)
    if pa.types.is_dictionary(values.type):
        return values
    if pa.types.is_integer(values.type) and len(values) and not values.null_count:
        numbers = values.to_numpy(zero_copy_only=True)
        low, high = numbers.min(), numbers.max()
        if int(high) - int(low) < FEW_NUMBERS:
            codes = (numbers - low).astype(np.uint8)  # exact, though int8 may have wrapped around
            every = pa.array(range(int(low), int(high) + 1), values.type)
            return pa.DictionaryArray.from_arrays(pa.array(codes), every)
    try:
        return values.dictionary_encode()
    except pa.ArrowNotImplementedError:
        texts = [class_text(value) for value in values.to_pylist()]
        return pa.array(texts, pa.string()).dictionary_encode()


def class_codes(array: pa.Array, classes: Sequence[str]) -> NDArray[np.int64]:
    """The index in `classes` of each row's class.

    A value that is not among the classes as it stands is tried as a boolean word or a whole
    number: `True`, "True" and "1.0" are found in classes ("0", "1").

    Args:
        array: Text, boolean, numeric, decimal or dictionary array (chunked or not), shape [n].
        classes: Class names as `class_text` writes them.

    Returns:
        Shape [n]: 0 .. len(classes) - 1, or `MISSING`, or `UNKNOWN`. Empty for empty input.
    """
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_null(whole.type):
        return np.full(len(whole), MISSING, dtype=np.int64)
    encoded = dictionary_encoded(whole)
    positions = {name: index for index, name in enumerate(classes)}
    values = encoded.dictionary.to_pylist()
    codes = np.array([*(_code(value, positions) for value in values), MISSING], dtype=np.int64)
    indices = encoded.indices
    if indices.null_count:
        indices = indices.cast(pa.int64()).fill_null(len(values))
    found: NDArray[np.int64] = codes[indices.to_numpy(zero_copy_only=False)]
    return found


def _code(value: object, positions: dict[str, int]) -> int:
    text = class_text(value)
    if text is None:
        return MISSING
    if text in positions:
        return positions[text]
    if is_blank(text):
        return MISSING
    canonical = canonical_class(text)
    if canonical in positions:
        return positions[canonical]
    return positions.get(SAME_ANSWER.get(canonical, canonical), UNKNOWN)


def is_blank(text: str) -> bool:
    """Whether a text names no class: files without null leave the cell of such a row empty."""
    return not text.strip()


def canonical_class(text: str) -> str:
    """Boolean words in lower case and whole numbers without decimals; else the text itself."""
    lowered = text.strip().lower()
    if lowered in SAME_ANSWER:
        return lowered
    whole, point, decimals = lowered.partition(".")
    return whole if point and not decimals.strip("0") and whole.lstrip("+-").isdigit() else text
