from __future__ import annotations

import pyarrow as pa
import pytest

from wane.sources.identity import id_text


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([7, None, -1]), ["7", None, "-1"]),
        (pa.array([7.0, float("nan"), 0.5]), ["7", None, "0.5"]),
        (pa.array([2**63 - 1]), ["9223372036854775807"]),
        (pa.array(["007", None]), ["007", None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.nulls(1), [None]),
        (pa.array([], pa.int64()), []),
    ],
)
def test_text(array: pa.Array, texts: list[str | None]) -> None:
    found = id_text(array)
    assert found.type == pa.string()
    assert found.to_pylist() == texts
