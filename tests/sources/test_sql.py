from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.whole import whole
from wane.errors import ConfigError, SourceError
from wane.sources.frame import FrameSource
from wane.sources.parquet import ParquetSource
from wane.sources.sql import SqlSource

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = 'a"; drop table x; --'
ROWS = {"x": [1, 2, 3, 4], "s": ["u", "v", None, "u"], "A": [1, 0, 1, 0], "a": [5, 6, 7, 8]}


def over(where: str | None = None, **derive: str) -> SqlSource:
    return SqlSource(FrameSource({**ROWS, HOSTILE: [9, 9, 9, 9]}), where, list(derive.items()))


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("x > 2", [3, 4]),
        ("X > 2 -- with a word", [3, 4]),
        ("s = 'u' AND NOT x IN (1)", [4]),
        ("s IS NULL", [3]),
        ("coalesce(s, 'none') LIKE 'n%'", [3]),
        ('"A" = 1', [1, 3]),
        ('"a" > 7', [4]),
        ('"a""; drop table x; --" = 9', [1, 2, 3, 4]),
        ("x BETWEEN 2 AND 3", [2, 3]),
        ("CASE WHEN x > 1 THEN x::VARCHAR = '2' ELSE true END", [1, 2]),
        ("list_contains([1, 4], x)", [1, 4]),
        ("true", [1, 2, 3, 4]),
        ("false", []),
    ],
)
def test_where(where: str, kept: list[int]) -> None:
    assert whole(over(where), "x") == {"x": kept}


def test_derived_columns() -> None:
    source = over("double > 2", double="2 * x", x="x + 100", text="upper(s)", one="1")
    found = whole(source)
    assert found["double"] == [4, 6, 8]
    assert found["x"] == [102, 103, 104]
    assert found["text"] == ["V", None, "U"]
    assert found["one"] == [1, 1, 1]
    assert found["A"] == [0, 1, 0]
    assert found["a"] == [6, 7, 8]
    assert found[HOSTILE] == [9, 9, 9]
    assert whole(source, "one") == {"one": [1, 1, 1]}


def test_describe() -> None:
    description = over("x > 1", day="DATE '2026-01-01' + x::INTEGER").describe(sample_rows=2)
    assert description.rows == 3
    assert description.sample.num_rows == 2
    assert description.ranges["x"] == (2, 4)
    assert description.sample.schema.field("day").type == pa.date32()


def test_order_is_kept_over_many_batches() -> None:
    frame = {"x": np.arange(400_000), "s": np.arange(400_000).astype(str)}
    found = whole(SqlSource(FrameSource(frame), "x % 3 = 0"), "x")
    assert found["x"] == list(range(0, 400_000, 3))


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "x >",
        "x) OR (1 = 1",
        "x; DROP TABLE rows",
        "x > 1 LIMIT 5",
        "x FROM rows",
        "x, s",
        "x AS y",
        "*",
        "COLUMNS('x')",
        "?",
        "(SELECT 1)",
        "x IN (SELECT 1)",
        "EXISTS (FROM 'secret.csv')",
        "sum(x) > 1",
        "row_number() OVER () < 3",
        "unnest([1, 2])",
        "read_text('secret.txt')",
        "getenv('HOME') = ''",
        "current_setting('memory_limit') = ''",
        "query('SELECT 1')",
        "no_such_function(x)",
        "no_such_column > 1",
        "s > DATE '2026-01-01' + 'a'",
    ],
)
def test_what_is_refused(expression: str) -> None:
    with pytest.raises(ConfigError, match="where"):
        over(expression)
    with pytest.raises(ConfigError, match="derive"):
        over(None, new=expression)


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"got 'amuont'.*columns of frame|columns of frame.*amuont"
    ) as caught:
        SqlSource(FrameSource({"amount": [1]}), "amuont > 1")
    assert caught.value.hint == "Did you mean 'amount'?"


def test_a_cast_that_fails_on_the_data() -> None:
    with pytest.raises(ConfigError, match="fails on frame") as caught:
        whole(over(None, n="CAST(s AS INTEGER)"), "n")
    assert "TRY_CAST" in str(caught.value.hint)
    assert whole(over(None, n="TRY_CAST(s AS INTEGER)"), "n") == {"n": [None] * 4}


def test_no_row_is_left() -> None:
    with pytest.raises(SourceError, match=r"no rows.*loosen"):
        over("x > 99").describe()


def test_an_error_of_the_source_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.arange(100_000)}), path, compression="none")
    source = SqlSource(ParquetSource("log", [str(path)]), "x >= 0")
    content = bytearray(path.read_bytes())
    content[4:400_000] = b"\xff" * 399_996
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"a\.parquet cannot be read"):
        whole(source)
