"""Would retraining help? On logs where it does, where it cannot, and where it hurts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import wane

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = wane.Schema(
    timestamp="at",
    prediction="prediction",
    label="label",
    features=(wane.Column("x"), wane.Column("z")),
    task=wane.Task.BINARY,
)
START = np.datetime64("2026-03-01")


def log(n: int = 4_000, *, turned: bool, seed: int = 1) -> pd.DataFrame:
    """Twenty days; the deployed model goes by x, and labels by z where that has turned."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.normal(size=n)
    truth = (z if turned else x) + rng.normal(0, 0.5, n) > 0
    day = np.sort(rng.integers(0, 20, n))
    return pd.DataFrame(
        {
            "at": START + day.astype("timedelta64[D]"),
            "x": x,
            "z": z,
            "prediction": (x > 0).astype(int),
            "label": truth.astype(int),
        }
    )


def test_it_helps_where_the_world_has_turned() -> None:
    table = log(turned=True)
    found = wane.would_retraining_help(LogisticRegression(), table, SCHEMA)
    assert found.helps
    assert (found.rows_trained, found.rows_tested) == (2_800, 1_200)
    later = table.iloc[2_800:]
    assert found.deployed == pytest.approx((later.prediction == later.label).mean())
    model = LogisticRegression().fit(table[["x", "z"]][:2_800], table.label[:2_800])
    expected = (model.predict(later[["x", "z"]]) == later.label).mean()
    assert found.retrained == pytest.approx(expected)
    assert found.gain == pytest.approx(expected - found.deployed)
    assert found.low < found.gain < found.high
    days = (later["at"].max() - later["at"].min()).days
    assert found.gain_a_day == pytest.approx(found.gain * 1_200 / days)
    assert str(found).startswith("Retraining helps: accuracy 0.5")


def test_it_cannot_where_the_deployed_model_is_as_good_as_any() -> None:
    found = wane.would_retraining_help(LogisticRegression(), log(turned=False), SCHEMA)
    assert not found.helps
    assert abs(found.gain) < 0.02
    assert found.low < 0 < found.high


def test_the_interval_holds_the_gain_of_many_more_rows() -> None:
    """Of twenty logs of one kind nearly all intervals hold what large ones say."""
    large = wane.would_retraining_help(LogisticRegression(), log(200_000, turned=True), SCHEMA)
    held = 0
    for seed in range(20):
        found = wane.would_retraining_help(
            LogisticRegression(), log(turned=True, seed=seed), SCHEMA
        )
        held += found.low <= large.gain <= found.high
    assert held >= 17


def test_a_worse_model_hurts() -> None:
    class Stubborn:
        def fit(self, X: Any, y: Any) -> Any:  # noqa: ANN401, ARG002, N803
            return self

        def predict(self, X: pd.DataFrame) -> Any:  # noqa: ANN401, N803
            return np.zeros(len(X), dtype=int)

    found = wane.would_retraining_help(Stubborn(), log(turned=False), SCHEMA)
    assert found.high < 0
    assert str(found).startswith("Retraining hurts")


def test_the_estimator_itself_is_left_alone() -> None:
    mine = LogisticRegression()
    wane.would_retraining_help(mine, log(turned=True), SCHEMA)
    assert not hasattr(mine, "coef_")


@pytest.mark.parametrize(
    "form",
    [pa.Table.from_pandas, pl.from_pandas, lambda table: {n: table[n].to_numpy() for n in table}],
    ids=["arrow", "polars", "arrays"],
)
def test_any_frame_in_any_order(form: Callable[[pd.DataFrame], object]) -> None:
    table = log(turned=True)
    expected = wane.would_retraining_help(LogisticRegression(), table, SCHEMA)
    shuffled = table.iloc[::-1].reset_index(drop=True)
    shuffled = shuffled.sort_values("at", kind="stable", ascending=False).reset_index(drop=True)
    found = wane.would_retraining_help(LogisticRegression(), form(shuffled), SCHEMA)
    assert found.rows_tested == expected.rows_tested
    assert found.gain == pytest.approx(expected.gain, abs=0.03)


def test_rows_without_a_label_or_an_answer_do_not_count() -> None:
    table = log(turned=True).astype({"label": "Int64", "prediction": "Int64"})
    table.loc[::4, "label"] = pd.NA
    table.loc[3_900:, "prediction"] = pd.NA
    found = wane.would_retraining_help(LogisticRegression(), table, SCHEMA)
    assert found.rows_trained == 2_100
    assert found.rows_tested == 825


def test_a_regression() -> None:
    table = log(turned=True)
    table["label"] = 2 * table["z"]
    table["prediction"] = 2 * table["x"]
    schema = replace(SCHEMA, task=wane.Task.REGRESSION, timestamp=None)
    found = wane.would_retraining_help(LinearRegression(), table, schema)
    assert found.metric == "mae"
    assert found.retrained == pytest.approx(0, abs=1e-9)
    assert found.gain == pytest.approx(found.deployed)
    assert found.gain_a_day is None


def test_what_cannot_be_done_is_told() -> None:
    table = log(turned=True)
    model = LogisticRegression()
    with pytest.raises(wane.UsageError, match="between 0 and 1"):
        wane.would_retraining_help(model, table, SCHEMA, test_share=1.0)
    with pytest.raises(wane.SchemaError, match="label, prediction and features"):
        wane.would_retraining_help(model, table, replace(SCHEMA, label=None))
    with pytest.raises(wane.WaneError, match="'y'"):
        wane.would_retraining_help(model, table, replace(SCHEMA, features=(wane.Column("y"),)))
    with pytest.raises(wane.DataError, match="too few labelled rows"):
        wane.would_retraining_help(model, table[:250], SCHEMA)
    unanswered = table.assign(prediction=pd.array([pd.NA] * len(table), dtype="Int64"))
    with pytest.raises(wane.DataError, match="answered too few"):
        wane.would_retraining_help(model, unanswered, SCHEMA)
