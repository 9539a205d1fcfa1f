"""Watching streams: laws that hold for any stream, and what each detector is for."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from detect.build_streams import RARE, RATE, chosen, quiet, streams_of, until, watched_through
from wane.detect.limits import LOSS, SHIFT, SPIKE
from wane.detect.state import NEVER, Mark, State
from wane.detect.watch import watch

if TYPE_CHECKING:
    from wane.detect.streams import Streams

SEEDS = st.integers(0, 2**32 - 1)
PLAIN = (1,)


def noise(windows: int, streams: int = 1, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(scale=scale, size=(streams, windows))


def eventful(seed: int, windows: int = 60) -> Streams:
    """Three streams with gaps, spikes and a step, and settings of every kind."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(3, windows))
    values[random.random(values.shape) < 0.08] = np.nan
    values[random.random(values.shape) < 0.03] = 15
    values[0, random.integers(windows) :] += random.choice([0, 4, 9])
    return streams_of(
        values,
        noise=random.choice([0.0, 0.2]),
        reference=random.choice([math.nan, 0.0], 3),
        tolerance=random.choice([0.0, 0.5]),
        harm=random.integers(-1, 2, 3),
        adopts=bool(random.integers(2)),
        periods=PLAIN if random.integers(2) else (7,),
        begin=int(random.choice([0, 10])),
    )


def marks_of(streams: Streams) -> tuple[Mark, ...]:
    return watched_through(streams).marks


def rare_marks(streams: Streams) -> tuple[Mark, ...]:
    """Alarms that noise does not raise."""
    return watched_through(streams, RARE).marks


def raised(streams: Streams, side: int = 1) -> list[int]:
    """Windows in which alarms of one side were raised, but for those of noise."""
    return [mark.raised for mark in rare_marks(streams) if mark.side == side]


# laws


@settings(max_examples=15)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 60), max_size=6))
def test_a_replay_in_parts_is_the_whole(seed: int, cuts: list[int]) -> None:
    """Also when nothing is known of later windows, and the state is stored in between."""
    streams = eventful(seed)
    state = State.start(streams)
    for cut in sorted({*cuts, streams.length}):
        if cut >= state.at:
            state = State.decode(watch(until(streams, cut), state, RATE).encode())
    assert state.encode() == watched_through(streams).encode()


@pytest.mark.parametrize("seed", range(2))
def test_a_replay_window_by_window_is_the_whole(seed: int) -> None:
    streams = eventful(seed)
    state = State.start(streams)
    while state.at < streams.length:
        state = State.decode(watch(streams, state, RATE, state.at + 1).encode())
    assert state.encode() == watched_through(streams).encode()


@settings(max_examples=12)
@given(seed=SEEDS, order=st.permutations(range(3)))
def test_the_order_of_streams_does_not_matter(seed: int, order: list[int]) -> None:
    streams = eventful(seed)
    turned = marks_of(chosen(streams, np.array(order)))
    assert sorted(mark._replace(stream=order[mark.stream]) for mark in turned) == sorted(
        marks_of(streams)
    )


@settings(max_examples=20)
@given(seed=SEEDS, at=st.integers(16, 45), sizes=st.lists(st.floats(0, 30), min_size=5, max_size=5))
def test_a_larger_spike_is_raised_wherever_a_smaller_one_is(
    seed: int, at: int, sizes: list[float]
) -> None:
    values = np.repeat(np.random.default_rng(seed).normal(size=(1, 60)), 5, axis=0)
    values[:, at] += np.sort(sizes)
    found = marks_of(streams_of(values, weight=1.0, periods=PLAIN))
    # a stream whose alarm stood before cannot raise another
    before = {mark.stream for mark in found if mark.raised < at}
    told = [any(m.stream == s and m.raised == at and m.side == 1 for m in found) for s in range(5)]
    assert before or told == sorted(told)


@settings(max_examples=20)
@given(seed=SEEDS, at=st.integers(0, 60), missing=st.integers(1, 14))
def test_missing_windows_change_nothing(seed: int, at: int, missing: int) -> None:
    streams = eventful(seed)
    same = partial(streams_of, harm=streams.harm, reference=streams.reference)
    streams = same(streams.values)
    before = watch(until(streams, at), State.start(streams), RATE)
    longer = same(np.hstack([streams.values[:, :at], np.full((3, missing), np.nan)]))
    after = watch(longer, before, RATE)
    assert after.at == before.at + missing
    assert after.marks == before.marks
    for name in ("charts", "evidence", "side", "moved", "back"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name), err_msg=name)


def test_streams_that_are_never_there_are_never_judged() -> None:
    state = watched_through(streams_of(np.full((2, 60), np.nan), reference=0.0))
    assert state.marks == ()
    assert state.judged_from.tolist() == [NEVER, NEVER]


def test_nothing_to_watch() -> None:
    assert watched_through(streams_of(np.zeros((2, 0)))).at == 0
    assert watched_through(streams_of(np.zeros((0, 30)))).marks == ()


# learning


def test_nothing_is_judged_before_there_are_limits() -> None:
    values = noise(40)
    values[:, 5] = 100
    state = watched_through(streams_of(values, periods=PLAIN), RARE)
    assert state.judged_from[0] in (14, 15, 16)  # the wild window does not count
    assert raised(streams_of(values, periods=PLAIN)) == []


def test_a_history_before_the_first_window_gives_limits_at_once() -> None:
    values = noise(40)
    values[:, 30] = 10
    state = watched_through(streams_of(values, periods=PLAIN, begin=30), RARE)
    assert state.judged_from[0] == 30
    assert [mark.raised for mark in state.marks] == [30]


def test_history_itself_is_not_judged() -> None:
    values = noise(40)
    values[:, 20] = 50
    assert raised(streams_of(values, periods=PLAIN, begin=30)) == []


# spikes


@pytest.mark.parametrize("adopts", [True, False])
@pytest.mark.parametrize("side", [1, -1])
def test_a_huge_spike_is_raised_in_its_window_and_ends_in_the_next(
    side: int, *, adopts: bool
) -> None:
    values = noise(50)
    values[:, 30] = 30 * side
    streams = streams_of(values, harm=side, adopts=adopts, periods=PLAIN)
    (mark,) = rare_marks(streams)
    assert (mark.side, mark.detector, mark.raised, mark.ended) == (side, SPIKE, 30, 31)
    assert not mark.open


def test_one_outage_does_not_hide_the_next() -> None:
    values = noise(60)
    values[:, [25, 27, 50]] = 30
    assert raised(streams_of(values, periods=PLAIN)) == [25, 27, 50]


def bursts(*at: int) -> np.ndarray:
    values = noise(200, seed=7)
    values[:, list(at)] += 30
    return values


OFTEN = (30, 50, 70, 100, 150, 190)


def test_what_was_told_three_times_and_passed_is_no_news() -> None:
    streams = streams_of(bursts(*OFTEN), harm=0, adopts=True, periods=PLAIN)
    assert raised(streams) == [30, 50, 70]


@pytest.mark.parametrize(("harm", "adopts"), [(1, True), (0, False), (-1, False)])
def test_harm_that_recurs_is_told_each_time(harm: int, *, adopts: bool) -> None:
    streams = streams_of(bursts(*OFTEN), harm=harm, adopts=adopts, periods=PLAIN)
    assert raised(streams) == list(OFTEN)


def test_what_is_larger_than_what_was_told_is_news() -> None:
    values = bursts(*OFTEN)
    values[:, 150] += 30
    assert raised(streams_of(values, harm=0, adopts=True, periods=PLAIN)) == [30, 50, 70, 150]


def test_a_window_is_judged_by_how_much_those_of_its_slot_vary() -> None:
    """Busy hours vary five times as much as quiet ones."""
    busy = np.where(np.arange(24 * 40) % 24 < 6, 5.0, 1.0)
    values = busy * np.random.default_rng(9).normal(size=(1, 24 * 40))
    streams = streams_of(values, harm=0, periods=(24,), begin=24 * 20)
    assert rare_marks(streams) == ()
    values[:, 24 * 35 + 12] = 18
    assert raised(replace(streams, values=values)) == [24 * 35 + 12]


def test_a_spike_is_judged_beside_its_season() -> None:
    weekend = np.where(np.arange(70) % 7 == 6, 20.0, 0.0)
    values = weekend + noise(70)
    assert rare_marks(streams_of(values, begin=28)) == ()
    values[:, 45] += 20  # a weekday like a weekend
    assert raised(streams_of(values, begin=28)) == [45]


def test_a_window_of_few_rows_may_stray_further() -> None:
    shares = 0.1 + noise(50, scale=0.001)
    rows = np.full((1, 50), 10_000.0)
    shares[:, 40] = 0.3
    assert raised(streams_of(shares, rows=rows, counted=True, periods=PLAIN)) == [40]
    rows[:, 40] = 10
    assert raised(streams_of(shares, rows=rows, counted=True, periods=PLAIN)) == []


# changes that last


def lasting(size: float = 8.0, windows: int = 70, at: int = 30) -> np.ndarray:
    values = noise(windows)
    values[:, at:] += size
    return values


def test_a_level_that_lasts_becomes_the_usual_one_in_traffic_and_data() -> None:
    values = lasting()
    values[:, 60:] -= 8
    first, second = rare_marks(streams_of(values, harm=0, adopts=True, periods=PLAIN))
    assert (first.raised, first.side, first.adopted) == (30, 1, 43)
    assert (second.raised, second.side) == (60, -1)  # the old level is unusual now


def test_a_level_that_lasts_stands_in_performance() -> None:
    (mark,) = rare_marks(streams_of(lasting(), periods=PLAIN))
    assert mark.raised == 30
    assert mark.open


@pytest.mark.parametrize("size", [4.0, 8.0])
def test_an_alarm_ends_with_the_first_window_that_is_usual_again(size: float) -> None:
    """Also where one usual window is not enough to tell."""
    values = noise(70)
    values[:, 30:40] += size
    streams = streams_of(values, periods=PLAIN, begin=20)
    (mark,) = marks_of(streams)
    assert (mark.raised, mark.ended) == (30, 40)
    assert watch(streams, State.start(streams), RATE, until=40).marks[0].open


def test_the_windows_of_an_alarm_are_not_learned_from() -> None:
    values = noise(70)
    values[:, 30:40] += 8
    state = watched_through(streams_of(values, periods=PLAIN), RARE)
    assert np.flatnonzero(state.left_out[0]).tolist() == list(range(30, 40))


def test_many_windows_a_little_off_are_a_shift() -> None:
    values = noise(200, scale=1.0)
    values[:, 100:] += 1.5
    (mark,) = rare_marks(streams_of(values, periods=PLAIN))
    assert mark.detector == SHIFT
    assert 101 <= mark.raised < 120


def test_the_harmful_side_comes_first() -> None:
    """A stream in which both sides call is told as harm."""
    values = noise(60)
    values[:, 30:] -= 8
    (good,) = rare_marks(streams_of(values, harm=1, periods=PLAIN))
    (bad,) = rare_marks(streams_of(values, harm=-1, periods=PLAIN))
    assert good.side == bad.side == -1


# tolerance, reference, loss


def test_what_is_smaller_than_the_tolerance_is_nobodys_business() -> None:
    values = noise(100, scale=0.001)
    values[:, 50:] += 0.9
    assert rare_marks(streams_of(values, tolerance=1.0, reference=0.0, periods=PLAIN)) == ()
    assert raised(streams_of(values, tolerance=0.1, periods=PLAIN)) == [50]


def of_share(share: float, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).binomial(1000, share, (1, 90))
    return np.asarray(rows / 1000)


@pytest.mark.parametrize("harm", [1, -1])
@pytest.mark.parametrize(
    ("share", "tolerance", "paged"),
    [(0.10, 0.0, False), (0.12, 0.04, False), (0.12, 0.0, True), (0.20, 0.04, True)],
)
def test_a_loss_is_proven_only_beyond_reference_and_tolerance(
    share: float, tolerance: float, harm: int, *, paged: bool
) -> None:
    """It was there from the first window, and so is normal to all other limits."""
    wrong = of_share(share)
    streams = streams_of(
        wrong if harm > 0 else 1 - wrong,
        reference=0.1 if harm > 0 else 0.9,
        reference_noise=0.09 / 100_000,
        tolerance=tolerance,
        harm=harm,
        counted=True,
        begin=40,
    )
    found = marks_of(streams)
    assert bool(found) is paged
    assert {(mark.detector, mark.side) for mark in found} <= {(LOSS, harm)}
    assert all(mark.paged == mark.raised for mark in found)


def test_a_loss_of_a_metric_that_is_no_share_is_proven_too() -> None:
    values = 5 + noise(60, scale=0.2)
    found = rare_marks(streams_of(values, reference=3.0, tolerance=0.5, periods=PLAIN))
    assert {mark.detector for mark in found} == {LOSS}
    assert rare_marks(streams_of(values, reference=4.9, tolerance=0.5, periods=PLAIN)) == ()


def test_a_spike_that_goes_on_is_paged_once_the_loss_is_proven() -> None:
    values = of_share(0.1)
    values[:, 40:] = of_share(0.3)[:, 40:]
    streams = streams_of(values, reference=0.1, tolerance=0.01, counted=True)
    (mark,) = rare_marks(streams)
    assert mark.raised <= mark.paged <= mark.raised + 2
    assert mark.open


def test_what_has_no_way_to_do_harm_is_never_paged() -> None:
    found = rare_marks(streams_of(lasting(), reference=0.0, harm=0, periods=PLAIN))
    assert [mark.paged for mark in found] == [NEVER]


# odd streams


def test_a_constant_may_move_by_the_tolerance_and_no_further() -> None:
    for moved, windows in ((0.009, []), (0.1, [40])):
        values = np.full((1, 60), 0.9)
        values[:, 40:] -= moved
        streams = streams_of(values, tolerance=0.01, harm=-1, reference=0.9)
        assert [mark.raised for mark in marks_of(streams) if mark.side < 0] == windows


def test_a_constant_that_stays_raises_nothing() -> None:
    for level in (0.0, 0.9, -1e9):
        assert rare_marks(streams_of(np.full((1, 60), level))) == ()


def test_growth_is_followed_where_it_is_nothing_unusual() -> None:
    values = 0.5 * np.arange(120) + noise(120)
    assert rare_marks(streams_of(values, harm=0, adopts=True, growing=True)) == ()
    values[:, 100:] -= 12
    assert raised(streams_of(values, harm=0, adopts=True, growing=True), side=-1) == [100]


# the guarantee


@pytest.mark.parametrize("reference", [0.0, math.nan])
def test_false_alarms_stay_within_the_budget(reference: float) -> None:
    """Weekly season, correlated windows, limits learned from 56 windows before the first."""
    streams, windows, history = 400, 100, 56
    values = quiet(streams, history + windows, seed=11)
    found = watched_through(
        streams_of(values, noise=0.3, reference=reference, reference_noise=0.3 / 56, begin=history),
        rate=0.1,
    )
    false = sum(mark.side > 0 for mark in found.marks)
    assert false <= scipy.stats.poisson.ppf(0.99, 0.1 * windows)


def test_false_alarms_stay_within_the_budget_while_limits_are_young() -> None:
    values = quiet(400, 100, seed=12)
    found = watched_through(streams_of(values, noise=0.3), rate=0.1)
    false = sum(mark.side > 0 for mark in found.marks)
    assert false <= scipy.stats.poisson.ppf(0.99, 0.1 * 100)


def test_a_step_of_three_deviations_is_seen_within_five_windows() -> None:
    """In streams that are among 200 which share one false alarm in 90 windows."""
    stepped, step = 20, 150
    values = quiet(200, step + 30, seed=3, rho=0.0)
    values[:stepped, step:] += 3 * math.sqrt(1.3)
    found = watched_through(streams_of(values, noise=0.3, begin=140))
    delays = {
        mark.stream: mark.raised - step
        for mark in reversed(found.marks)
        if mark.stream < stepped and mark.side > 0 and mark.raised >= step
    }
    assert len(delays) == stepped
    assert np.median(list(delays.values())) <= 5


def test_missing_windows_are_no_level_that_lasts() -> None:
    values = 0.02 + 0.002 * np.random.default_rng(0).normal(size=(1, 60))
    values[0, 30] = 0.5
    values[0, 31:50] = np.nan
    state = watched_through(streams_of(values, adopts=True, tolerance=0.01), RARE)
    assert state.marks[0].adopted == NEVER
    assert state.learned is not None
    assert state.learned.known.all()
