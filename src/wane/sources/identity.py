"""Ids as text, so that the same id written as 7, 7.0 or "7" is one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def id_text(array: pa.Array) -> pa.Array:
    """Ids of any monitored type as text; whole floats without decimals, NaN as null.

    Args:
        array: Shape [n].

    Returns:
        string array, shape [n]; null stays null.
    """
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    if not pa.types.is_floating(plain.type):
        return plain.cast(pa.string())
    number = plain.cast(pa.float64())
    whole = pc.and_(pc.equal(pc.floor(number), number), pc.less(pc.abs(number), 2.0**53))
    digits = pc.if_else(whole, number, None).cast(pa.int64(), safe=False).cast(pa.string())
    return pc.if_else(pc.is_nan(number), None, pc.coalesce(digits, number.cast(pa.string())))
