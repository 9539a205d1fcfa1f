"""What scores promise: by group, within segments, and where the reference has no rows."""

from __future__ import annotations

import numpy as np
import pytest

from wane.metrics.calibrator import calibrator, class_calibrator, of_segment

CELLS = 401


def counted(rows: np.ndarray, positives: np.ndarray) -> np.ndarray:
    """[S, G, 3] of [S, G] rows and positives by score cell and group of answers."""
    return np.stack([rows - positives, positives, np.zeros_like(rows)], axis=-1)


def even(rows: float, share: float) -> tuple[np.ndarray, np.ndarray]:
    """As many rows in every cell but that of missing scores, so many positive."""
    counts = np.full((CELLS, 2), rows)
    counts[-1] = 0
    return counts, counts * share


def test_each_kind_of_error_is_expected_as_often_as_it_was() -> None:
    """On the reference itself; but for the row that is added to each block."""
    rng = np.random.default_rng(1)
    rows = rng.integers(0, 60, (CELLS, 2)).astype(np.float64)
    positives = rng.binomial(rows.astype(int), np.linspace(0.1, 0.9, CELLS)[:, None]).astype(float)
    found = calibrator(counted(rows, positives))
    assert found is not None
    expected = (found.chance * rows).sum(axis=0)
    np.testing.assert_allclose(expected, positives.sum(axis=0), rtol=2e-3)
    assert found.positives == pytest.approx(positives.sum() / rows.sum())


def test_too_few_labels_promise_nothing() -> None:
    assert calibrator(counted(*even(0.1, 0.5))) is None
    rows, positives = even(5, 0.0)
    positives[0] = 4  # eight positives in all
    assert calibrator(counted(rows, positives)) is None


def test_a_class_that_was_never_predicted_goes_by_the_other() -> None:
    rows, positives = even(10, 0.3)
    rows[:, 1] = positives[:, 1] = 0
    found = calibrator(counted(rows, positives))
    assert found is not None
    np.testing.assert_allclose(found.chance[:-1, 1], found.chance[:-1, 0])


def test_missing_scores_have_a_chance_of_their_own() -> None:
    rows, positives = even(10, 0.3)
    rows[-1], positives[-1] = 99, 66
    found = calibrator(counted(rows, positives))
    assert found is not None
    share = positives.sum() / rows.sum()
    np.testing.assert_allclose(found.chance[-1], (66 + share) / 100)
    assert found.supported.all()


def test_scores_far_from_those_of_the_reference_have_no_support() -> None:
    rows, positives = even(20, 0.3)
    rows[: CELLS // 2] = positives[: CELLS // 2] = 0
    found = calibrator(counted(rows, positives))
    assert found is not None
    assert not found.supported[: CELLS // 2 - CELLS // 10].any()
    assert found.supported[CELLS // 2 : -1].all()
    assert not found.supported[-1]


def test_a_segment_is_shrunk_towards_the_model() -> None:
    """All cells are one block: (k + 50 c) / (n + 50)."""
    found = calibrator(counted(*even(100, 0.4)))
    assert found is not None
    rows, positives = (part * np.array([1.0, 0.0]) for part in even(1, 0.9))
    own = of_segment(found, counted(rows, positives))
    n, k = rows.sum(), positives.sum()
    np.testing.assert_allclose(own.chance[:-1, 0], (k + 50 * 0.4) / (n + 50), rtol=1e-3)
    np.testing.assert_allclose(own.chance[:-1, 1], found.chance[:-1, 1])
    assert of_segment(found, None) is found


def test_each_class_is_calibrated_on_its_own() -> None:
    """Two classes that the reference has, and one that it hardly has: of that nothing is said."""
    parts = [counted(*even(10, share)) for share in (0.3, 0.0, 0.7)]
    found = class_calibrator(np.concatenate(parts, axis=1))
    assert found is not None
    assert found.known.tolist() == [True, False, True]
    assert found.chance.shape == found.block.shape == (CELLS, 6)
    assert not found.chance[:, 2:4].any()
    np.testing.assert_allclose(found.positives, [0.3, 0.0, 0.7])
    for at, part in ((0, parts[0]), (2, parts[2])):
        one = calibrator(part)
        assert one is not None
        mine = slice(2 * at, 2 * at + 2)
        np.testing.assert_allclose(found.chance[:, mine], one.chance)
        np.testing.assert_allclose(found.rows[found.block[:, mine]], one.rows[one.block])
    assert set(np.unique(found.block)) == set(range(len(found.rows)))
    assert class_calibrator(np.concatenate([parts[1]] * 2, axis=1)) is None


def test_a_class_that_is_not_known_stays_so_in_a_segment() -> None:
    whole = np.concatenate([counted(*even(10, share)) for share in (0.3, 0.0)], axis=1)
    found = class_calibrator(whole)
    assert found is not None
    own = of_segment(found, np.concatenate([counted(*even(1, 0.9))] * 2, axis=1))
    assert not own.chance[:, 2:].any()
    assert own.chance[0, 0] > 0.6
