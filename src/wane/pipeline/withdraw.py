"""Last of all, where there was a run before: which of its alerts would not be raised again."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wane.alert.withdrawn import withdrawn
from wane.errors import SourceError

if TYPE_CHECKING:
    from wane.report.earlier import Earlier
    from wane.report.result import Result


def with_withdrawn(result: Result, earlier: Result | str | os.PathLike[str] | None) -> Result:
    """The result, with the alerts of an earlier run that it takes back.

    An earlier run that cannot be compared with costs no run: a note says why.

    Args:
        result: The present run.
        earlier: The result of a run of the same model, or the directory of its `--out`, where a
            first run finds nothing; None: there is none.
    """
    if earlier is None:
        return result
    from wane.report.earlier import of_directory, of_result  # noqa: PLC0415  # loads pydantic

    try:
        if isinstance(earlier, str | os.PathLike):
            before = of_directory(earlier)
        else:
            before = of_result(earlier)
    except SourceError as error:
        return _noted(result, str(error))
    if before is None:
        return result
    now = of_result(result)
    if foreign := _foreign(before, now):
        return _noted(result, f"the earlier run is {foreign}")
    found = withdrawn(before.alerts, result.alerts, result.measurements, now.timezone)
    return replace(result, withdrawn=found)


def _noted(result: Result, why: str) -> Result:
    """The result with a word on why nothing was compared."""
    return replace(result, notes=(*result.notes, f"no alert was taken back: {why}"))


def _foreign(before: Earlier, now: Earlier) -> str:
    """Why two runs cannot be compared; empty where they can."""
    if before.model != now.model:
        names = f"of the model {before.model!r}, not of {now.model!r}"
        return f"{names}; give runs of one model one name, with --model"
    if (before.every, before.timezone) != (now.every, now.timezone):
        cut = (f"{one.every or 'dates'} in {one.timezone}" for one in (before, now))
        return "cut by {}, not by {}".format(*cut)
    return ""
