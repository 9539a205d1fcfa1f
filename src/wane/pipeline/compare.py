"""`wane.compare`: any two stretches of time against each other, from the profiles of a run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wane.diagnose.annotation import moment
from wane.diagnose.decomposition import decomposition
from wane.diagnose.localise import Sides, localised, wobble
from wane.diagnose.outcome_cells import METRICS, whole_side
from wane.errors import ConfigError, UsageError
from wane.profile.codec import decode
from wane.profile.collapse import totals
from wane.report.origin import finding, notes
from wane.report.outputs import PROFILES, SUFFIX
from wane.report.result import Result
from wane.report.where import facts_of
from wane.window import DAY

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from wane.diagnose.decomposition import Decomposition
    from wane.diagnose.localise import Localised
    from wane.profile.profile import Ledger

WINDOWS, SEGMENTS, REFERENCE = "windows", "segments", "reference"
"""Names of the profiles of a run; the last stands for a stretch, too."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two stretches, and how performance in the second differs from that in the first.

    Attributes:
        before: The first, as it was asked for.
        after: The second.
        windows: How many windows each has; the reference counts as those it was cut into.
        decomposition: Where the change comes from.
        localised: Among which rows answers got worse.
    """

    before: str
    after: str
    windows: tuple[int, int]
    decomposition: Decomposition
    localised: Localised

    def __str__(self) -> str:
        found = self.decomposition
        lines = [f"{self.before} ({self.windows[0]}) against {self.after} ({self.windows[1]})"]
        if found.reason is not None:
            return f"{lines[0]}\nThe change is not taken apart: {found.reason}."
        lines += [f"{finding(found)}.", *notes(found), *facts_of(self.localised)]
        return "\n".join(lines)


def compare(
    run: Result | Mapping[str, bytes] | str | os.PathLike[str], before: str, after: str
) -> Comparison:
    """Take the change of performance between two stretches of time apart.

    Nothing is read again: the profiles of a run say it, by labelled rows.

    Args:
        run: A result, its `profiles`, or the directory of its `--out`.
        before: "2026-09-01..2026-09-30" (days, both included), times with an hour (the end
            excluded), row numbers where windows are of rows, either end left out, or "reference".
        after: The same.

    Returns:
        With a reason in `decomposition` where a stretch has too few labels.

    Raises:
        UsageError: The run has no profiles.
        ProfileError: They cannot be read.
        UsageError: A stretch cannot be read, or no window begins in it.
    """
    ledgers = _ledgers(run)
    windows, segments = ledgers[WINDOWS], ledgers.get(SEGMENTS)
    sides, names, counts, starts = [], [], [], []
    for text in (before, after):
        inside = _inside(text, ledgers)
        of = ledgers[REFERENCE] if text == REFERENCE else windows
        sides.append(totals(of, inside)[None])
        parts = {} if segments is None or text == REFERENCE else totals(segments, inside)
        names.append({str(name): part for name, part in parts.items() if name})
        counts.append(len(inside))
        starts.append(inside)
    both = {name: (names[0].get(name), names[1].get(name)) for name in {*names[0], *names[1]}}
    if REFERENCE in (before, after):
        both = {}  # the segments of a reference are not kept
    varied = _varied(ledgers, starts[0], counts) if before != REFERENCE else 0.0
    compared = Sides(windows.grid, sides[0], sides[1], both, wobble=varied)
    where = localised(compared)
    keep = {column for spot in where.spots for column in spot.columns}
    taken = decomposition(windows.grid, sides[0], sides[1], both, keep=keep)
    return Comparison(before, after, (counts[0], counts[1]), taken, where)


def _varied(ledgers: Mapping[str, Ledger], before: set[int], counts: list[int]) -> float:
    """How much windows differ by themselves, by those of the first stretch."""
    windows = ledgers[WINDOWS]
    if windows.grid.task not in METRICS:
        return 0.0
    rows = [row for row, key in enumerate(windows.keys) if key.window in before]
    each = [whole_side(windows.profile(row), windows.grid.task) for row in rows]
    return wobble(each, counts[0], counts[1])


def _ledgers(run: Result | Mapping[str, bytes] | str | os.PathLike[str]) -> dict[str, Ledger]:
    """The profiles of a run by name.

    Raises:
        UsageError: There are none.
        ProfileError: They cannot be read.
    """
    if isinstance(run, Result):
        found = dict(run.profiles or {})
    elif isinstance(run, str) or hasattr(run, "__fspath__"):
        directory = Path(run) / PROFILES
        found = {path.stem: path.read_bytes() for path in sorted(directory.glob(f"*{SUFFIX}"))}
    else:
        found = dict(run)
    if WINDOWS not in found:
        raise UsageError(
            "there are no profiles to compare",
            expected="a result of `wane check`, or the directory of its --out",
            got=repr(run) if isinstance(run, str) else type(run).__name__,
        )
    known = (WINDOWS, SEGMENTS, REFERENCE)
    return {name: decode(data) for name, data in found.items() if name in known}


def _inside(text: str, ledgers: Mapping[str, Ledger]) -> set[int]:
    """The windows that begin in a stretch.

    Raises:
        UsageError: It cannot be read, or there are none.
    """
    if text == REFERENCE:
        if REFERENCE not in ledgers:
            raise UsageError("this run had no reference of its own")
        return {key.window for key in ledgers[REFERENCE].keys}
    there = {key.window for key in ledgers[WINDOWS].keys}
    first, dots, last = (part.strip() for part in text.partition(".."))
    begin = min(there) if dots and not first else _edge(first, end=False)
    end = max(there) + 1 if dots and not last else _edge(last if dots else first, end=True)
    found = {start for start in there if begin <= start < end}
    if not found:
        raise UsageError(
            f"no window begins in {text!r}",
            expected=f"windows from {_shown(min(there))} to {_shown(max(there))}",
        )
    return found


def _edge(text: str, *, end: bool) -> int:
    """Where a stretch begins or ends; a day or a row that it ends with belongs to it.

    Raises:
        UsageError: It is no time and no row number.
    """
    if text.isdigit():
        return int(text) + end
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return _time(text)
    return _time(text) + (DAY if end else 0)


def _time(text: str) -> int:
    try:
        return moment(text)
    except ConfigError as error:
        raise UsageError(
            "the bound of a stretch cannot be read",
            expected="a date, a time, a row, or `reference`",
            got=repr(text),
        ) from error


def _shown(start: int) -> str:
    """A window as people write it: rows are few, microseconds since 1970 many."""
    if start < DAY:
        return f"{start:,}"
    return f"{dt.datetime.fromtimestamp(start / 1e6, dt.UTC):%Y-%m-%d}"
