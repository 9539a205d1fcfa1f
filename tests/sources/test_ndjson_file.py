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
    assert whole(source)["a"][-2:] == ["20999", "many"]
    assert "'a': cells that are not numbers" in source.notes()[0]


def test_a_few_texts_leave_a_key_of_numbers(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"x": 1.5, "n": 2 if index % 2 else "n/a", "s": "5", "half": index % 2 or "x"}
        for index in range(300)
    ]
    rows[7]["x"], rows[9]["x"] = "#REF!", "2.5"
    source = opened(tmp_path, "\n".join(map(json.dumps, rows)))
    assert source.fields() == {
        "x": pa.float64(),
        "n": pa.float64(),
        "s": pa.string(),
        "half": pa.string(),
    }
    description = source.describe()
    assert description.ranges == {"x": (1.5, 2.5), "n": (2, 2)}
    assert description.notes == (
        "column 'x': cells that are not numbers are left out (1, for example '#REF!')",
    )


def test_words_for_missing_among_texts_stay_texts(tmp_path: Path) -> None:
    source = opened(tmp_path, '{"promo": "none"}\n{"promo": "NA"}\n')
    assert whole(source) == {"promo": ["none", "NA"]}


def test_keys_that_first_occur_late_are_read(tmp_path: Path) -> None:
    late = [{"a": 1, "code": "007", "x": 0.5}, {"it's": True, "x": 2, "obj": {"y": 1}}]
    rows = '{"a": 1}\n' * 21_000 + "\n".join(map(json.dumps, late))
    source = opened(tmp_path, rows)
    assert source.fields() == {
        "a": pa.float64(),
        "code": pa.string(),
        "x": pa.float64(),
        "it's": pa.bool_(),
    }
    found = whole(source)
    assert found["x"][-3:] == [None, 0.5, 2.0]
    assert found["code"][-2:] == ["007", None]
    assert found["it's"][-2:] == [None, True]
    assert source.notes() == ("column 'obj' holds JSON objects or lists, which are not monitored",)


def test_late_keys_beyond_what_memory_allows_are_told(tmp_path: Path) -> None:
    many = {f"k{index:04}": 1 for index in range(1_003)}
    rows = '{"a": 1}\n' * 20_480 + json.dumps(many) + "\n" + json.dumps({"rare": 1, **many})
    source = opened(tmp_path, rows)
    assert len(source.fields()) == 1_001
    (note,) = source.notes()
    assert note == (
        "4 keys that first occur after 20,480 rows are not read "
        "(7 values; for example 'k1000', 'k1001', 'k1002', 'rare')"
    )


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
