"""Class names: one text for each value, however it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NULL = -1
NO_CLASS = -2


def class_text(value: object) -> str | None:
    """The text by which a value is counted; None for null and NaN.

    Whole numbers have no decimals ("1" also for 1.0), booleans are "true" and "false".
    """
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            if value != value:  # noqa: PLR0124  # NaN is the only value unequal to itself
                return None
            return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)


def class_codes(array: pa.Array, classes: Sequence[str]) -> NDArray[np.int64]:
    """Index of each row's class.

    Args:
        array: Any Arrow array of n values.
        classes: Names of the classes. Booleans also match classes "0" and "1".

    Returns:
        [n] index into `classes`, -1 for null, -2 for a value that is none of the classes.
    """
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    place = {name: index for index, name in enumerate(classes)}
    place |= {
        alias: place[name]
        for alias, name in (("true", "1"), ("false", "0"), ("1", "true"), ("0", "false"))
        if name in place and alias not in place
    }
    texts = [class_text(value) for value in encoded.dictionary.to_pylist()]
    codes = [NULL if text is None else place.get(text, NO_CLASS) for text in texts]
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices.cast(pa.int64()), len(codes))
    lookup = np.array([*codes, NULL], dtype=np.int64)
    taken: NDArray[np.int64] = lookup[indices.to_numpy(zero_copy_only=False)]
    return taken
