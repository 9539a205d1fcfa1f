from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from sources.whole import whole
from wane.errors import SchemaError
from wane.sources.frame import FrameSource
from wane.sources.request import LabelFile, open_frame, open_request
from wane.sources.spooled import Spooled, SpooledSource, spool
from wane.sources.text import TextSource

ROWS = "".join(f"k{index},{index % 7}\n" for index in range(300))


@pytest.fixture
def labels(tmp_path: Path) -> LabelFile:
    """Labels of 300 ids: one is wrong, and one line is torn."""
    path = tmp_path / "labels.csv"
    path.write_text(f"id,y\n{ROWS}k300,#REF!\nk301\n")
    return LabelFile((str(path),), "csv", id="id", label="y")


def spooled(source: TextSource | FrameSource, tmp_path: Path, *columns: str) -> Spooled:
    (tmp_path / "scratch").mkdir()
    return spool(source, columns, str(tmp_path / "scratch"))


def test_rows_notes_and_rejected_lines_come_back(labels: LabelFile, tmp_path: Path) -> None:
    source = TextSource("labels.csv", labels.paths, "csv")
    written = spooled(source, tmp_path, "y", "id")
    assert Spooled.from_json(json.loads(json.dumps(written.to_json()))) == written
    found = SpooledSource(written)
    assert (found.name, found.notes()) == ("labels.csv", source.notes())
    assert found.rejected() == (("line with too few cells", 1),)
    assert whole(found) == {
        "y": [*(float(index % 7) for index in range(300)), None],
        "id": [f"k{index}" for index in range(301)],
    }


def test_dictionaries_may_differ_from_batch_to_batch(tmp_path: Path) -> None:
    parts = [pa.table({"s": pa.array(text).dictionary_encode()}) for text in (["a"], ["b"])]
    source = FrameSource(pa.concat_tables(parts))
    assert whole(SpooledSource(spooled(source, tmp_path, "s"))) == {"s": ["a", "b"]}


def test_the_files_go_with_the_source(labels: LabelFile, tmp_path: Path) -> None:
    found = SpooledSource(spooled(TextSource("l", labels.paths, "csv"), tmp_path, "y"))
    assert list(tmp_path.glob("scratch/*"))
    del found
    assert not (tmp_path / "scratch").exists()


def test_a_column_that_is_not_there(labels: LabelFile, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no column 'label'"):
        spooled(TextSource("l", labels.paths, "csv"), tmp_path, "label")


def test_labels_read_elsewhere_are_joined_as_if_read_here(
    labels: LabelFile, tmp_path: Path
) -> None:
    frame = {"id": ["k8", "k300", "k13"], "x": [1, 2, 3]}
    here = open_frame(frame, labels=labels)
    expected = whole(here), here.notes()
    (tmp_path / "scratch").mkdir()
    rows = spool(open_request(labels.request()), labels.columns, str(tmp_path / "scratch"))
    Path(labels.paths[0]).unlink()
    there = open_frame(frame, labels=labels, label_rows=SpooledSource(rows))
    assert (whole(there), there.notes()) == expected
    assert expected[0]["y"] == [1.0, None, 6.0]
