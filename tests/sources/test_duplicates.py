from __future__ import annotations

import pytest

from wane.errors import SchemaError
from wane.sources.duplicates import count_duplicate_ids
from wane.sources.frame import FrameSource


def test_rows_beyond_the_first_of_each_id() -> None:
    source = FrameSource({"id": ["a", "b", "a", "a", None, None, "c", "c"], "n": [1.0] * 8})
    assert count_duplicate_ids(source, "id") == 3
    assert count_duplicate_ids(source, "n") == 7
    assert count_duplicate_ids(FrameSource({"id": [1, 2]}), "id") == 0


def test_a_missing_column() -> None:
    with pytest.raises(SchemaError, match="no column 'key'"):
        count_duplicate_ids(FrameSource({"id": [1]}), "key")
