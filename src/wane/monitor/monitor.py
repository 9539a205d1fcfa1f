"""`wane.Monitor`: what a model in use calls to be watched."""

from __future__ import annotations

import datetime as dt
import re
import time
import weakref
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar, Unpack, overload

from wane.errors import DataError, UsageError, WaneError
from wane.monitor.columns import Columns, told
from wane.monitor.connect import connect
from wane.monitor.counts import Drop
from wane.monitor.event import LabelEvent, PredictionEvent
from wane.monitor.limits import Limits
from wane.monitor.parcel import Kind
from wane.monitor.rows import as_row
from wane.monitor.sender import Sender, lost_error
from wane.monitor.uuid7 import uuid7
from wane.monitor.value import LOST, Lost, id_text, plain
from wane.monitor.watch import Log, Look, watched

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wane.monitor.counts import Counts
    from wane.monitor.event import Event
    from wane.monitor.frames import Piece
    from wane.monitor.parcel import Transport

P = ParamSpec("P")
R = TypeVar("R")
MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
PATIENCE_SECONDS = 10.0


class Monitor:
    """Hands over what a model is asked, what it answers, and later what was true.

    A call never raises into the serving path and never waits: rows go into a bounded queue, and a
    background thread sends them in batches, again and again while there is nobody to take them.
    What cannot be sent is counted (`counts`) and said in the log `wane.monitor`, each kind of
    trouble at most once a minute. Safe to call from threads, asyncio and forked processes.

    Args:
        model: Name of the model: letters, digits, ".", "_" and "-", at most 100.
        version: Its version, for rows that do not say their own.
        data: Directory to write to, for `wane run` or `wane serve`; "wane-data" when there is no
            server either.
        url: Server to send to instead; None: that of WANE_URL, if any and if `data` is None.
        key: The key to the server; None: that of WANE_KEY, if any.
        strict: Raise whatever would only be counted, for tests. Trouble of the background
            thread is raised by `flush` and `close`.
        limits: Sizes and times.
        transport: Where to send to, instead of `data` or `url`.

    Raises:
        UsageError: The name, version, address or key cannot be used.
    """

    def __init__(
        self,
        model: str,
        *,
        version: str | None = None,
        data: str | os.PathLike[str] | None = None,
        url: str | None = None,
        key: str | None = None,
        strict: bool = False,
        limits: Limits | None = None,
        transport: Transport | None = None,
    ) -> None:
        _check(model, version)
        bounds = limits or Limits()
        self._model = model
        self._version = version
        self._strict = strict
        self._exit_seconds = bounds.exit_seconds
        self._transport = transport or connect(
            model, data=data, url=url, key=key, limits=bounds, agent="wane-monitor"
        )
        self._sender = Sender(f"wane monitor {model}", self._transport, bounds)
        self._end = weakref.finalize(self, self._sender.retire)
        self._end.atexit = False  # then there is time to wait: see `Sender.close`

    def __repr__(self) -> str:
        version = "" if self._version is None else f", version={self._version!r}"
        return f"Monitor({self._model!r}{version}, to={self._transport.destination!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def log(
        self,
        *,
        features: Mapping[Any, object] | Sequence[object] | object | None = None,
        prediction: object = None,
        score: object = None,
        scores: Mapping[Any, object] | None = None,
        label: object = None,
        id: object = None,  # noqa: A002 - the word for it
        timestamp: object = None,
        weight: object = None,
        version: object = None,
        latency: object = None,
        error: object = None,
        query: object = None,
        item: object = None,
        rank: object = None,
        relevance: object = None,
    ) -> str:
        """Log one prediction. Takes some microseconds.

        Args:
            features: Name -> scalar: text, number, boolean, time or None, of Python, numpy or a
                frame. A dataclass, named tuple, pydantic model or Series will do; the values of
                a sequence are called f0, f1, ... NaN is sent as missing.
            prediction: The answer given: a class, or a number.
            score: Probability in [0, 1] of the positive class; for ranking any number.
            scores: Class -> probability.
            label: The true answer, where it is known at once; else see `label`.
            id: Names the prediction, so that labels can be joined; at most 256 characters. One
                is made when it is None, NaN or empty.
            timestamp: When the prediction was made: a datetime (UTC when without a zone), ISO
                8601 text, or seconds since 1970; None: now.
            weight: Sample weight, not negative.
            version: The model version; None: that of the monitor.
            latency: Time taken, in seconds.
            error: True, or a text, where the call failed.
            query: Ranking: the list a row belongs to.
            item: Ranking: what was recommended.
            rank: Ranking: position in the list, 1 is the top.
            relevance: Ranking: gain of the item, 0 is not relevant.

        Returns:
            The id, also when the row could not be taken.
        """
        named = id if type(id) is str and 0 < len(id) <= 256 else id_text(id)
        known = named if isinstance(named, str) else uuid7()
        roles: dict[str, object] = {
            "timestamp": timestamp,
            "prediction": prediction,
            "score": score,
            "scores": scores,
            "label": label,
            "latency": latency,
            "error": error,
            "version": self._version if version is None else version,
            "weight": weight,
            "query": query,
            "item": item,
            "rank": rank,
            "relevance": relevance,
        }
        try:
            self._log(known, roles, features, id_lost=named is LOST)
        except Exception as trouble:  # noqa: BLE001 - never into the serving path
            self._lose(1, trouble)
        return known

    def log_batch(
        self,
        frame: object,
        *,
        features: Sequence[str] | None = None,
        scores: Mapping[Any, str] | None = None,
        patience: float = PATIENCE_SECONDS,
        **columns: Unpack[Columns],
    ) -> int:
        """Log many predictions; the arguments name the columns of their roles.

        Columns called id, timestamp, prediction, score and label have these roles without being
        told. Rows without an id get one, rows without a time get that of the call.

        Args:
            frame: A path, a glob, a directory, a list of these, or any frame that speaks the
                Arrow PyCapsule protocol (pandas, Polars, pyarrow, DuckDB), or a mapping of
                column -> array.
            features: Columns that are features; None: all without a role.
            scores: Class -> column with its probability.
            patience: Seconds to wait for room in the queue, all in all, when the frame does not
                fit it and for as long as batches get through. 0: never wait.
            columns: Role -> column: prediction, score, label, id, timestamp, weight, version,
                latency, error, query, item, rank, relevance; see `log`.

        Returns:
            Rows that were taken; the others are counted.
        """
        roles = told(columns)
        try:
            from wane.monitor.frames import Asked, prediction_pieces  # noqa: PLC0415  # pyarrow

            asked = Asked(frame, roles, scores, features)
            now = dt.datetime.now(dt.UTC)
            return self._put(prediction_pieces(asked, version=self._version, now=now), patience)
        except Exception as trouble:  # noqa: BLE001 - never into the serving path
            self._trouble(trouble)
            return 0

    def label(self, *, id: object, label: object, timestamp: object = None) -> None:  # noqa: A002
        """Log what was true of one prediction, whenever it becomes known, and again to correct it.

        Args:
            id: The id of the prediction.
            label: The true answer; without one the call is counted as dropped.
            timestamp: When it became known; None: now.
        """
        try:
            self._label(id, label, timestamp)
        except Exception as trouble:  # noqa: BLE001 - never into the serving path
            self._lose(1, trouble)

    def label_batch(
        self,
        frame: object,
        *,
        id: str | None = None,  # noqa: A002 - as above
        label: str | None = None,
        timestamp: str | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> int:
        """Log what was true of many predictions.

        Args:
            frame: As in `log_batch`.
            id: Column with the ids; None: "id".
            label: Column with the true answers; None: "label". Rows without are dropped.
            timestamp: Column with the times when they became known; None: "timestamp" if there
                is such a column, else now.
            patience: As in `log_batch`.

        Returns:
            Rows that were taken; the others are counted.
        """
        roles = {"id": id, "label": label, "timestamp": timestamp}
        try:
            from wane.monitor.frames import Asked, label_pieces  # noqa: PLC0415  # pyarrow

            asked = Asked(frame, roles, features=())
            return self._put(label_pieces(asked, now=dt.datetime.now(dt.UTC)), patience)
        except Exception as trouble:  # noqa: BLE001 - never into the serving path
            self._trouble(trouble)
            return 0

    def set_reference(
        self,
        frame: object,
        *,
        features: Sequence[str] | None = None,
        scores: Mapping[Any, str] | None = None,
        **columns: Unpack[Columns],
    ) -> None:
        """Say what later rows are compared with: the data the model was tested on.

        It is read now and sent in the background. Of several that wait only the last is sent.

        Args:
            frame: As in `log_batch`.
            features: As in `log_batch`.
            scores: As in `log_batch`.
            columns: As in `log_batch`.

        Raises:
            DataError: The frame cannot be read, has no rows, or does not have the columns. This
                is no call of the serving path, and a model without its reference is not watched.
        """
        from wane.monitor.frames import Asked, reference_piece  # noqa: PLC0415  # loads pyarrow

        roles = told(columns)
        piece = reference_piece(Asked(frame, roles, scores, features))
        self._sender.start()
        self._tell(piece)
        if piece.parcel is not None and self._sender.outbox.put_reference(piece.parcel):
            self._trouble(UsageError("the monitor is closed and takes no reference"))

    @overload
    def watch(self, function: Callable[P, R], /) -> Callable[P, R]: ...

    @overload
    def watch(
        self,
        function: None = None,
        /,
        *,
        features: str | Callable[..., object] | None = None,
        names: Sequence[str] = (),
        id: str | Callable[..., object] | None = None,
        answer: Callable[[Any], object] | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    def watch(
        self,
        function: Callable[..., Any] | None = None,
        /,
        *,
        features: str | Callable[..., object] | None = None,
        names: Sequence[str] = (),
        id: str | Callable[..., object] | None = None,  # noqa: A002 - as above
        answer: Callable[[Any], object] | None = None,
    ) -> Callable[..., Any]:
        """Decorate a predict function: logs features, prediction, latency and errors.

        Signature, results and exceptions stay as they are; sync and async. Of an exception its
        type is logged, since its text may hold personal data. Of a call with many rows each has
        the latency of the call.

        Args:
            function: The function; the decorator can be used with and without parentheses.
            features: The parameter that holds the features, or a function of the arguments.
                None: the first parameter if it is a row, a list of rows, a matrix or a frame;
                else all parameters by their names.
            names: Names of the columns when features come as a matrix or list.
            id: The parameter that holds the id, or the ids; or the feature that does, which then
                is none; or a function of the arguments. None: ids are made.
            answer: A function of what is returned. It gives a value, a value a row, or mappings
                such as {"prediction": 1, "score": 0.73}; None: what is returned is that already.

        Raises:
            UsageError: The function is a generator, or has no such parameter.
        """
        log = Log(self.log, self.log_batch, self._trouble)
        look = Look(features, tuple(names), id, answer)
        if function is not None:
            return watched(log, look, function)
        return lambda each: watched(log, look, each)

    def flush(self, timeout: float | None = None) -> bool:
        """Have everything sent that was logged so far, and wait for it.

        Args:
            timeout: Seconds to wait; None: for as long as it takes.

        Returns:
            Whether the fate of every row was known in time; see `counts` for what it was.
        """
        done = self._sender.outbox.drain(timeout)
        self._raise_if_strict()
        return done

    def close(self, timeout: float | None = None) -> bool:
        """Send what is left, and end. Later rows are counted as dropped.

        Args:
            timeout: Seconds to wait until what is left is dropped; None: `limits.exit_seconds`.

        Returns:
            Whether nothing was dropped.
        """
        done = self._sender.close(self._exit_seconds if timeout is None else timeout)
        self._raise_if_strict()
        return done

    @property
    def counts(self) -> Counts:
        """What became of the rows so far, in this process."""
        return self._sender.tally.counts(self._sender.outbox.pending)

    def _trouble(self, error: Exception) -> None:
        """Count an error and say it; raise it where the monitor is strict."""
        if self._strict:
            raise error
        self._sender.tally.fail()
        told = error if isinstance(error, WaneError) else _foreign(error)
        self._sender.complaints.say("error", told)

    def _log(self, id: str, roles: dict[str, object], features: object, *, id_lost: bool) -> None:  # noqa: A002
        """Note down what was given, which may change as soon as the caller has it back."""
        self._sender.start()
        row = features if features is None or type(features) is dict else as_row(features)
        lost: tuple[str, ...] = ()
        if id_lost:
            lost = ("id, in place of which one was made",)
        if features is not None and row is None:
            lost = (*lost, f"features ({type(features).__name__})")
        if type(roles["scores"]) is dict:
            roles["scores"] = roles["scores"].copy()
        event = PredictionEvent(id, time.time_ns(), roles, None if row is None else dict(row), lost)
        self._put_row(Kind.PREDICTIONS, event)

    def _label(self, given: object, label: object, timestamp: object) -> None:
        self._sender.start()
        named, value = id_text(given), plain(label)
        if not isinstance(named, str) or value is None or isinstance(value, Lost):
            self._sender.tally.log(1)
            self._drop(Drop.NO_LABEL if isinstance(named, str) else Drop.NO_ID, 1)
        else:
            self._put_row(Kind.LABELS, LabelEvent(named, time.time_ns(), value, timestamp))

    def _put_row(self, kind: Kind, event: Event) -> None:
        if self._strict and (lost := event.line().lost):
            raise lost_error(lost)
        self._sender.tally.log(1)
        reason = self._sender.outbox.put(kind, event)
        if reason is not None:
            self._drop(reason, 1)

    def _put(self, pieces: Iterable[Piece], patience: float) -> int:
        """Hand over the pieces of a frame; the number of rows taken."""
        self._sender.start()
        taken = 0
        until = time.monotonic() + patience
        for piece in pieces:
            self._tell(piece)
            if piece.parcel is None:
                continue
            self._sender.tally.log(piece.parcel.rows)
            left = max(until - time.monotonic(), 0.0)
            reason = self._sender.outbox.put_parcel(piece.parcel, left)
            if reason is None:
                taken += piece.parcel.rows
            else:
                self._drop(reason, piece.parcel.rows)
        return taken

    def _tell(self, piece: Piece) -> None:
        """Count and say what of a piece cannot be sent."""
        if piece.nulled:
            self._sender.tally.null(piece.nulled)
            self._sender.complaints.say(
                "nulled", lost_error((f"{piece.nulled:,} values of a frame",))
            )
        for reason, rows in piece.dropped.items():
            if rows:
                self._sender.tally.log(rows)
                self._drop(reason, rows)
        for note in piece.notes:
            self._sender.complaints.say(note, DataError(note))

    def _drop(self, reason: Drop, rows: int) -> None:
        error = DataError(f"{rows:,} rows are dropped ({reason})", hint=ADVICE.get(reason))
        self._sender.tally.drop(reason, rows)
        if self._strict:
            raise error
        self._sender.complaints.say(reason.value, error)

    def _lose(self, rows: int, error: Exception) -> None:
        """A row that an error of ours costs; in strict mode the error is raised."""
        if self._strict:
            raise error
        self._sender.tally.log(rows)
        self._sender.tally.drop(Drop.MONITOR_ERROR, rows)
        self._trouble(error)

    def _raise_if_strict(self) -> None:
        first = self._sender.complaints.take_first()
        if self._strict and first is not None:
            raise first


ADVICE = {
    Drop.QUEUE_FULL: "The server does not keep up or is away; `limits` can give the queue room.",
    Drop.ROW_TOO_LARGE: "Log fewer or shorter features.",
    Drop.NO_ID: "A label needs the id of its prediction.",
    Drop.NO_LABEL: "Log a label when it is known.",
    Drop.CLOSED: "Log before the monitor is closed.",
}


def _check(model: object, version: object) -> None:
    if not isinstance(model, str) or not MODEL.fullmatch(model):
        raise UsageError(
            "this is no name for a model",
            expected='letters, digits, ".", "_" and "-", at most 100, the first no sign',
            got=repr(model)[:150],
        )
    if version is not None and not isinstance(version, str):
        raise UsageError(
            f"the version of {model} is not a text",
            expected=f"version={str(version)[:50]!r}",
            got=repr(version)[:150],
        )


def _foreign(error: Exception) -> WaneError:
    told = DataError("a call failed inside the monitor", got=f"{type(error).__name__}: {error}")
    told.__cause__ = error
    return told
