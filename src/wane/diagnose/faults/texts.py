"""Categories never seen before: cut off, spelled otherwise, or new."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from wane.diagnose.fault import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wane.diagnose.faults.sides import Sides

SHARE = 0.05
"""Of the rows that have new values: fewer are an alert's business."""
MOST = 0.8
"""Of these that one story has to explain."""
LEAST_LENGTH = 2
"""A prefix of fewer letters is no cut."""
SHOWN = 3
MANY = 50
"""Of a column with more values new ones come all the time."""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)


def new_texts(sides: Sides) -> Iterator[Fault]:
    """Columns in which values come that the reference never had."""
    for at in sides.categorical:
        before, now = sides.categories(at)
        strange = {name: share for name, share in now.items() if name not in before}
        total = sum(strange.values())
        if not before or total <= SHARE:
            continue
        name = sides.column(at).name
        cut = _explained(strange, _cut(strange, before))
        spelled = _explained(strange, _respelled(strange, before))
        shown = ", ".join(repr(one) for one in sorted(strange, key=lambda n: -strange[n])[:SHOWN])
        if _numbers(before) > MOST and _numbers(strange) < 1 - MOST:
            yield Fault(
                FaultKind.NO_NUMBERS,
                (name,),
                f"{name} holds no number in {total:.0%} of the rows: {shown}",
                f"Check the type of {name}, decimal commas and units in texts among it.",
                total,
            )
        elif spelled > MOST:
            yield Fault(
                FaultKind.RESPELLED,
                (name,),
                f"{name} has known values in another spelling in {total:.0%} of the rows: {shown}",
                f"Bring the spelling of {name} in line with that of the training data.",
                total,
            )
        elif cut > MOST:
            yield Fault(
                FaultKind.TRUNCATED,
                (name,),
                f"{name} has known values cut off in {total:.0%} of the rows: {shown}",
                f"Look for a field of {name} that is too short for its texts.",
                total,
            )
        elif len(before) <= MANY or len(strange) <= SHOWN:
            yield Fault(
                FaultKind.NEW_VALUES,
                (name,),
                f"{name} has values never seen before in {total:.0%} of the rows: {shown}",
                f"Check whether the new values of {name} are meant to be there.",
                total,
            )


def _numbers(names: Mapping[str, float]) -> float:
    """Share of the rows of these whose text is a number."""
    return sum(s for name, s in names.items() if NUMBER.fullmatch(name)) / sum(names.values())


def _explained(strange: Mapping[str, float], by: Iterable[str]) -> float:
    """Share of the rows with new values that these make up."""
    return sum(strange[name] for name in by) / sum(strange.values())


def _cut(strange: Mapping[str, float], known: Mapping[str, float]) -> list[str]:
    """New values that are the beginning of known ones, which are longer."""
    return [
        name
        for name in strange
        if len(name) >= LEAST_LENGTH and any(one.startswith(name) for one in known)
    ]


def _respelled(strange: Mapping[str, float], known: Mapping[str, float]) -> list[str]:
    """New values that differ from known ones in case, spaces, marks or accents alone."""
    plain = {_plain(one) for one in known}
    return [name for name in strange if _plain(name) in plain and _plain(name)]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
