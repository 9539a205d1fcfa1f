from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from wane.sources.description import Description
from wane.sources.windows import propose_every
from wane.window import DAY, Every

HOUR = DAY // 24


def description(rows: int | None, span: int, kind: str = "time") -> Description:
    times = np.linspace(1.7e15, 1.7e15 + span, 1_000).astype(np.int64)
    column = {
        "time": pa.array(times).cast(pa.timestamp("us")),
        "text": pa.array(times).cast(pa.timestamp("us")).cast(pa.string()),
        "seconds": pa.array(times // 1_000_000),
    }[kind]
    return Description("log", rows, pa.table({"ts": column}), {})


@pytest.mark.parametrize("kind", ["time", "text", "seconds"])
@pytest.mark.parametrize(
    ("rows", "span", "every"),
    [
        (1_000_000, 30 * DAY, "1d"),
        (1_000_000, 60 * DAY, "1d"),
        (1_000_000, 365 * DAY, "1w"),
        (1_000_000, 2_000 * DAY, "4w"),
        (1_000_000, 20 * HOUR, "15min"),
        (1_000_000, 48 * HOUR, "1h"),
        (2_000, 60 * DAY, "1w"),
        (300, 60 * DAY, "1w"),
        (1_000, 3 * HOUR, "15min"),
    ],
)
def test_windows_of_time(rows: int, span: int, every: str, kind: str) -> None:
    assert propose_every(description(rows, span, kind), "ts") == every


@pytest.mark.parametrize("rows", [1, 3, 40, 500, 10_000, 10**7])
@pytest.mark.parametrize("span", [0, 60 * 1_000_000, HOUR, DAY, 100 * DAY, 5_000 * DAY])
def test_there_is_always_a_valid_answer(rows: int, span: int) -> None:
    for timestamp in ("ts", None):
        Every.parse(propose_every(description(rows, span), timestamp))


@pytest.mark.parametrize(
    ("rows", "every"),
    [
        (None, "5000 rows"),
        (0, "1 rows"),
        (3, "3 rows"),
        (500, "500 rows"),
        (17_379, "500 rows"),
        (100_000, "2500 rows"),
        (1_000_000, "25000 rows"),
    ],
)
def test_windows_of_rows(rows: int | None, every: str) -> None:
    assert propose_every(description(rows, 0), None) == every


def test_a_timestamp_that_cannot_be_read() -> None:
    table = pa.table({"ts": ["soon", None]})
    assert propose_every(Description("log", 2, table, {}), "ts") == "2 rows"


@pytest.mark.parametrize("wrong", ["1970-01-01", "2099-01-01"])
@pytest.mark.parametrize("sampled", [True, False])
def test_a_wrong_clock_does_not_cut_the_windows(wrong: str, *, sampled: bool) -> None:
    found = description(6_000, 10 * DAY)
    bad = int(np.datetime64(wrong, "us").astype(np.int64))
    times = found.sample["ts"].cast(pa.int64()).to_numpy()
    ranges = {"ts": (float(min(bad, times.min())), float(max(bad, times.max())))}
    if sampled:
        times = np.append(times, bad)
    sample = pa.table({"ts": pa.array(times).cast(pa.timestamp("us"))})
    assert propose_every(Description("log", 6_000, sample, ranges), "ts") == "1d"


def test_rows_of_the_future_do_not_count() -> None:
    days = np.repeat(np.arange(10), 600) * DAY + int(1.7e15)
    late = np.concatenate([days, days + 2_000 * DAY])
    table = pa.table({"ts": pa.array(late).cast(pa.timestamp("us"))})
    found = Description("log", 12_000, table, {})
    assert propose_every(found, "ts") == "4w"
    assert propose_every(found, "ts", now=int(1.7e15) + 20 * DAY) == "1d"
