from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from sklearn.calibration import calibration_curve

import wane

if TYPE_CHECKING:
    from wane.diagnose.reliability import Reliability


def reliability(score: object, label: object) -> Reliability | None:
    table = pa.table({"score": score, "label": label})
    return wane.check(table, every="1000000 rows").reliability


def test_bins_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    score = rng.random(20_000)
    label = (rng.random(20_000) < score**1.3).astype(int)
    found = reliability(score, label)
    assert found is not None
    # cells reach across the edges of bins, so bins are a little elsewhere, on the same curve
    positive, mean = calibration_curve(label, score, n_bins=10, strategy="uniform")
    assert len(found.now) == len(mean) == 10
    scores = [one.score for one in found.now]
    np.testing.assert_allclose(scores, mean, atol=0.04)
    shares = [one.positive for one in found.now]
    np.testing.assert_allclose(shares, np.interp(scores, mean, positive), atol=0.015)
    assert sum(one.n for one in found.now) == 20_000
    assert all(one.low <= one.positive <= one.high for one in found.now)


def test_rows_without_a_label_say_nothing() -> None:
    found = reliability([0.2] * 40, [0, 1] * 10 + [None] * 20)
    assert found is not None
    (only,) = found.now
    assert (only.n, only.positive) == (20, 0.5)


@pytest.mark.parametrize(
    "columns",
    [
        {"prediction": [1.5, 2.5] * 20, "label": [1.0, 2.0] * 20},
        {"score": [0.1, 0.9] * 20},
        {"prediction": [0, 1] * 20, "label": [0, 1] * 20},
    ],
)
def test_other_answers_have_none(columns: dict[str, object]) -> None:
    assert wane.check(pa.table(columns)).reliability is None
