"""The main line: by labels, and estimated where these are missing."""

from __future__ import annotations

import numpy as np

from metrics.build_scored import QUIET, Day, measured_days, series_of
from wane.metrics.best_known import best_guess, best_known
from wane.metrics.estimable import BLENDED
from wane.metrics.labelled import UNLABELLED
from wane.metrics.provisional import Provisional, settled

LATE = Provisional({2: 0.5})
FOUND = measured_days([QUIET, QUIET, Day(labelled=0.5), Day(labelled=0.0)], rows=2_000)


def test_windows_without_labels_are_filled() -> None:
    raw, blend = series_of(FOUND, "accuracy"), series_of(FOUND, f"accuracy{BLENDED}")
    known = best_known(settled(FOUND, LATE), FOUND, "accuracy", LATE)
    line = series_of(known.measurements, "accuracy")
    assert known.estimated == {2, 3}
    assert raw.reasons[3] == UNLABELLED
    np.testing.assert_array_equal(line.values[:2], raw.values[:2])
    np.testing.assert_array_equal(line.values[2:], blend.values[2:])
    assert line.reasons == (None,) * 4


def test_other_metrics_stay_as_they_are() -> None:
    known = best_known(settled(FOUND, LATE), FOUND, "accuracy", LATE)
    assert np.isnan(series_of(known.measurements, "f1").values[2:]).all()


def test_rows_are_as_many_as_would_tell_a_share_so_exactly() -> None:
    known = best_known(settled(FOUND, LATE), FOUND, "accuracy", LATE)
    line = series_of(known.measurements, "accuracy")
    error = (line.high[3] - line.low[3]) / 2 / 1.96
    value = line.values[3]
    assert line.n[3] == np.floor(min(value * (1 - value) / error**2, 2_000))
    assert line.n[:2].tolist() == [2_000, 2_000]


def test_nothing_to_fill() -> None:
    full = measured_days([QUIET] * 2)
    for main in ("accuracy", None):
        known = best_known(full, full, main, Provisional())
        assert known.measurements is full
        assert not known.estimated


def test_the_newest_guess() -> None:
    guess = best_guess(FOUND, "accuracy")
    assert guess is not None
    assert guess.window == FOUND.windows[3]
    assert guess.value == series_of(FOUND, f"accuracy{BLENDED}").values[3]
    assert best_guess(measured_days([Day(labelled=0.5), QUIET]), "accuracy") is None
    assert best_guess(FOUND, "no such metric") is None
