"""Trust: how often estimates were borne out of late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.metrics.labelled import UNPREDICTED
from wane.metrics.trust import TOO_FEW, TRUST, Trusted, least_trust, trust

NAN = float("nan")


def judged(off: list[float], noise: float = 0.0) -> Trusted:
    return trust(np.array(off), np.full(len(off), noise), np.ones(len(off)))


def test_hits_of_the_six_windows_with_labels_before() -> None:
    """Off by .02 is too much where only .01 is tolerated; windows without labels do not count."""
    found = judged([0.0, 0.02, NAN, 0.005, 0.0, 0.0, 0.02, 0.0, 0.0])
    assert found.windows.tolist() == [0, 1, 2, 2, 3, 4, 5, 6, 6]
    assert found.hits.tolist() == [0, 1, 1, 1, 2, 3, 4, 4, 4]


def test_noise_excuses() -> None:
    assert judged([0.03] * 4, noise=0.011**2).hits.tolist() == [0, 1, 2, 3]
    assert judged([0.03] * 4, noise=0.009**2).hits.tolist() == [0, 0, 0, 0]


def test_half_of_them_is_too_little() -> None:
    found = judged([0.0] * 6 + [1.0] * 4)
    assert found.lost.tolist() == [False] * 9 + [True]
    ((mask, reason),) = [one for one in found.told() if one[0].any()]
    assert mask.tolist() == found.lost.tolist()
    assert reason == "withheld: 3 of the last 6 windows with labels were as estimated"


def test_two_windows_are_too_few_to_lose_trust() -> None:
    assert judged([1.0] * 4).lost.tolist() == [False, False, False, True]


@given(st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=1, max_size=30))
def test_by_counting(off: list[float]) -> None:
    found = judged(off)
    for at in range(len(off)):
        known = [value for value in off[:at] if not np.isnan(value)][-6:]
        assert found.windows[at] == len(known)
        assert found.hits[at] == known.count(0.0)


def test_the_least_counts() -> None:
    one, other = judged([0.0, 0.0, 1.0, 0.0]), judged([1.0, 0.0, 0.0, 0.0])
    worst = least_trust([one, other])
    assert worst.hits.tolist() == [0, 0, 1, 2]
    shares = TRUST.measure(worst)
    assert shares.reasons == (TOO_FEW, TOO_FEW, TOO_FEW, None)
    assert shares.values[3] == pytest.approx(2 / 3)


def test_of_a_window_without_predictions_there_is_nothing_to_say() -> None:
    found = trust(np.zeros(5), np.zeros(5), np.array([9.0, 9, 9, 9, 0]))
    assert TRUST.measure(found).reasons[4] == UNPREDICTED
