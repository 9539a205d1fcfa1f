from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest

from report.build_result import ALL, declining
from wane.report import html, json_report
from wane.report.parts import (
    COLUMNS,
    CONCLUSIONS,
    FINDINGS,
    MEASUREMENTS,
    NEWEST,
    RANGES,
    REPORT,
    SUMMARY,
    findings_of,
    parts,
)


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_result_has_its_parts(name: str) -> None:
    result = ALL[name]()
    found = parts(result)
    assert {SUMMARY, FINDINGS, REPORT, COLUMNS, CONCLUSIONS, MEASUREMENTS} <= found.keys()
    assert found[REPORT] == html.render(result).encode()
    summary = json.loads(found[SUMMARY])
    assert summary["state"] == str(result.verdict.state)
    assert len(summary["tiles"]) == 5 or result.schema is None
    assert json.loads(found[CONCLUSIONS]) | {"measurements": []} == json.loads(
        json.dumps(json_report.as_object(result))
    ) | {"measurements": []}
    whole = result.measurements.to_arrow()
    for part in (MEASUREMENTS, NEWEST):
        table = pq.read_table(io.BytesIO(found[part]))
        assert table.schema.equals(whole.schema)
        rows = set(zip(*table.to_pydict().values(), strict=True))
        assert len(rows) == table.num_rows
        assert rows <= set(zip(*whole.to_pydict().values(), strict=True))
    assert pq.read_metadata(io.BytesIO(found[MEASUREMENTS])).num_rows == whole.num_rows
    assert json.loads(found[COLUMNS]).keys() == {change.column for change in result.changes}


def test_a_range_is_there_where_it_shows_less() -> None:
    found = parts(declining(windows=60))
    assert {name for name in RANGES if findings_of(name) in found} == {"7d", "30d"}


@pytest.mark.parametrize("name", ["hostile", "declining"])
def test_findings_link_to_columns_and_run_nothing(name: str) -> None:
    result = ALL[name]()
    text = parts(result)[FINDINGS].decode()
    assert "<script" not in text
    assert "style=" not in text
    if result.changes:
        assert 'href="/models/' in text
