"""Where answers got worse, from rows to the result: by profiles and by rows read once more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wane
from sound import sound
from wane.cli import main

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
START = np.datetime64("2026-10-01", "us")
TOGETHER = [("channel", "mobile"), ("plan", "basic")]


def log(days: int, seed: int, *, first: int = 0, worse_from: int = 99) -> pa.Table:
    """400 rows a day; from a day on half of the answers to mobile rows on a basic plan turn."""
    rng = np.random.default_rng(seed)
    n = 400 * days
    day = np.repeat(np.arange(first, first + days), 400)
    channel = rng.choice(["mobile", "web", "shop"], n, p=[0.4, 0.4, 0.2])
    plan = rng.choice(["basic", "pro"], n)
    score = rng.beta(0.3, 0.3, n)
    label = rng.random(n) < score
    broken = (channel == "mobile") & (plan == "basic") & (day >= worse_from)
    return pa.table(
        {
            "timestamp": START + day * np.timedelta64(1, "D"),
            "channel": channel,
            "plan": plan,
            "age": rng.uniform(18, 78, n),
            "score": score,
            "prediction": (score > 0.5).astype(np.int8),
            "label": (label ^ (broken & (rng.random(n) < 0.5))).astype(np.int8),
        }
    )


BAD = log(40, 1, worse_from=30)
SCHEMA = wane.Schema(segments=("channel",))


@pytest.mark.parametrize("reference", [None, log(10, 2, first=-10), log(10, 2).drop(["timestamp"])])
def test_values_together_are_found_in_frames(reference: pa.Table | None) -> None:
    found = wane.check(BAD, reference=reference, schema=SCHEMA, now=NOW, deep=True).localised
    assert found is not None
    (spot,) = found.spots
    assert sorted(spot.values) == TOGETHER
    assert found.together == 3
    assert found.first == 30
    assert spot.now < spot.before - 0.3
    assert spot.explains == pytest.approx(1, abs=0.3)


def test_by_profiles_each_column_is_searched_by_itself() -> None:
    result = wane.check(BAD, schema=SCHEMA, now=NOW)
    assert result.localised is not None
    assert result.localised.together == 1
    assert len(result.localised.spots[0].values) == 1
    (column,) = result.localised.spots[0].columns
    (change,) = (one for one in result.changes if one.column == column and one.role == "feature")
    assert str(change.because) == "answers worse"


def test_files_and_the_command_line_find_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pq.write_table(BAD, tmp_path / "log.parquet")
    pq.write_table(log(10, 2, first=-10), tmp_path / "train.parquet")
    command = ["check", str(tmp_path / "log.parquet"), "--segment", "channel", "--deep"]
    command += ["--reference", str(tmp_path / "train.parquet"), "--now", "2026-11-22"]
    assert main([*command, "--format", "json", "--fail-on", "never"]) == 0
    found = sound(capsys.readouterr().out)["localised"]
    (spot,) = found["spots"]
    values = sorted((one["column"], one["value"]) for one in spot["values"])
    assert values == TOGETHER
    assert found["since"] == "2026-10-31T00:00:00Z"
    assert main([*command, "--fail-on", "never"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Worst together: " in told
    assert "channel=mobile" in told


def test_a_model_that_holds_has_no_rows_that_stand_out() -> None:
    result = wane.check(log(40, 5), schema=SCHEMA, now=NOW, deep=True)
    assert result.localised is not None
    assert (result.localised.spots, result.localised.everywhere) == ((), None)
    assert result.localised.together == 3


@pytest.mark.parametrize("dropped", [["label"], ["plan", "age", "channel"]])
def test_what_cannot_be_searched_together_is_no_error(dropped: list[str]) -> None:
    result = wane.check(BAD.drop(dropped), now=NOW, deep=True)
    assert result.localised is not None
    assert result.localised.together == 1
