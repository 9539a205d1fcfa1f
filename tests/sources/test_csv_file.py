from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from sources.whole import whole
from wane.errors import SourceError
from wane.profile.values import to_numbers
from wane.sources.text import TextSource

if TYPE_CHECKING:
    from pathlib import Path


def opened(directory: Path, *texts: str, kind: str = "csv") -> TextSource:
    paths = []
    for index, text in enumerate(texts):
        path = directory / f"{index}.{kind}"
        path.write_text(text)
        paths.append(str(path))
    return TextSource("log", paths, kind)


def test_types_are_told_from_the_cells(tmp_path: Path) -> None:
    source = opened(
        tmp_path,
        "whole,broken,code,flag,day,at,zoned,word,long\n"
        "1,1.5,007,true,2026-01-02,2026-01-02 03:04:05,2026-01-02T03:04:05+02:00,NA,"
        "1234567890123456789\n"
        "2,-2e3,010,false,2026-01-03,2026-01-03 03:04:05,2026-01-02T03:04:05+00:00,b,1\n",
    )
    assert source.fields() == {
        "whole": pa.float64(),
        "broken": pa.float64(),
        "code": pa.string(),
        "flag": pa.bool_(),
        "day": pa.date32(),
        "at": pa.timestamp("us"),
        "zoned": pa.timestamp("us", "UTC"),
        "word": pa.string(),
        "long": pa.int64(),
    }
    found = whole(source)
    assert found["code"] == ["007", "010"]
    assert found["word"] == ["NA", "b"]
    assert found["long"] == [1234567890123456789, 1]
    assert found["zoned"][0].isoformat() == "2026-01-02T01:04:05+00:00"


def test_other_ways_to_write_dates(tmp_path: Path) -> None:
    source = opened(tmp_path, "x,d\n1,25/12/2025\n2,26/12/2025\n")
    assert [day.isoformat() for day in whole(source)["d"]] == ["2025-12-25", "2025-12-26"]
    assert source.notes() == ("column 'd' is read as %d/%m/%Y",)
    source = opened(tmp_path, "x,t\n1,12/1/2025 9:00\n2,12/31/2025 11:30\n")
    assert [time.isoformat() for time in whole(source)["t"]] == [
        "2025-12-01T09:00:00",
        "2025-12-31T11:30:00",
    ]
    assert source.notes() == ("column 't' is read as %m/%d/%Y %H:%M",)


@pytest.mark.parametrize("spelling", ["", "NA", "null", "NaN", "nan", "None", " "])
def test_spellings_of_a_missing_number(tmp_path: Path, spelling: str) -> None:
    source = opened(tmp_path, f"x,s\n1,a\n{spelling},b\n2.5,c\n")
    assert whole(source, "x") == {"x": [1.0, None, 2.5]}
    assert source.notes() == ()


def test_a_cell_that_does_not_parse_costs_only_itself(tmp_path: Path) -> None:
    rows = "".join(f"{index},{index}\n" for index in range(30_000))
    source = opened(tmp_path, f"x,y\n{rows}abc,7\n8.5,8\n")
    found = whole(source)
    assert found["x"][-2:] == ["abc", "8.5"]
    assert found["y"][-2:] == [7.0, 8.0]
    assert source.rejected() == ()
    told = ("column 'x': cells that are not numbers are left out (1, for example 'abc')",)
    assert source.notes() == told
    description = source.describe()
    assert description.notes == told
    assert description.sample.column("x").to_pylist()[-2:] == [None, 8.5]
    assert description.ranges["x"] == (0, 29_999)


@pytest.mark.parametrize("wrong", ["#REF!", "unknown", "12 EUR", "1,5"])
def test_a_few_cells_that_are_no_numbers_leave_a_column_of_numbers(
    tmp_path: Path, wrong: str
) -> None:
    cells = [str(index / 4) for index in range(2_400)]
    cells[70] = cells[1_900] = f'"{wrong}"'
    source = opened(tmp_path, "x,y\n" + "".join(f"{cell},1\n" for cell in cells))
    assert source.fields()["x"] == pa.float64()
    description = source.describe()
    assert description.sample.column("x").null_count == 2
    assert description.ranges["x"] == (0, 2_399 / 4)
    assert description.notes == (
        f"column 'x': cells that are not numbers are left out (2, for example {wrong!r})",
    )
    (array,) = (batch.column("x") for batch in source.batches(["x"]))
    numbers = to_numbers(array)
    assert numbers.nulls is None
    assert numbers.wrong is not None
    assert np.flatnonzero(numbers.wrong).tolist() == [70, 1_900]
    assert np.nansum(numbers.values) == (2_399 * 2_400 / 2 - 70 - 1_900) / 4


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1.5"] * 99 + ["x"], pa.string()),
        (["1.5"] * 100 + ["x"], pa.float64()),
        (["1.5"] * 100 + ["x", "NA", "", "-"], pa.float64()),
        (["1.5"] * 50 + ["NA"] * 100 + ["x"], pa.string()),
        (["007"] + ["12"] * 200 + ["x"], pa.string()),
        (["1234567890123456789"] * 200 + ["x"], pa.int64()),
        (["a"] * 200 + ["1"], pa.string()),
    ],
)
def test_how_many_numbers_make_a_column_of_numbers(
    tmp_path: Path, cells: list[str], kind: pa.DataType
) -> None:
    source = opened(tmp_path, "x,y\n" + "".join(f"{cell},1\n" for cell in cells))
    assert source.fields()["x"] == kind


def test_event_times_are_never_handed_on_as_text(tmp_path: Path) -> None:
    rows = "".join(f"{1_767_225_600 + index}\n" for index in range(500))
    source = opened(tmp_path, f"ts\n{rows}late\n")
    assert whole(source)["ts"][-2:] == [1_767_225_600 + 499, None]
    assert "(1, for example 'late')" in source.notes()[0]


def test_ragged_lines_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{index},u\n" for index in range(3_000))
    source = opened(tmp_path, f"x,s\n{rows}1\n2,v,3\n3,w,4,5\n4,z\n")
    for _ in range(2):
        assert len(whole(source)["x"]) == 3_001
        assert source.rejected() == (
            ("line with too few cells", 1),
            ("line with too many cells", 2),
        )


@pytest.mark.parametrize("at", [100, 990])
def test_lines_after_a_quote_that_is_not_closed_are_counted(tmp_path: Path, at: int) -> None:
    lines = [f"{index},b,{index}" for index in range(1_000)]
    lines[at] = f'{at},"b,{at}'
    source = opened(tmp_path, "x,word,y\n" + "\n".join(lines) + "\n")
    if at == 100:
        with pytest.raises(SourceError, match="899 of 1,000 lines"):
            whole(source)
        return
    assert whole(source)["x"] == list(range(at))
    assert source.rejected() == (
        ("line after a quote that is not closed", 9),
        ("line with a broken quote", 1),
    )


def test_cells_of_several_lines_are_not_taken_for_lost_lines(tmp_path: Path) -> None:
    rows = [f'{index},"first\nsecond",{index}\n' for index in range(1_000)]
    source = opened(tmp_path, "x,word,y\n" + "".join(rows) + '1,"a"b,1\n')
    assert len(whole(source)["x"]) >= 1_000
    assert ("line after a quote that is not closed", 1) not in source.rejected()


def test_a_column_that_is_filled_late_may_have_wrong_cells(tmp_path: Path) -> None:
    empty, rows = "1,,\n" * 21_000, "1,0.5,7\n" * 300
    source = opened(tmp_path, f"x,late,coded\n{empty}{rows}1,oops,oops\n1,2,08\n")
    assert source.fields()["late"] == pa.float64()
    assert source.fields()["coded"] == pa.string()
    assert source.describe().ranges["late"] == (0.5, 2)


def test_a_column_that_is_filled_late_has_its_type(tmp_path: Path) -> None:
    empty = "".join(f"{index},,,\n" for index in range(25_000))
    source = opened(tmp_path, f"x,label,code,never\n{empty}1,1,01,\n2,0,02,\n")
    assert source.fields()["label"] == pa.float64()
    assert source.fields()["code"] == pa.string()
    assert source.fields()["never"] == pa.null()
    assert whole(source, "label")["label"][-2:] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("kind", "cell"), [("csv", ","), ("csv", ";"), ("tsv", "\t"), ("csv", "|")]
)
def test_delimiters(tmp_path: Path, kind: str, cell: str) -> None:
    lines = [["a", "b"], ["1", '"x, ""y""\nz"'], ["2", "w"]]
    source = opened(tmp_path, "\r\n".join(cell.join(line) for line in lines), kind=kind)
    assert whole(source)["a"] == [1.0, 2.0]
    assert whole(source)["b"][1] == "w"


def test_compressed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x,y\n1,2\n"))
    assert whole(TextSource("log", [str(path)], "csv")) == {"x": [1.0], "y": [2.0]}


def test_hostile_names(tmp_path: Path) -> None:
    header = '"a""; drop table x; --",A,a,a,,[x]\n'
    source = opened(tmp_path, header + "1,2,3,4,5,6\n")
    assert whole(source) == {
        'a"; drop table x; --': [1.0],
        "A": [2.0],
        "a": [3.0],
        "a (2)": [4.0],
        "Unnamed: 4": [5.0],
        "[x]": [6.0],
    }
    assert "'a' occurs more than once" in source.notes()[0]


def test_a_path_that_looks_like_a_glob(tmp_path: Path) -> None:
    path = tmp_path / "it's [1] *?.csv"
    path.write_text("x\n1\n")
    assert whole(TextSource("log", [str(path)], "csv")) == {"x": [1.0]}


def test_the_first_file_rules(tmp_path: Path) -> None:
    source = opened(tmp_path, "x,y,w\n1,2,a\n", "y,x,z\nword,0.5,1\n")
    assert whole(source) == {"x": [1.0, 0.5], "y": ["2", "word"], "w": ["a", None]}
    told = "; ".join(source.notes())
    assert "no column 'w'" in told
    assert "a column 'z'" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows"),
        ("a,b\n", "has no rows"),
        ("a,b", "has no rows"),
        ("1,2\n3,4\n", "no header line"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        opened(tmp_path, text).describe()


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,ok\n2,\xff\xfe\n3,fine\n")
    source = TextSource("log", [str(path)], "csv")
    found = whole(source)
    assert found["a"] == [1.0, 3.0]
    assert source.rejected() == (("line that is not UTF-8", 1),)


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_another_encoding_is_named(tmp_path: Path, mark: str, kind: str) -> None:
    path = tmp_path / f"log.{kind}"
    path.write_text("\ufeffx,y\n1,2\n", encoding=mark)
    with pytest.raises(SourceError, match=r"is not UTF-8.*got UTF-16"):
        TextSource("log", [str(path)], kind)


def test_describe(tmp_path: Path) -> None:
    rows = "".join(f"{index},2026-01-01\n" for index in range(10_000))
    description = opened(tmp_path, f"x,day\n{rows}").describe(sample_rows=100)
    assert description.rows == 10_000
    assert description.sample.num_rows == 100
    assert description.ranges == {"x": (0, 9_999), "day": (1767225600e6, 1767225600e6)}
