from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.whole import whole
from wane.errors import SchemaError
from wane.sources.request import LabelFile, Request, locate, open_frame, open_request

if TYPE_CHECKING:
    from pathlib import Path


def test_json_round_trip() -> None:
    plain = Request(("a.csv",), "csv")
    full = Request(
        ("a.csv", 'b"; drop.csv'),
        "csv",
        where="x > 1",
        derive=(("hour", "hour(ts)"),),
        labels=LabelFile(("l.csv",), "csv", "id", "label", "at"),
        memory_limit_bytes=1,
        name="*.csv",
    )
    for request in (plain, full):
        assert "\n" not in request.to_json()
        assert Request.from_json(request.to_json()) == request


def test_labels_then_derived_columns_then_the_filter(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2, 3], "x": [1.0, 2.0, 3.0]}), tmp_path / "log.parquet")
    (tmp_path / "labels.csv").write_text("id,y\n3,1\n1,0\n")
    labels = LabelFile(*locate(tmp_path / "labels.csv"), id="id", label="y")
    request = Request(
        *locate(tmp_path / "log.parquet"),
        where="double >= 4",
        derive=(("double", "2 * x"), ("known", "y IS NOT NULL")),
        labels=labels,
    )
    found = whole(open_request(request), "id", "double", "known", "y")
    assert found == {"id": [2, 3], "double": [4.0, 6.0], "known": [False, True], "y": [None, 1.0]}
    frame = pa.table({"id": ["1", "3"], "x": [0.5, 1.5]})
    assert whole(open_frame(frame, labels=labels), "y") == {"y": [0.0, 1.0]}


def test_the_name_is_what_the_user_wrote(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "b.parquet")
    paths, kind = locate(tmp_path)
    assert open_request(Request(paths, kind, name="logs/")).name == "logs/"
    assert open_request(Request(paths, kind)).name == f"{paths[0]} and 1 more"


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.ndjson", "x.arrow", "x.parquet"])
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    table = pa.table({"n": [1.5, None, 3.0], 'a"; drop table x; --': ["u", "v", None]})
    if name == "x.parquet":
        pq.write_table(table, path)
    elif name == "x.arrow":
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    elif name == "x.ndjson":
        path.write_text(
            '{"n": 1.5, "a\\"; drop table x; --": "u"}\n'
            '{"n": null, "a\\"; drop table x; --": "v"}\n'
            '{"n": 3}\n'
        )
    else:
        cell = "\t" if name == "x.tsv" else ","
        lines = [f'n{cell}"a""; drop table x; --"', f"1.5{cell}u", f"{cell}v", f"3.0{cell}"]
        path.write_text("\n".join(lines))
    source = open_request(Request(*locate(path)))
    assert whole(source) == table.to_pydict()
    description = source.describe()
    assert description.rows == 3
    assert description.ranges == {"n": (1.5, 3.0)}
    assert description.sample.to_pydict() == table.to_pydict()
    with pytest.raises(SchemaError, match="no column 'm'"):
        whole(source, "m")
