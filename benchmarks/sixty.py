"""The sixty stories, by what is to be done at the end of each."""

from __future__ import annotations

from typing import Any

import numpy as np

from stories import (
    DAYS,
    Columns,
    Story,
    Turn,
    after,
    between,
    drawn,
    dropped,
    is_mobile,
    late,
    mapped,
    moved,
    of_new,
    released,
    some,
    standard,
    swapped,
    unlabelled,
)
from wane.diagnose.decide import Action

WEEKEND = (5, 6)
Random = np.random.Generator


def week(day: int) -> float:
    """Traffic that rests on two days of seven."""
    return 0.5 if day % 7 in WEEKEND else 1.2


def weekend_people(columns: Columns, _rng: Random) -> None:
    """Other people come at the weekend."""
    columns["age"] = columns["age"] + 6 * np.isin(columns["day"] % 7, WEEKEND)


def six_hours_ahead(columns: Columns, _rng: Random) -> None:
    """The clock of what writes the log is wrong."""
    columns["hour"] = np.where(late(columns), (columns["hour"] + 6) % 24, columns["hour"])


def by_day(columns: Columns, _rng: Random) -> None:
    """Rows come between eight and twenty."""
    columns["hour"] = 8 + columns["hour"] / 2


def every_row_twice(columns: Columns, _rng: Random) -> None:
    """Each second row is the one before it."""
    new = np.flatnonzero(late(columns))
    first, second = new[: 2 * (len(new) // 2) : 2], new[1 : 2 * (len(new) // 2) : 2]
    for values in columns.values():
        values[second] = values[first]


def labels_after_days(columns: Columns, rng: Random) -> None:
    """Labels take about three days."""
    gone = columns["day"] + rng.exponential(3.0, len(columns["day"])) > DAYS
    columns["label"][gone] = None


def texts(how: Any) -> Any:  # noqa: ANN401 - of texts
    """A change of every text."""
    return lambda values: np.array([how(value) for value in values], dtype=object)


def contrary(name: str, weight: float, **how: Any) -> Turn:  # noqa: ANN401
    """What told for something tells against it."""
    return after(lambda c: -2.0 * weight * standard(c, name), **how)


def unsure(columns: Columns) -> Any:  # noqa: ANN401
    """Rows of which either may turn out."""
    return np.exp(-(columns["odds"] ** 2))


def large(columns: Columns) -> Any:  # noqa: ANN401
    """Rows of which much is foretold."""
    return np.exp(1.2 * columns["odds"])


def nothing(name: str, **more: Any) -> Story:  # noqa: ANN401
    """A story after which all is well."""
    return Story(name, Action.NOTHING, **more)


def look(name: str, **more: Any) -> Story:  # noqa: ANN401
    """A story after which somebody should look."""
    return Story(name, Action.INVESTIGATE, **more)


def wait(name: str, **more: Any) -> Story:  # noqa: ANN401
    """A story whose loss no label bears out yet."""
    return Story(name, Action.WAIT, **({"log": (unlabelled(38),)} | more))


def fix(name: str, *pipeline: Any, **more: Any) -> Story:  # noqa: ANN401
    """A story of a broken pipeline."""
    return Story(name, Action.FIX, pipeline=pipeline, **more)


def recalibrate(name: str, **more: Any) -> Story:  # noqa: ANN401
    """A story of answers that are off by the same everywhere."""
    return Story(name, Action.RECALIBRATE, **more)


def retrain(name: str, *turn: Turn, **more: Any) -> Story:  # noqa: ANN401
    """A story after which the same rows turn out otherwise."""
    return Story(name, Action.RETRAIN, turn=turn, **more)


def roll_back(name: str, answer: Turn, since: int = 40, share: float = 1.0, **more: Any) -> Story:  # noqa: ANN401
    """A story of a new version that is worse."""
    changed = (released(since, share),)
    return Story(name, Action.ROLL_BACK, pipeline=changed, answer=(answer,), version=True, **more)


STORIES = (
    nothing("nothing happens"),
    nothing("nothing happens, to a model of rare cases", base=-3.6),
    nothing("nothing happens, to a model of three classes", task="multiclass"),
    nothing("nothing happens, to a regression", task="regression"),
    nothing("nothing but weekends", traffic=week),
    nothing("other people come at weekends", world=(weekend_people,), traffic=week),
    nothing("traffic grows slowly", traffic=lambda day: 0.7 + 0.01 * day),
    nothing(
        "one day brings three times the traffic", traffic=lambda day: 3.0 if day == 30 else 1.0
    ),
    nothing("labels come after days", log=(labels_after_days,)),
    nothing("one in three labels never comes", log=(unlabelled(0, 0.33),)),
    nothing("one bad day, long over", turn=(between(lambda c: -3.0 * c["seen"], 25, 25),)),
    nothing("a bad week, long over", turn=(between(lambda c: -1.5 * c["seen"], 15, 21),)),
    nothing("a new version that is as good", pipeline=(released(),), version=True),
    nothing("a number that tells nothing moves", world=(moved("heat", 4.0),)),
    nothing("more rows from the north, which tells nothing", world=(some("region", "north", 0.3),)),
    look("traffic halves", traffic=lambda day: 0.5 if day >= 50 else 1.0),
    look("traffic triples", traffic=lambda day: 3.0 if day >= 50 else 1.0),
    look("more rows come of which either may turn out", world=(drawn(unsure),)),
    wait("the same, and labels are still to come", world=(drawn(unsure),)),
    wait("the same, of three classes", world=(drawn(unsure),), task="multiclass"),
    look(
        "the same, and one label in twenty bears it out",
        world=(drawn(unsure),),
        log=(unlabelled(38, 0.95),),
    ),
    wait("more rows come that are hard to foretell", world=(drawn(large),), task="regression"),
    fix("an income in cents", mapped("income", lambda v: v * 100)),
    fix("an income in thousands", mapped("income", lambda v: v / 1000)),
    fix("a heat in Fahrenheit", mapped("heat", lambda v: v * 1.8 + 32)),
    fix("age and income change places", swapped("age", "income")),
    fix("age and load change places", swapped("age", "load")),
    fix("a quarter of the ages is missing", some("age", np.nan, 0.25)),
    fix("all loads are missing", some("load", np.nan, 1.0)),
    fix("missing ages are -999", some("age", -999.0, 0.2)),
    fix("a load is frozen", mapped("load", lambda v: 0 * v + 17.0)),
    fix("channels are cut to two letters", mapped("channel", texts(lambda v: v[:2]))),
    fix("channels are written large", mapped("channel", texts(str.upper))),
    fix("one channel is silent", log=(dropped(lambda c: late(c) & (c["channel"] == "shop")),)),
    fix("every row comes twice", log=(every_row_twice,)),
    fix("a clock runs six hours ahead", six_hours_ahead, world=(by_day,)),
    fix("a load in cents, of a regression", mapped("load", lambda v: v * 100), task="regression"),
    fix(
        "a load is frozen, of three classes",
        mapped("load", lambda v: 0 * v + 17.0),
        task="multiclass",
    ),
    recalibrate("more cases turn out positive, all alike", turn=(after(lambda _c: 1.8),)),
    recalibrate("fewer do", turn=(after(lambda _c: -1.8),)),
    recalibrate("more and more do", turn=(after(lambda _c: 2.2, slowly=True),)),
    recalibrate("fewer and fewer do", turn=(after(lambda _c: -2.2, slowly=True),)),
    recalibrate("all scores come out too low", answer=(after(lambda _c: -1.8),)),
    recalibrate(
        "all numbers come out too low", answer=(after(lambda _c: -0.8),), task="regression"
    ),
    retrain("age means the contrary", contrary("age", 1.1)),
    retrain("slowly, age means the contrary", contrary("age", 1.1, slowly=True)),
    retrain("load means the contrary", contrary("load", 0.84)),
    retrain("what told nothing tells much", after(lambda c: 2.5 * standard(c, "heat"))),
    retrain("most of what was known is lost", after(lambda c: -0.9 * c["seen"])),
    retrain("slowly, most of it is lost", after(lambda c: -0.9 * c["seen"], slowly=True)),
    retrain("among mobile the contrary is true", after(lambda c: -2.0 * c["seen"] * is_mobile(c))),
    retrain("most is lost, of three classes", after(lambda c: -1.2 * c["seen"]), task="multiclass"),
    retrain("age means the contrary, of a regression", contrary("age", 1.1), task="regression"),
    retrain(
        "slowly, load means the contrary, of a regression",
        contrary("load", 0.84, slowly=True),
        task="regression",
    ),
    roll_back("a new version forgets the age", lambda c: of_new(c, -1.1 * standard(c, "age"))),
    roll_back("a new version has age reversed", lambda c: of_new(c, -2.2 * standard(c, "age")), 50),
    roll_back(
        "a new version of half the rows is worse",
        lambda c: of_new(c, -2.2 * standard(c, "age")),
        share=0.5,
    ),
    roll_back(
        "a new version is worse among mobile",
        lambda c: of_new(c, -4.0 * standard(c, "age") * is_mobile(c)),
    ),
    roll_back(
        "a new version of three classes is worse",
        lambda c: of_new(c, -2.2 * standard(c, "age")),
        task="multiclass",
    ),
    roll_back(
        "a new version of a regression is worse",
        lambda c: of_new(c, -1.1 * standard(c, "age")),
        task="regression",
    ),
)
"""Each a name, what changes, and what is to be done."""
