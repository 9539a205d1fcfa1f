from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from sources.whole import whole
from wane.errors import SourceError
from wane.sources.text import TextSource

if TYPE_CHECKING:
    from pathlib import Path


def opened(directory: Path, text: str) -> TextSource:
    path = directory / "a.ndjson"
    path.write_text(text)
    return TextSource("log", [str(path)], "ndjson")


def test_types_are_those_of_the_values(tmp_path: Path) -> None:
    rows = [
        {
            "n": 1,
            "f": 0.5,
            "b": True,
            "s": "007",
            "mixed": 1,
            "big": 2**60,
            "list": [1],
            "late": None,
        },
        {"n": 2, "s": None, "mixed": "x", "late": 3, "obj": {"a": 1}},
    ]
    source = opened(tmp_path, "\n".join(map(json.dumps, rows)))
    assert whole(source) == {
        "n": [1.0, 2.0],
        "f": [0.5, None],
        "b": [True, None],
        "s": ["007", None],
        "mixed": ["1", "x"],
        "big": [2**60, None],
        "late": [None, 3.0],
    }
    assert [note.split()[1] for note in source.notes()] == ["'list'", "'obj'"]


def test_lines_that_are_no_objects_are_counted(tmp_path: Path) -> None:
    source = opened(tmp_path, '{"a": 1}\nnot json\n[1]\n"text"\n{"a": 2}\n')
    for _ in range(2):
        assert whole(source) == {"a": [1.0, 2.0]}
        assert source.rejected() == (("line that is not a JSON object", 3),)


def test_values_of_another_kind_further_down(tmp_path: Path) -> None:
    rows = "".join(f'{{"a": {index}}}\n' for index in range(21_000))
    source = opened(tmp_path, rows + '{"a": "many"}\n')
    assert source.fields() == {"a": pa.float64()}
    assert whole(source)["a"][-2:] == [20_999.0, None]
    assert "'a': cells that are not numbers" in source.notes()[0]


def test_an_array_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1},\n {"a": 2}]')
    assert whole(TextSource("log", [str(path)], "ndjson")) == {"a": [1.0, 2.0]}


def test_hostile_keys(tmp_path: Path) -> None:
    row = {'a"; drop table x; --': 1, "~/": 2, "A": 3, "a": 4, "$.x[0]": 5, "": 6, "it's": 7}
    assert whole(opened(tmp_path, json.dumps(row))) == {key: [value] for key, value in row.items()}


@pytest.mark.parametrize("text", ["", "\n", "not json\n", "[]\n", "1\n2\n"])
def test_no_rows(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"a\.ndjson"):
        opened(tmp_path, text).describe()
