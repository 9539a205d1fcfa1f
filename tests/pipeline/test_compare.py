"""Any two stretches of a run against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

import wane
from wane.cli import main
from wane.errors import UsageError
from wane.pipeline.compare import compare
from wane.report.outputs import write_outputs
from wane.window import DAY

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 400
START = "2026-09-01"


def log(days: int, broken: range, seed: int = 1) -> pa.Table:
    """Days of a model whose answers are turned by mobile on some of them."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), ROWS)
    odds = rng.normal(0, 2, len(day))
    score = 1 / (1 + np.exp(-odds))
    mobile = rng.random(len(day)) < 0.3
    label = rng.random(len(day)) < score
    turned = mobile & np.isin(day, broken)
    at = np.datetime64(START, "us") + day * np.timedelta64(DAY, "us")
    return pa.table(
        {
            "at": at,
            "channel": np.where(mobile, "mobile", "web"),
            "age": rng.normal(40, 10, len(day)),
            "score": score,
            "prediction": (score > 0.5).astype(np.int8),
            "label": (label ^ turned).astype(np.int8),
        }
    )


@pytest.fixture(scope="module")
def result() -> wane.Result:
    schema = wane.Schema(
        timestamp="at", score="score", prediction="prediction", label="label", segments=("channel",)
    )
    reference = log(10, range(0), seed=2).drop_columns(["at"])
    return wane.check(log(20, range(10, 15)), reference=reference, schema=schema, every="1d")


def test_what_broke_between_two_stretches_is_named(result: wane.Result) -> None:
    found = compare(result, "2026-09-01..2026-09-10", "2026-09-11..2026-09-15")
    assert found.windows == (10, 5)
    assert found.decomposition.change == pytest.approx(-0.16, abs=0.03)
    assert found.decomposition.z is not None
    assert found.decomposition.z < -10
    assert found.localised.spots[0].values == (("channel", "mobile"),)
    assert "Answers got worse most where channel=mobile" in str(found)


def test_the_other_way_round_it_got_better(result: wane.Result) -> None:
    one = compare(result, "2026-09-01..2026-09-10", "2026-09-11..2026-09-15").decomposition
    other = compare(result, "2026-09-11..2026-09-15", "2026-09-01..2026-09-10").decomposition
    assert one.change is not None
    assert one.score is not None
    assert other.score is not None
    assert other.change == pytest.approx(-one.change)
    assert other.score.rates.value == pytest.approx(-one.score.rates.value)


def test_after_it_nothing_is_left_of_it(result: wane.Result) -> None:
    found = compare(result, "..2026-09-10", "2026-09-16..")
    assert found.windows == (10, 5)
    assert abs(found.decomposition.z or 0) < 4
    assert found.localised.spots == ()
    assert compare(result, "reference", "2026-09-16..").decomposition.reason is None
    same = compare(result, "2026-09-03", "2026-09-03")
    assert same.windows == (1, 1)
    assert same.decomposition.change == 0


def test_from_a_directory_and_on_the_command_line(
    result: wane.Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_outputs(result, tmp_path)
    told = str(compare(tmp_path, "reference", "2026-09-11T00:00..2026-09-16T00:00"))
    assert "Accuracy changed by" in told
    assert main(["compare", str(tmp_path), "--after", "2026-09-11..2026-09-15"]) == 0
    assert "Accuracy changed by" in capsys.readouterr().out
    assert main(["compare", str(tmp_path), "--after", "2027-01-01.."]) == 2
    assert "windows from 2026-09-01 to 2026-09-20" in capsys.readouterr().err


def test_rows_have_numbers(result: wane.Result) -> None:
    schema = result.schema
    by_rows = wane.check(log(4, range(2, 4)), schema=schema, every="400 rows")
    found = compare(by_rows, "0..799", "800..")
    assert found.windows == (2, 2)
    assert found.decomposition.change == pytest.approx(-0.15, abs=0.06)


def test_what_cannot_be_compared(result: wane.Result, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no profiles"):
        compare(tmp_path, "reference", "2026-09-01")
    with pytest.raises(UsageError, match="no profiles"):
        compare({}, "reference", "2026-09-01")
    with pytest.raises(UsageError, match="no window begins in"):
        compare(result, "2026-09-01", "2026-09-30..2026-09-01")
    with pytest.raises(UsageError, match="the bound of a stretch cannot be read"):
        compare(result, "2026-09-01", "soon..")
    first = wane.check(log(4, range(0)), schema=result.schema, every="1d")
    with pytest.raises(UsageError, match="no reference of its own"):
        compare(first, "reference", "2026-09-01")
