"""The e-detector: its premise exactly, its guarantee and published table by simulation."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import e_detector
from wane.stats.natural_variation import design_effect, natural_variation, row_correlation

Floats = NDArray[np.float64]
RATES = st.floats(1e-9, 1)
EVIDENCE = hnp.arrays(np.float64, (2, 9, 7), elements=st.one_of(st.just(np.nan), st.floats(-5, 5)))
ROWS = 1000
LIMIT = float(np.log(1000))


def errors(share: float, wobble: float, streams: int, windows: int, seed: int) -> Floats:
    """Wrong rows of windows of 1,000 whose true error rate wobbles."""
    random = np.random.default_rng(seed)
    rate = np.clip(random.normal(share, wobble, (streams, windows)), 0, 1)
    return random.binomial(ROWS, rate).astype(np.float64)


def alarms(wrong: Floats, tolerated: float, effect: float) -> NDArray[np.bool_]:
    evidence = e_detector.binary_evidence(wrong, ROWS, tolerated, design_effect=effect)
    return e_detector.run(e_detector.start(len(wrong)), evidence, LIMIT).alarm


def delay(share: float, wobble: float, effect: float) -> float:
    """Median number of windows until the first alarm, after 50 quiet windows."""
    quiet = errors(0.1, wobble, 150, 50, 5)
    alarm = alarms(np.hstack([quiet, errors(share, wobble, 150, 150, 6)]), 0.105, effect)[:, 50:]
    return float(np.median(np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1, 999)))


@given(rows=st.integers(1, 40), tolerated=RATES, truth=RATES)
def test_a_binary_bet_wins_nothing_under_the_null(
    rows: int, tolerated: float, truth: float
) -> None:
    """The mean of L is 1 at the tolerated rate and at most 1 below it."""
    losses = np.arange(rows + 1)
    evidence = e_detector.binary_evidence(losses, rows, tolerated)
    chance = scipy.stats.binom.pmf(losses, rows, min(truth, tolerated))
    assert (chance @ np.exp(evidence) <= 1 + 1e-9).all()
    chance = scipy.stats.binom.pmf(losses, rows, tolerated)
    np.testing.assert_allclose(chance @ np.exp(evidence), 1, rtol=1e-9)


@given(mean=st.floats(-3, 0), effect=st.floats(1, 50))
def test_a_normal_bet_wins_nothing_under_the_null(mean: float, effect: float) -> None:
    """The mean of L is exp(lambda mean) for unit normal x, so at most 1; tempered it is less."""
    x, weight = np.polynomial.hermite_e.hermegauss(80)
    chance = weight / weight.sum()
    bet = np.array(e_detector.NORMAL_BETS)
    evidence = e_detector.normal_evidence(x + mean)
    np.testing.assert_allclose(chance @ np.exp(evidence), np.exp(bet * mean), rtol=1e-6)
    tempered = e_detector.normal_evidence(x + mean, design_effect=effect)
    assert (chance @ np.exp(tempered) <= 1 + 1e-9).all()


@given(excess=st.floats(-50, 50), effect=st.floats(1, 100))
def test_normal_evidence_is_a_log_likelihood_ratio(excess: float, effect: float) -> None:
    bet = np.array(e_detector.NORMAL_BETS)
    ratio = scipy.stats.norm.logpdf(excess, bet) - scipy.stats.norm.logpdf(excess)
    found = e_detector.normal_evidence(excess, design_effect=effect)
    np.testing.assert_allclose(found, ratio / effect, atol=1e-9)


def test_normal_evidence_of_many_streams() -> None:
    excess = np.array([[0.0, 2.0, np.nan], [5.0, -1.0, 1e6]])
    effect = np.array([[1.0], [4.0]])
    found = e_detector.normal_evidence(excess, design_effect=effect)
    assert found.shape == (2, 3, len(e_detector.NORMAL_BETS))
    assert np.isnan(found[0, 2]).all()
    assert np.isfinite(found[1]).all()
    np.testing.assert_allclose(found[1, 0], np.asarray(e_detector.normal_evidence(5.0)) / 4)


def test_normal_losses_see_a_rise_and_nothing_else() -> None:
    random = np.random.default_rng(10)
    excess = random.normal(size=(60, 300)) - 0.2
    excess[:, 250:] += 1.7
    run = e_detector.run(e_detector.start(60), e_detector.normal_evidence(excess), LIMIT)
    assert run.alarm[:, :250].any(axis=1).mean() <= 0.02
    assert run.alarm[:, 250:].any(axis=1).all()
    assert np.median(run.alarm[:, 250:].argmax(axis=1) + 1) <= 10


@given(losses=st.integers(0, 99), tolerated=st.floats(0.01, 0.99))
def test_more_losses_are_more_evidence(losses: int, tolerated: float) -> None:
    fewer, more = e_detector.binary_evidence([losses, losses + 1], 100, tolerated)
    assert (more > fewer).all()


@given(evidence=EVIDENCE)
def test_the_sum_over_all_beginnings(evidence: Floats) -> None:
    """M is the sum over windows j of the product of L from j on."""
    found = e_detector.run(e_detector.start(2), evidence, np.inf)
    for stream in range(2):
        for bet in range(7):
            seen = evidence[stream, :, bet]
            tails = np.cumsum(seen[~np.isnan(seen)][::-1])
            expected = np.logaddexp.reduce(tails) if len(tails) else -np.inf
            assert found.state[stream, bet] == pytest.approx(expected, abs=1e-9)


@given(evidence=EVIDENCE, cut=st.integers(0, 9))
def test_blocks_are_windows(evidence: Floats, cut: int) -> None:
    whole = e_detector.run(e_detector.start(2), evidence, 2.0)
    first = e_detector.run(e_detector.start(2), evidence[:, :cut], 2.0)
    second = e_detector.run(first.state, evidence[:, cut:], 2.0)
    np.testing.assert_array_equal(whole.state, second.state)
    np.testing.assert_array_equal(whole.alarm, np.hstack([first.alarm, second.alarm]))
    np.testing.assert_array_equal(whole.log_value, np.hstack([first.log_value, second.log_value]))


@given(evidence=EVIDENCE)
def test_streams_do_not_touch(evidence: Floats) -> None:
    both = e_detector.run(e_detector.start(2), evidence, [2.0, 3.0])
    turned = e_detector.run(e_detector.start(2), evidence[::-1], [3.0, 2.0])
    np.testing.assert_array_equal(both.log_value[::-1], turned.log_value)


def test_it_restarts_after_an_alarm() -> None:
    evidence = np.full((1, 4, 7), np.log(3))
    found = e_detector.run(e_detector.start(1), evidence, np.log(12))
    np.testing.assert_allclose(np.exp(found.log_value[0]), [3, 12, 3, 12])
    assert found.alarm[0].tolist() == [False, True, False, True]
    assert np.isneginf(found.state).all()


def test_a_missing_window_changes_nothing() -> None:
    evidence = e_detector.binary_evidence([12.0, 0.0, np.nan], [100, 0, np.nan], 0.1)
    assert np.isnan(evidence[1:]).all()
    state = e_detector.step(e_detector.start(1), evidence[:1])
    np.testing.assert_array_equal(e_detector.step(state, evidence[1:2]), state)


def test_ten_million_rows_do_not_overflow() -> None:
    for losses in (0.0, 1e6, 1e7):
        binary = e_detector.binary_evidence(losses, 1e7, [0.0, 0.1, 0.5, 1.0])
        assert np.isfinite(binary).all()
        state = e_detector.step(e_detector.step(e_detector.start(4), binary), binary)
        assert np.isfinite(e_detector.log_average(state)).all()


def test_log_average_against_scipy() -> None:
    values = np.random.default_rng(0).normal(0, 900, (5, 7))
    expected = scipy.special.logsumexp(values, axis=1) - np.log(7)
    np.testing.assert_allclose(e_detector.log_average(values), expected)


def test_no_windows_and_no_streams() -> None:
    assert e_detector.run(e_detector.start(2), np.zeros((2, 0, 7)), 1.0).alarm.shape == (2, 0)
    assert e_detector.run(e_detector.start(0), np.zeros((0, 3, 7)), 1.0).state.shape == (0, 7)


def test_the_guarantee_at_the_tolerated_rate() -> None:
    """The mean time to a false alarm is at least A, here 40 windows."""
    random = np.random.default_rng(2)
    losses = random.binomial(50, 0.1, (400, 600))
    evidence = e_detector.binary_evidence(losses, 50, 0.1)
    alarm = e_detector.run(e_detector.start(400), evidence, np.log(40)).alarm
    first = np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1, 600)
    assert first.mean() >= 40


@pytest.mark.parametrize(
    ("wobble", "effect", "low", "high"),
    [(0.0, 1.0, 0.0, 0.01), (0.01, 1.0, 0.5, 0.7), (0.01, 2.1, 0.0, 0.02)],
)
def test_quiet_windows(wobble: float, effect: float, low: float, high: float) -> None:
    """10 % errors, 10.5 % tolerated: share of runs of 1,000 windows with any alarm."""
    share = alarms(errors(0.1, wobble, 150, 1000, 4), 0.105, effect).any(axis=1).mean()
    assert low <= share <= high


@pytest.mark.parametrize(
    ("wobble", "effect", "slow", "fast"), [(0.0, 1.0, 7, 1), (0.01, 1.0, 6, 2), (0.01, 2.1, 13, 2)]
)
def test_delays(wobble: float, effect: float, slow: float, fast: float) -> None:
    """Median windows until a rise to 12 % and to 15 % is found."""
    assert delay(0.12, wobble, effect) <= slow
    assert delay(0.15, wobble, effect) <= fast


def test_a_learned_design_effect_holds() -> None:
    history = natural_variation(errors(0.1, 0.01, 150, 100, 7) / ROWS, 0.09 / ROWS)
    row_variance = history.mean * (1 - history.mean)
    effect = design_effect(ROWS, row_correlation(history.between_variance, row_variance))
    evidence = e_detector.binary_evidence(
        errors(0.1, 0.01, 150, 1000, 8), ROWS, 0.105, design_effect=effect[:, None]
    )
    alarm = e_detector.run(e_detector.start(150), evidence, LIMIT).alarm
    assert alarm.any(axis=1).mean() <= 0.03
