# ruff: noqa: ARG001 - what is watched are arguments, used or not
from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

import wane
from monitor.fake_server import rows_of
from wane.errors import DataError, UsageError
from wane.monitor.parcel import Accepted, Answer, Kind, Parcel
from wane.monitor.rows import LARGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@dataclass
class Kept:
    """A transport that keeps the parcels."""

    parcels: list[Parcel] = field(default_factory=list)
    destination: str = "here"

    def send(self, parcel: Parcel) -> Answer:
        self.parcels.append(parcel)
        return Accepted()

    def close(self) -> None:
        pass


class Watched:
    """A monitor and what it was told."""

    def __init__(self, *, strict: bool = True) -> None:
        self.kept = Kept()
        self.monitor = wane.Monitor("churn", strict=strict, transport=self.kept)

    def events(self) -> list[dict[str, Any]]:
        self.monitor.close(60.0)
        parcels = [each for each in self.kept.parcels if each.kind is Kind.PREDICTIONS]
        return [row for each in parcels for row in rows_of(each.body(), arrow=each.form == "arrow")]


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_row(watched: Watched) -> None:
    @watched.monitor.watch
    def predict(row: dict[str, float]) -> int:
        """Say yes."""
        row["x"] = 2.0  # models do such things
        return 1

    assert predict({"x": 1.0}) == 1
    (event,) = watched.events()
    assert event["features"] == {"x": 1.0}
    assert event["prediction"] == 1
    assert event["latency"] > 0
    assert UUID(event["id"]).version == 7
    assert "error" not in event


def test_signature_name_and_words_stay(watched: Watched) -> None:
    def predict(row: dict[str, float], *, threshold: float = 0.5) -> int:
        """Say yes."""
        return int(row["x"] > threshold)

    for seen in (watched.monitor.watch(predict), watched.monitor.watch(id="key")(predict)):
        assert inspect.signature(seen) == inspect.signature(predict)
        assert (seen.__name__, seen.__doc__) == ("predict", "Say yes.")
        assert seen({"x": 1.0}, threshold=0.9) == 1


def test_an_exception_is_recorded_and_raised_unchanged(watched: Watched) -> None:
    failure = ValueError("of Ada Lovelace")

    @watched.monitor.watch
    def predict(row: dict[str, float]) -> int:
        raise failure

    with pytest.raises(ValueError, match="Ada") as raised:
        predict({"x": 1.0})
    assert raised.value is failure
    (event,) = watched.events()
    assert event["error"] == "ValueError"
    assert event["features"] == {"x": 1.0}
    assert "prediction" not in event


def test_async(watched: Watched) -> None:
    @watched.monitor.watch
    async def predict(row: dict[str, float]) -> float:
        await asyncio.sleep(0)
        if row["x"] < 0:
            raise KeyError("x")
        return row["x"]

    async def serve() -> list[object]:
        calls = [predict({"x": float(x)}) for x in range(-1, 20)]
        return await asyncio.gather(*calls, return_exceptions=True)

    assert inspect.iscoroutinefunction(predict)
    answers = asyncio.run(serve())
    assert isinstance(answers[0], KeyError)
    events = watched.events()
    assert sorted(e["prediction"] for e in events if "prediction" in e) == [*range(20)]
    assert [e["error"] for e in events if "error" in e] == ["KeyError"]


def test_cancelled_is_no_error_of_the_model(watched: Watched) -> None:
    @watched.monitor.watch
    async def predict(row: dict[str, float]) -> float:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(predict({"x": 1.0}))
    assert watched.events() == []


def test_generators_are_refused(watched: Watched) -> None:
    def predict(row: dict[str, float]) -> Iterator[int]:
        yield 1

    async def later(row: dict[str, float]) -> AsyncIterator[int]:
        yield 1

    for each in (predict, later):
        with pytest.raises(UsageError, match="generator"):
            watched.monitor.watch(each)


def test_scalars_are_features_by_their_names(watched: Watched) -> None:
    @watched.monitor.watch(id="key")
    def predict(age: int, income: float = 1.0, *, key: str = "") -> str:
        return "yes"

    predict(30, income=2.5, key="a1")
    (event,) = watched.events()
    assert event["features"] == {"age": 30, "income": 2.5}
    assert event["id"] == "a1"


def test_a_method(watched: Watched) -> None:
    class Model:
        @watched.monitor.watch
        def predict(self, rows: list[dict[str, int]]) -> list[int]:
            return [row["x"] * 2 for row in rows]

    assert Model().predict([{"x": 1}, {"x": 2}]) == [2, 4]
    events = watched.events()
    assert [(e["features"]["x"], e["prediction"]) for e in events] == [(1, 2), (2, 4)]


def test_a_matrix(watched: Watched) -> None:
    @watched.monitor.watch(names=["a", "b"])
    def predict(X: Any) -> Any:  # noqa: ANN401, N803
        return X.sum(axis=1) > 3

    predict(np.array([[1.0, 2.0], [3.0, 4.0]]))
    events = watched.events()
    assert [e["features"] for e in events] == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}]
    assert [e["prediction"] for e in events] == [False, True]


def test_ids_from_a_feature_a_parameter_or_a_function(watched: Watched) -> None:
    frame = pd.DataFrame({"key": ["a", "b"], "x": [1, 2]})

    @watched.monitor.watch(id="key")
    def of_feature(frame: pd.DataFrame) -> list[int]:
        return [1, 1]

    @watched.monitor.watch(id="ids")
    def of_parameter(frame: pd.DataFrame, ids: list[str]) -> list[int]:
        return [1, 1]

    @watched.monitor.watch(id=lambda frame: frame["key"] + "!")
    def of_function(frame: pd.DataFrame) -> list[int]:
        return [1, 1]

    of_feature(frame)
    of_parameter(frame, ["c", "d"])
    of_function(frame)
    events = watched.events()
    assert [e["id"] for e in events] == ["a", "b", "c", "d", "a!", "b!"]
    assert events[0]["features"] == {"x": 1}
    assert events[2]["features"] == {"key": "a", "x": 1}


def test_features_from_a_parameter_or_a_function(watched: Watched) -> None:
    @watched.monitor.watch(features="row")
    def of_parameter(model: object, row: dict[str, int]) -> int:
        return 1

    @watched.monitor.watch(features=lambda _model, row: {"sum": sum(row.values())})
    def of_function(model: object, row: dict[str, int]) -> int:
        return 1

    of_parameter(object(), {"x": 1})
    of_function(object(), {"x": 1, "y": 2})
    assert [e["features"] for e in watched.events()] == [{"x": 1}, {"sum": 3}]


def test_answers_of_another_shape(watched: Watched) -> None:
    @watched.monitor.watch(answer=lambda probabilities: [{"score": p[1]} for p in probabilities])
    def predict_proba(rows: list[dict[str, int]]) -> list[list[float]]:
        return [[0.25, 0.75] for _ in rows]

    predict_proba([{"x": 1}, {"x": 2}])
    assert [e["score"] for e in watched.events()] == [0.75, 0.75]


@pytest.mark.parametrize("way", [pd.DataFrame, lambda data: np.column_stack([*data.values()])])
def test_many_rows_go_as_a_frame(watched: Watched, way: Any) -> None:  # noqa: ANN401
    data = {"f0": np.arange(LARGE), "f1": np.zeros(LARGE)}

    @watched.monitor.watch
    def predict(X: Any) -> Any:  # noqa: ANN401, N803
        return np.arange(LARGE) % 2

    predict(way(data))
    events = watched.events()
    assert [e["f0"] for e in events] == [*range(LARGE)]
    assert [e["prediction"] for e in events[:3]] == [0, 1, 0]
    assert len({e["latency"] for e in events}) == 1
    assert {parcel.form for parcel in watched.kept.parcels} == {"arrow"}


def test_many_rows_with_ids_that_fail(watched: Watched) -> None:
    frame = pd.DataFrame({"key": [f"k{i}" for i in range(LARGE)], "x": np.arange(LARGE)})

    @watched.monitor.watch(id="key")
    def predict(frame: pd.DataFrame) -> list[int]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        predict(frame)
    events = watched.events()
    assert [e["id"] for e in events[:2]] == ["k0", "k1"]
    assert {e["error"] for e in events} == {"RuntimeError"}
    assert "key" not in events[0]


def test_what_cannot_be_told_is_said_and_the_call_is_logged() -> None:
    watched = Watched(strict=False)

    @watched.monitor.watch
    def predict(row: object) -> object:
        return object()

    predict(object())
    (event,) = watched.events()
    assert event["latency"] > 0
    assert "prediction" not in event
    assert watched.monitor.counts.errors == 2


def test_strict_it_raises() -> None:
    watched = Watched(strict=True)

    @watched.monitor.watch
    def predict(row: object) -> object:
        return object()

    with pytest.raises(DataError, match=r"the features of .*predict cannot be told"):
        predict(object())
    with pytest.raises(DataError, match=r"the answer of .*predict cannot be told"):
        predict({"x": 1})


def test_a_wrong_call_fails_as_it_would_without(watched: Watched) -> None:
    @watched.monitor.watch
    def predict(row: dict[str, float]) -> int:
        return 1

    with pytest.raises(TypeError, match="unexpected keyword argument 'raw'"):
        predict(raw={"x": 1.0})  # type: ignore[call-arg]
    (event,) = watched.events()
    assert event["error"] == "TypeError"


def test_arguments_that_raise_are_not_in_the_way() -> None:
    watched = Watched(strict=False)

    class Hostile(dict[str, int]):
        def keys(self) -> Any:  # noqa: ANN401
            raise RuntimeError("no")

        __iter__ = keys

    @watched.monitor.watch(id=lambda _row: 1 / 0)
    def predict(row: dict[str, int]) -> int:
        return 7

    assert predict(Hostile(x=1)) == 7
    assert predict({"x": 1}) == 7
    assert len(watched.events()) == 2
    assert watched.monitor.counts.errors == 2


def test_a_parameter_that_does_not_exist(watched: Watched) -> None:
    with pytest.raises(UsageError, match="no parameter 'rows'"):

        @watched.monitor.watch(features="rows")
        def predict(row: dict[str, float]) -> int:
            return 1
