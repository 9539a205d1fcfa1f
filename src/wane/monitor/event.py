"""Events as they wait in the queue, and as lines of JSON: what they are sent as.

A caller only notes down what it was given. Whatever takes time is done by the sender.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from wane.monitor.roles import LONGEST_NAME, unfit_name
from wane.monitor.value import LOST, failure, number, plain, text, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENCODER = msgspec.json.Encoder()
SHOWN = 100
"""Characters of a name in a message."""
UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""(size from which on, parts of a second): numbers that are times tell their unit by their size."""


class Line(NamedTuple):
    """One event as JSON with a line feed, and what could not be said in it.

    Attributes:
        body: The bytes.
        lost: One phrase for each value that was sent as missing.
    """

    body: bytes
    lost: tuple[str, ...] = ()


class PredictionEvent(NamedTuple):
    """A prediction.

    Attributes:
        id: Its id, as text.
        called_at: Nanoseconds since 1970 when it was logged.
        roles: Role -> value; None for those not told.
        features: Name -> scalar; None when there are none.
        lost: What is known already not to be sent.
    """

    id: str
    called_at: int
    roles: Mapping[str, object]
    features: Mapping[Any, object] | None
    lost: tuple[str, ...] = ()

    def line(self) -> Line:
        """The event as it is sent."""
        lost = list(self.lost)
        time = _time(self.roles.get("timestamp"), self.called_at, lost)
        event: dict[str, object] = {"id": self.id, "timestamp": time}
        for role, given in self.roles.items():
            if given is None or role not in READERS:
                continue
            value = READERS[role](given)
            if value is LOST:
                lost.append(_phrase(role, given))
            elif value is not None:
                event[role] = value
        scores = self.roles.get("scores")
        if scores is not None:
            event["scores"] = _scores(scores, lost)
        if self.features is not None:
            event["features"] = _features(self.features, lost)
        return Line(_encoded(event), tuple(lost))


class LabelEvent(NamedTuple):
    """A label that became known.

    Attributes:
        id: The id of the prediction.
        called_at: Nanoseconds since 1970 when it was logged.
        label: The true answer, in a form that JSON has.
        timestamp: When it became known; None: when it was logged.
    """

    id: str
    called_at: int
    label: str | float | bool
    timestamp: object = None

    def line(self) -> Line:
        """The event as it is sent."""
        lost: list[str] = []
        time = _time(self.timestamp, self.called_at, lost)
        return Line(_encoded({"id": self.id, "label": self.label, "timestamp": time}), tuple(lost))


Event = PredictionEvent | LabelEvent
READERS: Mapping[str, Callable[[object], object]] = {
    "prediction": plain,
    "score": number,
    "label": plain,
    "latency": number,
    "error": failure,
    "version": text,
    "weight": number,
    "query": plain,
    "item": plain,
    "rank": number,
    "relevance": number,
}
"""Role -> how it is read."""


def _features(features: Mapping[Any, object], lost: list[str]) -> dict[str, object]:
    sent: dict[str, object] = {}
    for given, value in features.items():
        name = given if type(given) is str else text(given)
        if not isinstance(name, str):
            lost.append(f"a feature whose name is a {type(given).__name__}")
        elif name in sent:
            lost.append(f"feature {name[:SHOWN]!r}, which is named twice")
        elif unfit := unfit_name(name):
            lost.append(f"feature {name[:SHOWN]!r}, which {unfit}")
        else:
            read = plain(value)
            if read is LOST:
                lost.append(_phrase(f"feature {name[:SHOWN]!r}", value))
                read = None
            sent[name] = read
    return sent


def _scores(scores: object, lost: list[str]) -> dict[str, float]:
    sent: dict[str, float] = {}
    if not hasattr(scores, "items"):
        lost.append(_phrase("scores", scores))
        return sent
    for given, value in scores.items():
        name, score = text(given), number(value)
        named = isinstance(name, str) and 1 <= len(name) <= LONGEST_NAME
        if not named or score is LOST:
            lost.append(_phrase("a score of `scores`", value))
        elif score is not None:
            sent[str(name)] = score
    return sent


def _time(given: object, called_at: int, lost: list[str]) -> str:
    """The event's own time where it tells one that can be read, else the time of the call."""
    try:
        moment = None if given is None else _moment(plain(given))
    except (ValueError, OverflowError, OSError):
        lost.append(_phrase("timestamp", given))
        moment = None
    if moment is None:
        second, nanoseconds = divmod(called_at, 1_000_000_000)
        moment = dt.datetime.fromtimestamp(second, dt.UTC)
        moment = moment.replace(microsecond=nanoseconds // 1_000)
    return utc_text(moment)


def _moment(given: object) -> dt.datetime | None:
    """A time from ISO 8601 or from a number since 1970.

    Raises:
        ValueError: It is neither.
        OverflowError: It is too far from today.
        OSError: The same, on some platforms.
    """
    if given is None:
        return None
    if isinstance(given, str):
        return dt.datetime.fromisoformat(given)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(given)  # noqa: TRY004 - one kind of error for the one caller
    unit = next((unit for size, unit in UNITS if abs(given) >= size), 1.0)
    return dt.datetime.fromtimestamp(given / unit, dt.UTC)


def _phrase(what: str, value: object) -> str:
    return f"{what} ({type(value).__name__})"


def _encoded(event: dict[str, object]) -> bytes:
    try:
        return ENCODER.encode(event) + b"\n"
    except UnicodeEncodeError:  # half of a character that UTF-8 cannot write
        return ENCODER.encode(_writable(event)) + b"\n"


def _writable(value: Any) -> Any:  # noqa: ANN401 - any part of an event
    """The same with half characters written out as escapes, so that different texts stay so."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_writable(key): _writable(each) for key, each in value.items()}
    return value
