"""A decorator that sees what a model is asked and what it answers."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from wane.errors import DataError, UsageError
from wane.monitor.rows import as_answers, as_columns, as_rows
from wane.monitor.value import LOST, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wane.monitor.rows import Row

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Log:
    """Whom a watch tells.

    Attributes:
        row: Takes one prediction, as `Monitor.log` does.
        batch: Takes many, as `Monitor.log_batch` does.
        trouble: Takes what went wrong.
    """

    row: Callable[..., str]
    batch: Callable[..., int]
    trouble: Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class Look:
    """Where a watch finds what it logs.

    Attributes:
        features: The parameter that holds the features, or a function of the arguments; None:
            the first parameter, or all of them by name when the first is a scalar.
        names: Names of the columns when features come as a matrix or list.
        id: The parameter, or else the feature, that holds the id (or one id a row); or a function
            of the arguments.
        answer: A function of the returned value: what to take for the prediction. It gives what
            could have been returned itself: a value, a value a row, or mappings of roles.
    """

    features: str | Callable[..., object] | None = None
    names: Sequence[str] = ()
    id: str | Callable[..., object] | None = None
    answer: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was there before the call: rows or, of many, columns."""

    time: dt.datetime
    count: int
    rows: Sequence[Row] = ()
    columns: Mapping[str, object] | None = None
    ids: Sequence[object] | None = None


def watched(log: Log, look: Look, function: Callable[P, R]) -> Callable[P, R]:
    """The function, watched: the same signature, results and exceptions.

    Raises:
        UsageError: It is a generator, or has no parameter of the name given.
    """
    watch = _Watch(log, look, function)
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def later(*args: P.args, **kwargs: P.kwargs) -> object:
            seen = watch.before(args, kwargs)
            started = time.perf_counter()
            try:
                result: object = await function(*args, **kwargs)
            except Exception as error:
                watch.failed(seen, time.perf_counter() - started, error)
                raise
            watch.answered(seen, time.perf_counter() - started, result)
            return result

        return cast("Callable[P, R]", later)

    @functools.wraps(function)
    def now(*args: P.args, **kwargs: P.kwargs) -> R:
        seen = watch.before(args, kwargs)
        started = time.perf_counter()
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            watch.failed(seen, time.perf_counter() - started, error)
            raise
        watch.answered(seen, time.perf_counter() - started, result)
        return result

    return now


class _Watch:
    """What happens around the calls of one function."""

    def __init__(self, log: Log, look: Look, function: Callable[..., object]) -> None:
        name = getattr(function, "__qualname__", repr(function))
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise UsageError(
                f"{name} is a generator and cannot be watched",
                expected="a function that returns its answer",
                hint="Call `monitor.log` where an answer is complete.",
            )
        self._log = log
        self._look = look
        self._name = name
        self._signature = inspect.signature(function)
        own = [each for each in self._signature.parameters if each not in {"self", "cls"}]
        if isinstance(look.features, str) and look.features not in own:
            raise UsageError(
                f"{name} has no parameter {look.features!r}",
                expected=f"one of {', '.join(own)}",
                hint="Name the parameter that holds the features.",
            )
        self._own = own

    def before(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Seen:
        """Look at the arguments; a model may change them."""
        now = dt.datetime.now(dt.UTC)
        try:
            return self._seen(args, kwargs, now)
        except Exception as error:  # noqa: BLE001 - never in the way of the call
            self._log.trouble(error)
            return Seen(now, 1, [{}])

    def answered(self, seen: Seen, latency: float, result: object) -> None:
        """Log a call that returned."""
        try:
            self._answered(seen, latency, result)
        except Exception as error:  # noqa: BLE001 - as above
            self._log.trouble(error)

    def failed(self, seen: Seen, latency: float, error: Exception) -> None:
        """Log a call that raised: the kind of the error, since its text may hold personal data."""
        try:
            self._tell(seen, {"latency": latency, "error": type(error).__name__}, None)
        except Exception as trouble:  # noqa: BLE001 - as above
            self._log.trouble(trouble)

    def _seen(self, args: tuple[Any, ...], kwargs: dict[str, Any], now: dt.datetime) -> Seen:
        bound = self._bound(args, kwargs)
        given = self._features(bound, args, kwargs)
        columns = as_columns(given, self._look.names)
        if columns is not None:
            count = given.shape[0]
            return Seen(now, count, (), columns, self._ids(count, columns, bound, args, kwargs))
        rows = as_rows(given, self._look.names)
        if rows is None:
            self._log.trouble(
                DataError(
                    f"the features of {self._name} cannot be told and are not logged",
                    expected="a mapping, a list of them, a matrix or a frame",
                    got=type(given).__name__,
                    hint="Say features=function of the arguments.",
                )
            )
            rows = [{}]
        copies = [dict(row) for row in rows]
        ids = self._ids(len(copies), copies, bound, args, kwargs)
        return Seen(now, len(copies), copies, None, ids)

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name; none where the call itself is about to fail."""
        try:
            return self._signature.bind(*args, **kwargs).arguments
        except TypeError:
            return {}

    def _features(
        self, bound: Mapping[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:  # noqa: ANN401 - whatever the model takes
        wanted = self._look.features
        if callable(wanted):
            return wanted(*args, **kwargs)
        if wanted is not None:
            return bound.get(wanted, {})
        given = {name: bound[name] for name in self._own if name in bound}
        first: Any = next(iter(given.values()), {})
        if plain(first) is LOST or getattr(first, "shape", ()) != ():
            return first
        return {name: value for name, value in given.items() if name != self._look.id}

    def _ids(
        self,
        count: int,
        found: Sequence[Row] | Mapping[str, object],
        bound: Mapping[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Sequence[object] | None:
        """One id a row; None when the call names none."""
        wanted = self._look.id
        if wanted is None:
            return None
        if callable(wanted) or wanted in bound:
            given = wanted(*args, **kwargs) if callable(wanted) else bound[wanted]
            listed = given.tolist() if hasattr(given, "tolist") else given
            return listed if isinstance(listed, list | tuple) else [listed] * (count == 1)
        if isinstance(found, dict):
            return cast("Sequence[object] | None", found.pop(wanted, None))
        return [cast("dict[str, object]", row).pop(wanted, None) for row in found]

    def _answered(self, seen: Seen, latency: float, result: object) -> None:
        given = result if self._look.answer is None else self._look.answer(result)
        if seen.columns is not None and hasattr(given, "__len__") and len(given) == seen.count:
            self._tell_columns(seen, {"latency": latency}, given)
            return
        answers = as_answers(given, seen.count)
        if answers is None:
            self._log.trouble(
                DataError(
                    f"the answer of {self._name} cannot be told and is not logged",
                    expected="a value, a value a row, or mappings of roles",
                    got=type(given).__name__,
                    hint="Say answer=function of what is returned.",
                )
            )
        self._tell(seen, {"latency": latency}, answers)

    def _tell(
        self, seen: Seen, fields: Mapping[str, object], answers: Sequence[Row] | None
    ) -> None:
        if seen.columns is not None:
            self._tell_columns(seen, fields, None)
            return
        ids = seen.ids if seen.ids is not None and len(seen.ids) == seen.count else None
        for place, row in enumerate(seen.rows):
            event = {"timestamp": seen.time, **fields}
            if ids is not None:
                event["id"] = ids[place]
            if answers is not None:
                event |= answers[place]
            self._log.row(features=row, **event)

    def _tell_columns(self, seen: Seen, fields: Mapping[str, object], given: object) -> None:
        told: dict[str, object] = {
            name: [value] * seen.count for name, value in {**fields, "timestamp": seen.time}.items()
        }
        if given is not None:
            told["prediction"] = given
        if seen.ids is not None and len(seen.ids) == seen.count:
            told["id"] = seen.ids
        roles = {name: name for name in told}
        self._log.batch({**(seen.columns or {}), **told}, **roles)
