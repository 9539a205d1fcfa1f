import math

import pyarrow as pa

from wane.engine.described import pack_description, unpack_description
from wane.sources.description import Description


def test_a_description_comes_back() -> None:
    sample = pa.table({'a"; --': pa.array(["x", None, "x"]).dictionary_encode(), "n": [1.5, 2, 3]})
    given = Description("log.csv", 3, sample, {"n": (-math.inf, 3.0)}, ("a note",))
    back = unpack_description(pack_description(given))
    assert back.sample.equals(sample)
    assert (back.name, back.rows, back.ranges, back.notes) == (
        *("log.csv", 3, {"n": (-math.inf, 3.0)}, ("a note",)),
    )
