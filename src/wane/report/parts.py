"""What is kept of an evaluation for pages and interfaces, each part under a name."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow.parquet as pq

from wane.report import html, json_report
from wane.report.changes import every_change
from wane.report.digest import still_learning
from wane.report.environment import fill
from wane.report.moment import timezone_of
from wane.report.newest import last_window, since_of
from wane.report.page import page, page_since
from wane.report.tone import OF_STATE
from wane.report.where import for_messages
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from wane.report.changes import ChangeRow
    from wane.report.page import Page
    from wane.report.result import Result
    from wane.report.tiles import Tile

SUMMARY = "summary.json"
"""State, sentence and tiles: a line of the list of models."""
FINDINGS = "findings.html"
"""The sections of the report, for a page."""
REPORT = "report.html"
"""The report as a file of its own."""
CONCLUSIONS = "conclusions.json"
"""The object of `check --format json`, without its measurements."""
MEASUREMENTS = "measurements.parquet"
"""The tidy table of measurements, by column and metric."""
NEWEST = "newest.parquet"
"""The same of the newest window alone."""
GROUP_ROWS = 8_192
COLUMNS = "columns.json"
"""Column -> how it is distributed now and in the reference."""
RANGES = {"7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}
"""Time ranges of a page by their names in its address, in microseconds."""


def parts(result: Result) -> Mapping[str, bytes]:
    """Every part of a result."""
    whole = page(result)
    return {
        SUMMARY: _json(_summary(result, whole)),
        FINDINGS: _findings(result, whole),
        **{
            findings_of(name): _findings(result, page_since(whole, result, since))
            for name, length in RANGES.items()
            if (since := since_of(result, length)) is not None
        },
        REPORT: html.of_page(whole).encode(),
        COLUMNS: _json({row.column: _column(row) for row in every_change(result)}),
        CONCLUSIONS: _json(json_report.conclusions(result)),
        MEASUREMENTS: _parquet(result.measurements.to_arrow()),
        NEWEST: _parquet(last_window(result.measurements).to_arrow()),
    }


def _parquet(table: pa.Table) -> bytes:
    """By column and metric, in groups that are small enough to find one column without the rest."""
    sink = io.BytesIO()
    order = [("column", "ascending"), ("metric", "ascending"), ("segment", "ascending")]
    pq.write_table(table.sort_by(order), sink, compression="zstd", row_group_size=GROUP_ROWS)
    return sink.getvalue()


def findings_of(last: str) -> str:
    """The name of the sections for one of `RANGES`; it is missing where it would show the same."""
    return f"findings-{last}.html"


def _findings(result: Result, shown: Page) -> bytes:
    values = {
        "page": shown,
        "page_note": "The page holds aggregates only.",
        "columns_at": f"/models/{quote(result.model, safe='')}/columns/",
    }
    return fill("findings.html.j2", values).encode()


def _summary(result: Result, whole: Page) -> dict[str, Any]:
    windows = result.measurements.windows
    end = windows[-1].ends_at if windows else None
    return {
        "state": str(result.verdict.state),
        "tone": str(OF_STATE[result.verdict.state]),
        "sentence": result.verdict.sentence,
        "advice": result.verdict.advice,
        "where": for_messages(result),
        "learning": still_learning(result.found),
        "timezone": timezone_of(result),
        "windows": len(windows),
        "newest_window_end": None if end is None else end.isoformat(),
        "tiles": [_tile(tile) for tile in whole.tiles],
    }


def _column(row: ChangeRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "what": row.what,
        "psi": row.psi,
        "noise": row.noise,
        "because": row.because,
        "drifted": row.drifted,
        "drawing": None if row.drawing is None else str(row.drawing),
        "bars": [asdict(bar) for bar in row.bars],
    }


def _tile(tile: Tile) -> dict[str, Any]:
    return {
        "tone": str(tile.tone),
        "value": tile.value,
        "spark": None if tile.spark is None else str(tile.spark),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
