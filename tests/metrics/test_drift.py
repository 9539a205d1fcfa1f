"""Drift from profiles against scipy on the rows, and against pure noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import scipy.stats as ss
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon

from streams import measured, reason, value
from wane.metrics.drift import (
    CONSTANT_REFERENCE,
    NO_DEVIATION,
    NO_REFERENCE_VALUES,
    NO_VALUES,
    TOO_FEW,
    TOO_LARGE,
)
from wane.schema import Column, Kind, Schema, Task
from wane.window import Every

Draw = Callable[[np.random.Generator, int], NDArray[np.generic]]
NUMBER = Schema(task=Task.NONE, features=(Column("x", Kind.NUMERIC),))
CATEGORY = Schema(task=Task.NONE, features=(Column("x", Kind.CATEGORICAL),))
DISTANCES = ("psi", "jsd", "hellinger", "total_variation")


def table(values: object, **more: object) -> pa.Table:
    return pa.table({"x": values, **more})


NUMERIC: dict[str, Draw] = {
    "normal, mean up": lambda rng, n: rng.normal(size=n),
    "lognormal(1), scaled": lambda rng, n: rng.lognormal(0, 1, n),
    "gamma, scaled": lambda rng, n: rng.gamma(0.3, 1, n),
    "integers, shifted": lambda rng, n: rng.poisson(40, n).astype(float),
}


def pair(name: str, n: int, m: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(3)
    draw = NUMERIC[name]
    before, after = np.asarray(draw(rng, n), float), np.asarray(draw(rng, m), float)
    moved = {"normal, mean up": after + 0.1, "integers, shifted": after + 1}
    return before, moved.get(name, after * 1.15)


@pytest.mark.parametrize("name", NUMERIC)
def test_ks_and_wasserstein_are_scipys(name: str) -> None:
    before, after = pair(name, 100_000, 20_000)
    found = measured(table(after), NUMBER, table(before))
    exact = ss.ks_2samp(before, after)
    assert value(found, "ks", "x") == pytest.approx(exact.statistic, rel=0.025)
    assert value(found, "ks", "x") <= exact.statistic + 1e-12
    distance = ss.wasserstein_distance(before, after) / before.std()
    assert value(found, "wasserstein", "x") == pytest.approx(distance, rel=0.005)


def test_the_ks_p_value_is_conservative() -> None:
    before, after = pair("normal, mean up", 2_000, 500)
    found = value(measured(table(after), NUMBER, table(before)), "ks_p", "x")
    exact = ss.ks_2samp(before, after, method="asymp").pvalue
    assert exact <= found <= 2 * exact


LETTERS = np.array(list("abcdef"))
P, Q = [0.4, 0.3, 0.15, 0.1, 0.04, 0.01], [0.3, 0.3, 0.2, 0.1, 0.06, 0.04]


def letters(share: list[float], n: int, seed: int) -> NDArray[np.str_]:
    return np.asarray(np.random.default_rng(seed).choice(LETTERS, n, p=share))


def test_distances_between_categories_are_scipys() -> None:
    before, after = letters(P, 6_000, 1), letters(Q, 4_000, 2)
    counts = np.array([[(side == one).sum() for one in LETTERS] for side in (before, after)])
    p, q = counts / counts.sum(axis=1, keepdims=True)
    found = measured(table(after), CATEGORY, table(before))
    expected = {
        "jsd": jensenshannon(p, q, base=2),
        "hellinger": np.sqrt(1 - np.sqrt(p * q).sum()),
        "total_variation": np.abs(p - q).sum() / 2,
        "chi_square_p": ss.chi2_contingency(counts).pvalue,
    }
    for key, number in expected.items():
        assert value(found, key, "x") == pytest.approx(number, rel=1e-6), key
    half = (
        np.append(counts * 4_000 / counts.sum(axis=1, keepdims=True), [[0, 0], [0, 0]], axis=1)
        + 0.5
    )
    a, b = half / half.sum(axis=1, keepdims=True)
    assert value(found, "psi", "x") == pytest.approx(((b - a) * np.log(b / a)).sum())
    noise = (1 / 6_000 + 1 / 4_000) * ss.chi2.ppf(0.95, len(LETTERS) - 1)
    assert value(found, "psi_noise", "x") == pytest.approx(noise)
    series = found.get("psi", "x")
    assert series is not None
    assert series.low[0] == pytest.approx(max(0.0, series.values[0] - noise))


@pytest.mark.parametrize(
    ("schema", "values"),
    [(NUMBER, np.arange(500) / 7), (NUMBER, [0.0, 1.0, None]), (CATEGORY, ["a", "b", None, "c"])],
)
def test_the_same_rows_have_not_drifted(schema: Schema, values: object) -> None:
    found = measured(table(values), schema, table(values))
    for key in DISTANCES:
        assert value(found, key, "x") == pytest.approx(0, abs=1e-7), key
    if schema is NUMBER:
        assert value(found, "ks", "x") == 0
        assert value(found, "wasserstein", "x") == pytest.approx(0, abs=1e-12)


NOISE: dict[str, tuple[Schema, Draw]] = {
    "normal": (NUMBER, lambda rng, n: rng.normal(size=n)),
    "counts": (NUMBER, lambda rng, n: rng.poisson(3, n)),
    "two categories": (CATEGORY, lambda rng, n: rng.choice(["a", "b"], n, p=[0.3, 0.7])),
    "rare categories": (
        CATEGORY,
        lambda rng, n: rng.choice(list("abcd"), n, p=[0.8, 0.15, 0.04, 0.01]),
    ),
    "zero-inflated": (NUMBER, lambda rng, n: np.where(rng.random(n) < 0.9, 0, rng.gamma(2, 1, n))),
}


@pytest.mark.parametrize("rows", [200, 500, 2_000])
@pytest.mark.parametrize("name", NOISE)
def test_psi_of_pure_noise_exceeds_its_bound_in_about_one_window_of_twenty(
    name: str, rows: int
) -> None:
    """Also where the reference is much larger than the windows, and where cells stay empty.

    In small windows less often, as the half row added to every cell draws both sides together.
    """
    schema, draw = NOISE[name]
    rng, windows = np.random.default_rng(11), 400
    reference, now = table(draw(rng, 60_000)), table(draw(rng, rows * windows))
    found = measured(now, schema, reference, every=Every.parse(f"{rows} rows"))
    psi, bound = found.get("psi", "x"), found.get("psi_noise", "x")
    assert psi is not None
    assert bound is not None
    exceeded = float(np.mean(psi.values > bound.values))
    assert (0.0 if name in ("rare categories", "zero-inflated") else 0.01) <= exceeded <= 0.09
    assert np.all(psi.low[psi.values <= bound.values] == 0)


def test_missing_values_are_part_of_a_features_distribution() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=5_000), rng.normal(size=5_000)
    gone = table(pa.array(after, mask=rng.random(5_000) < 0.3))
    found = measured(gone, NUMBER, table(before))
    assert value(found, "total_variation", "x") > 0.28
    assert value(found, "psi", "x") > 1
    assert value(found, "ks", "x") < 0.05


LABELLED = Schema(task=Task.BINARY, prediction="p", label="y", classes=("0", "1"), features=())


def test_labels_that_have_not_come_yet_are_no_drift() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 4_000)
    before = pa.table({"p": y, "y": y})
    late = pa.table({"p": y, "y": pa.array(y, mask=rng.random(4_000) < 0.9)})
    found = measured(late, LABELLED, before)
    psi, bound = value(found, "psi", "y"), value(found, "psi_noise", "y")
    assert psi < bound
    series = found.get("psi", "y")
    assert series is not None
    assert series.n[0] == pytest.approx(400, abs=60)
    none = measured(pa.table({"p": y, "y": pa.nulls(4_000, pa.int64())}), LABELLED, before)
    assert reason(none, "psi", "y") == NO_VALUES
    flipped = measured(pa.table({"p": y, "y": np.ones(4_000, int)}), LABELLED, before)
    assert value(flipped, "total_variation", "y") == pytest.approx(1 - y.mean())


def test_vanished_and_new_categories() -> None:
    found = measured(table(["a", "x", "y", None]), CATEGORY, table(["a", "b", "c", "a"]))
    assert value(found, "vanished_categories", "x") == 2
    assert value(found, "new_categories", "x") == 2
    empty = measured(table(pa.nulls(3, pa.string())), CATEGORY, table(["a", "b"]))
    assert value(empty, "vanished_categories", "x") == 2


def test_weights_change_the_distribution_and_thin_the_rows() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=8_000)
    weight = np.where(values > 0, 3.0, 1.0)
    schema = replace(NUMBER, weight="w")
    found = measured(table(values, w=weight), schema, table(values, w=np.ones(8_000)))
    expected = ss.wasserstein_distance(values, values, weight, np.ones(8_000)) / values.std()
    assert value(found, "wasserstein", "x") == pytest.approx(expected, rel=0.005)
    series = found.get("ks", "x")
    assert series is not None
    kish = weight.sum() ** 2 / (weight**2).sum()
    assert series.n[0] == pytest.approx(kish, abs=1)


def test_the_standard_deviation_is_that_of_the_finite_reference_values() -> None:
    rng = np.random.default_rng(5)
    before = rng.normal(10, 2, 5_000)
    dirty = [*before.tolist(), *[float("inf"), float("nan"), None] * 800]
    found = measured(table(before + 1), NUMBER, table(dirty))
    assert value(found, "wasserstein", "x") == pytest.approx(1 / before.std(), rel=1e-6)


@pytest.mark.parametrize("offset", [1.76e15, -4e9])
def test_columns_far_from_zero(offset: float) -> None:
    """As times in microseconds are."""
    rng = np.random.default_rng(5)
    before, after = (offset + rng.normal(0, 2e11, n) for n in (20_000, 10_000))
    found = measured(table(after + 2e10), NUMBER, table(before))
    expected = ss.wasserstein_distance(before, after + 2e10) / before.std()
    assert value(found, "wasserstein", "x") == pytest.approx(expected, rel=0.01)


NORMAL = table(np.random.default_rng(1).normal(size=500))


def test_undefined_with_a_reason() -> None:
    keys = (*DISTANCES, "ks", "wasserstein", "psi_noise", "ks_p", "chi_square_p")
    nothing = table(pa.nulls(500, pa.float64()))
    numbers_only = ("ks", "ks_p", "wasserstein")
    found = measured(nothing, NUMBER, NORMAL)
    assert {key: reason(found, key, "x") for key in numbers_only} == dict.fromkeys(
        numbers_only, NO_VALUES
    )
    assert value(found, "total_variation", "x") == 1
    backward = measured(NORMAL, NUMBER, nothing)
    assert {reason(backward, key, "x") for key in numbers_only} == {NO_REFERENCE_VALUES}
    absent = measured(pa.table({"y": [1.0]}), NUMBER, NORMAL)
    assert reason(absent, "ks", "x") == NO_VALUES
    constant = measured(NORMAL, NUMBER, table([0.1] * 500))
    assert reason(constant, "wasserstein", "x") == CONSTANT_REFERENCE
    assert value(constant, "ks", "x") >= 0
    few = measured(NORMAL.slice(0, 3), NUMBER, NORMAL)
    assert reason(few, "chi_square_p", "x") == TOO_FEW
    assert all(found.get(key, "x") is not None for key in keys)


def test_values_too_large_to_add_up() -> None:
    big = table(np.random.default_rng(1).normal(size=500) * 1e300)
    assert reason(measured(big, NUMBER, big), "wasserstein", "x") == NO_DEVIATION
    bigger = table([1.7e308] * 5)
    assert reason(measured(bigger, NUMBER, NORMAL), "wasserstein", "x") == TOO_LARGE
    assert value(measured(bigger, NUMBER, NORMAL), "ks", "x") == pytest.approx(1, abs=0.01)


def test_without_a_reference_there_is_no_drift_to_measure() -> None:
    found = measured(NORMAL, NUMBER)
    assert not found.of_metric("psi")


def test_scores_predictions_and_labels_drift_too() -> None:
    rng = np.random.default_rng(3)
    schema = Schema(task=Task.REGRESSION, prediction="p", label="y", features=(Column("x"),))
    y = rng.normal(size=2_000)
    rows = pa.table({"x": y, "p": y, "y": y})
    moved = pa.table({"x": y, "p": y + 1, "y": y})
    found = measured(moved, schema, rows)
    assert value(found, "wasserstein", "p") == pytest.approx(1 / y.std(), rel=0.01)
    assert value(found, "wasserstein", "y") == value(found, "wasserstein", "x") == 0
    assert found.get("psi", "residual") is None
