"""Scripted histories of models whose truth is known, and what to do at the end of each.

A history is sixty days of a deployed model. Its rows are made by `world`; the model answers by what
the pipeline hands it, as it was trained to; what turns out follows the world. A story changes one
of the four from a day on. `docs/verdicts.md` lists them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

import wane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.diagnose.decide import Action

    Floats = NDArray[np.float64]
    Random = np.random.Generator

Columns = dict[str, Any]
"""Name -> [n], with `day` of each row among them."""
Change = Callable[[Columns, "Random"], None]
"""Changes rows in place."""
Turn = Callable[[Columns], "Floats"]
"""[n] added to the log-odds of what turns out."""

DAYS = 60
ROWS = 500
REFERENCE_ROWS = 12_000
START = dt.datetime(2026, 9, 1)  # noqa: DTZ001 - numpy's times have no zone
SINCE = 40
"""The day on which most stories begin."""
NUMBERS = ("age", "income", "load", "heat")
CHANNEL = {"web": 0.0, "mobile": 0.6, "shop": -0.5}
REGIONS = ("north", "south", "east", "west")


@dataclass(frozen=True)
class Story:
    """A history.

    Attributes:
        name: What happens, in words.
        expected: What is to be done at its end.
        world: Changes of the rows that come.
        pipeline: Changes of what the model is handed, and the log holds, while the world stays.
        turn: Changes of what turns out for the same rows.
        answer: Changes of the log-odds that the model answers by.
        log: Changes of the log: labels that are missing, rows that are not there.
        task: "binary", "multiclass" or "regression".
        base: Log-odds of a typical row.
        traffic: Day -> rows of that day, relative to others.
        version: Whether the log names the version of the model.
        options: Further arguments of `wane.check`.
    """

    name: str
    expected: Action
    world: tuple[Change, ...] = ()
    pipeline: tuple[Change, ...] = ()
    turn: tuple[Turn, ...] = ()
    answer: tuple[Turn, ...] = ()
    log: tuple[Change, ...] = ()
    task: str = "binary"
    base: float = -0.3
    traffic: Callable[[int], float] = lambda _day: 1.0
    version: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def decided(story: Story, seed: int) -> wane.Result:
    """What `wane.check` says at the end of a story."""
    rng = np.random.default_rng(seed)
    sizes = [int(rng.poisson(ROWS * story.traffic(day))) for day in range(DAYS)]
    days = np.repeat(np.arange(DAYS), sizes)
    quiet = replace(story, world=(), pipeline=(), turn=(), answer=(), log=())
    reference = _logged(quiet, np.full(REFERENCE_ROWS, -1), rng).drop_columns(["at"])
    schema = wane.Schema(
        timestamp="at",
        id="id",
        prediction="prediction",
        label="label",
        score="score" if story.task == "binary" else None,
        scores={n: f"score_{n}" for n in "abc"} if story.task == "multiclass" else {},
        features=tuple(wane.Column(name) for name in (*NUMBERS, "channel", "region")),
        segments=("channel",),
        version="version" if story.version else None,
        task=wane.Task(story.task),
    )
    log = _logged(story, days, rng)
    return wane.check(log, reference=reference, schema=schema, every="1d", **story.options)


def world(days: NDArray[np.intp], rng: Random) -> Columns:
    """Rows as they are: four numbers, of which one tells nothing, and two kinds."""
    rows = len(days)
    return {
        "day": days,
        "hour": rng.uniform(0, 24, rows),
        "age": rng.normal(45, 12, rows),
        "income": rng.lognormal(3.4, 0.4, rows),
        "load": rng.gamma(3.0, 10.0, rows),
        "heat": rng.normal(20, 6, rows),
        "channel": rng.choice(list(CHANNEL), rows, p=[0.5, 0.3, 0.2]).astype(object),
        "region": rng.choice(REGIONS, rows).astype(object),
    }


def odds_of(columns: Columns, base: float) -> Floats:
    """Log-odds of what is to be foretold; a missing number counts as a typical one."""
    age, income, load = (
        np.asarray(columns[n], dtype=np.float64) for n in ("age", "income", "load")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = [
            1.1 * (age - 45) / 12,
            -0.9 * (np.log(np.maximum(income, 1e-3)) - 3.4) / 0.4,
            0.7 * (load - 30) / 17.3,
        ]
    own = np.array([CHANNEL.get(one, 0.0) for one in columns["channel"]])
    return np.asarray(base + own + sum(np.clip(np.nan_to_num(part), -6, 6) for part in parts))


def _logged(story: Story, days: NDArray[np.intp], rng: Random) -> pa.Table:
    """Rows, what the model says of them, and what turned out."""
    true = world(days, rng)
    for change in story.world:
        change(true, rng)
    columns = {name: np.array(values) for name, values in true.items()}
    for change in story.pipeline:
        change(columns, rng)
    if story.version and "version" not in columns:
        columns["version"] = np.full(len(days), "1", dtype=object)
    seen = odds_of(columns, story.base) + sum(turn(columns) for turn in story.answer)
    odds = odds_of(true, story.base) + sum(turn({**true, "seen": seen}) for turn in story.turn)
    columns |= _answers(story.task, seen, odds, rng)
    columns["id"] = np.arange(len(days))
    for change in story.log:
        change(columns, rng)
    seconds = columns.pop("day") * 86_400 + columns.pop("hour") * 3_600
    at = np.datetime64(START, "us") + (seconds * 1e6).astype("timedelta64[us]")
    kept = columns.pop("kept", np.ones(len(at), dtype=bool))
    columns.pop("seen", None)
    named = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    return pa.table({"at": pa.array(at), **named}).filter(pa.array(kept))


def _answers(task: str, seen: Floats, odds: Floats, rng: Random) -> Columns:
    """Predictions by what the model sees, and labels by what is true."""
    rows = len(odds)
    if task == "binary":
        score = 1 / (1 + np.exp(-seen))
        return {
            "score": score,
            "prediction": (score >= 0.5).astype(np.int64),
            "label": (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(object),
        }
    if task == "multiclass":
        chances, steps = _classes(seen), np.cumsum(_classes(odds), axis=0)
        names = np.array(list("abc"), dtype=object)
        return {
            **{f"score_{name}": chance for name, chance in zip("abc", chances, strict=True)},
            "prediction": names[np.argmax(chances, axis=0)],
            "label": names[np.minimum((rng.random(rows) > steps).sum(axis=0), 2)],
        }
    spread = 8 * np.where(odds > 0.5, 2.0, 1.0)  # high values are harder to foretell
    return {
        "prediction": 100 + 20 * seen,
        "label": (100 + 20 * odds + rng.normal(0, 1, rows) * spread).astype(object),
    }


def _classes(odds: Floats) -> Floats:
    """[3, n] chances of three classes, the first for low and the last for high log-odds."""
    rows = np.stack([-1.6 * odds, np.full(len(odds), 0.4), 1.6 * odds])
    power = np.exp(rows - rows.max(axis=0))
    return np.asarray(power / power.sum(axis=0), dtype=np.float64)


# What may change. Each of these gives a change that begins on a day.


def late(columns: Columns, since: int = SINCE) -> NDArray[np.bool_]:
    """Rows from a day on."""
    return np.asarray(columns["day"] >= since)


def ramp(columns: Columns, since: int = SINCE, days: int = 15) -> Floats:
    """From 0 on that day to 1 so many days later."""
    return np.asarray(np.clip((columns["day"] - since) / days, 0.0, 1.0), dtype=np.float64)


def moved(name: str, by: float, *, slowly: bool = False, since: int = SINCE) -> Change:
    """Values of a number are larger by so much."""

    def change(columns: Columns, _rng: Random) -> None:
        share = ramp(columns, since) if slowly else late(columns, since)
        columns[name] = columns[name] + by * share

    return change


def mapped(name: str, how: Callable[[Any], Any], since: int = SINCE) -> Change:
    """Values of a column become others."""

    def change(columns: Columns, _rng: Random) -> None:
        new = late(columns, since)
        columns[name][new] = how(columns[name][new])

    return change


def drawn(weight: Callable[[Columns], Any], since: int = SINCE, base: float = -0.3) -> Change:
    """Other rows come of the same world: those that weigh more, more often."""

    def change(columns: Columns, rng: Random) -> None:
        new = np.flatnonzero(late(columns, since))
        fresh = world(np.repeat(columns["day"][new], 6), rng)
        chance = np.asarray(weight({**fresh, "odds": odds_of(fresh, base)}), dtype=np.float64)
        chosen = rng.choice(len(chance), len(new), replace=False, p=chance / chance.sum())
        for name, values in fresh.items():
            if name != "day":
                columns[name][new] = values[chosen]

    return change


def swapped(one: str, other: str, since: int = SINCE) -> Change:
    """Two columns change places."""

    def change(columns: Columns, _rng: Random) -> None:
        new = late(columns, since)
        first = columns[one][new].copy()
        columns[one][new] = columns[other][new]
        columns[other][new] = first

    return change


def some(name: str, value: object, share: float, since: int = SINCE) -> Change:
    """A share of the values is another one, or missing."""

    def change(columns: Columns, rng: Random) -> None:
        hit = late(columns, since) & (rng.random(len(columns["day"])) < share)
        columns[name][hit] = value

    return change


def more_of(name: str, value: str, share: float, since: int = SINCE) -> Change:
    """A share of the rows is of one kind, whatever it was."""
    return some(name, value, share, since)


def unlabelled(since: int = SINCE, share: float = 1.0) -> Change:
    """Labels that are still to come."""
    return some("label", None, share, since)


def dropped(where: Callable[[Columns], Any]) -> Change:
    """Rows that do not come."""

    def change(columns: Columns, _rng: Random) -> None:
        columns["kept"] = columns.get("kept", True) & ~np.asarray(where(columns), dtype=bool)

    return change


def released(since: int = SINCE, share: float = 1.0) -> Change:
    """A new version answers a share of the rows."""

    def change(columns: Columns, rng: Random) -> None:
        new = late(columns, since) & (rng.random(len(columns["day"])) < share)
        columns["version"] = np.where(new, "2", "1").astype(object)

    return change


def of_new(columns: Columns, added: Any) -> Floats:  # noqa: ANN401 - numbers or one
    """Added to what the new version answers by."""
    return np.asarray(np.where(columns["version"] == "2", added, 0.0), dtype=np.float64)


def after(added: Callable[[Columns], Any], *, slowly: bool = False, since: int = SINCE) -> Turn:
    """Added to log-odds from a day on."""

    def turn(columns: Columns) -> Floats:
        share = ramp(columns, since) if slowly else late(columns, since)
        return np.asarray(added(columns) * share, dtype=np.float64)

    return turn


def between(added: Callable[[Columns], Any], first: int, last: int) -> Turn:
    """Added to log-odds on some days."""

    def turn(columns: Columns) -> Floats:
        inside = (columns["day"] >= first) & (columns["day"] <= last)
        return np.asarray(added(columns) * inside, dtype=np.float64)

    return turn


def standard(columns: Columns, name: str) -> Floats:
    """A number in its standard deviations."""
    middle, spread = {"age": (45, 12), "load": (30, 17.3), "heat": (20, 6)}[name]
    return np.asarray((columns[name] - middle) / spread)


def is_mobile(columns: Columns) -> NDArray[np.bool_]:
    """Rows by mobile."""
    return np.asarray(columns["channel"] == "mobile")
