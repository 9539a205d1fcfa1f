"""The state of the detectors: there and back again as bytes, and nothing but numbers in it."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect.build_streams import RATE, streams_of, watched_through
from wane.detect import state as states
from wane.detect.state import NEVER, Mark, State
from wane.detect.watch import watch
from wane.errors import DataError

if TYPE_CHECKING:
    from wane.detect.streams import Streams

SEEDS = st.integers(0, 2**32 - 1)


def some_streams(seed: int, streams: int, windows: int, begin: int) -> Streams:
    """With whatever happens to streams: gaps, spikes, steps."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(streams, windows))
    values[random.random(values.shape) < 0.05] = np.nan
    values[random.random(values.shape) < 0.03] = 20
    values[: streams // 2, windows // 2 :] += 9
    return streams_of(
        values,
        noise=0.2,
        reference=np.where(np.arange(streams) % 2, np.nan, 0.0),
        adopts=bool(seed % 2),
        begin=min(begin, windows),
    )


def contents(data: bytes) -> dict[str, tuple[str, bytes]]:
    with np.load(io.BytesIO(data), allow_pickle=False) as box:
        return {name: (box[name].dtype.str, box[name].tobytes()) for name in box.files}


@settings(max_examples=25)
@given(
    seed=SEEDS,
    streams=st.integers(0, 4),
    windows=st.integers(0, 45),
    begin=st.integers(0, 20),
)
def test_a_state_comes_back_as_it_was(seed: int, streams: int, windows: int, begin: int) -> None:
    state = watched_through(some_streams(seed, streams, windows, begin))
    back = State.decode(state.encode())
    assert contents(back.encode()) == contents(state.encode())
    assert back.marks == state.marks
    assert all(type(number) is int for mark in back.marks for number in mark)
    assert (back.at, type(back.at)) == (state.at, int)
    assert (back.learned is None) is (state.learned is None)


def test_a_state_that_came_back_goes_on() -> None:
    streams = some_streams(5, 4, 60, 0)
    state = watch(streams, State.start(streams), RATE, until=30)
    whole = watch(streams, state, RATE)
    assert whole.marks
    assert watch(streams, State.decode(state.encode()), RATE).marks == whole.marks


def test_a_new_state_has_seen_the_history_and_nothing_else() -> None:
    streams = streams_of(np.zeros((2, 20)), begin=9)
    state = State.start(streams)
    assert (state.at, state.learned, state.marks) == (9, None, ())
    assert state.left_out.shape == (2, 9)
    assert state.judged_from.tolist() == [NEVER, NEVER]


def test_nothing_is_pickled() -> None:
    for dtype, _ in contents(watched_through(some_streams(1, 3, 40, 0)).encode()).values():
        assert np.dtype(dtype).kind in "biuf"


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return pytest.fail, ("a pickle was loaded",)


def boxed(**arrays: object) -> bytes:
    box = io.BytesIO()
    given: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items()}
    np.savez(box, **given)
    return box.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no state",
        pickle.dumps(Bomb()),
        boxed(at=3),
        boxed(version="one"),
        boxed(version=states.VERSION),
        boxed(version=states.VERSION, at=np.array([Bomb()])),
    ],
    ids=["empty", "text", "pickle", "no version", "words", "nothing else", "pickle inside"],
)
def test_bytes_that_are_no_state(data: bytes) -> None:
    with pytest.raises(DataError, match="cannot be read") as caught:
        State.decode(data)
    assert "computed again" in str(caught.value)


def test_a_state_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    state = watched_through(some_streams(1, 2, 30, 0))
    monkeypatch.setattr(states, "VERSION", states.VERSION + 1)
    newer = state.encode()
    monkeypatch.undo()
    with pytest.raises(DataError, match="another version") as caught:
        State.decode(newer)
    assert caught.value.got == str(states.VERSION + 1)


def test_an_alarm_is_open_until_it_has_ended_or_was_adopted() -> None:
    mark = Mark(stream=0, side=1, detector=0, raised=5)
    assert mark.open
    assert not mark._replace(ended=7).open
    assert not mark._replace(adopted=20).open
    assert mark._replace(paged=6).open


def test_marks_of_no_stream_are_none() -> None:
    state = replace(State.start(streams_of(np.zeros((1, 3)))), marks=())
    assert State.decode(state.encode()).marks == ()


@pytest.mark.parametrize("part", [slice(0, 100), slice(0, -200), slice(0, 4)])
def test_truncated_bytes_are_refused(part: slice) -> None:
    data = watched_through(streams_of(np.zeros((2, 30)))).encode()
    with pytest.raises(DataError, match="cannot be read"):
        State.decode(data[part])


def test_bytes_of_other_arrays_are_refused() -> None:
    box = io.BytesIO()
    np.save(box, np.zeros(3))
    with pytest.raises(DataError):
        State.decode(box.getvalue())
