"""What `wane check --format json` said, in the form that judging it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Points:
    """One series: where its windows start, and the numbers (NaN where undefined)."""

    starts: list[str]
    numbers: NDArray[np.float64]

    def between(self, first: str, last: str) -> float:
        """Mean of the windows that start at `first` or later and before `last` (ISO dates)."""
        chosen = [first <= start < last for start in self.starts]
        return float(np.nanmean(self.numbers[chosen]))

    def part(self, start: float, stop: float) -> float:
        """Mean over a part of the windows, given as shares of their number."""
        n = len(self.numbers)
        return float(np.nanmean(self.numbers[round(start * n) : round(stop * n)]))


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer of `wane check`."""

    answer: dict[str, Any]

    @property
    def sentence(self) -> str:
        """The verdict."""
        return str(self.answer["verdict"]["sentence"])

    def points(self, metric: str, column: str | None = None) -> Points:
        """The series of a metric over all rows; empty when it was not measured."""
        found = [
            m
            for m in self.answer["measurements"]
            if (m["metric"], m["column"], m["segment"]) == (metric, column, None)
        ]
        values = [np.nan if m["value"] is None else m["value"] for m in found]
        return Points([str(m["window_start"]) for m in found], np.array(values, dtype=np.float64))

    def alerts(self, metric: str) -> list[dict[str, Any]]:
        """Alerts on a metric, oldest first."""
        return [alert for alert in self.answer["alerts"] if alert["metric"] == metric]

    def drifted(self) -> set[str]:
        """Columns with a PSI alert."""
        return {alert["column"] for alert in self.alerts("psi")}


def check(arguments: Sequence[str]) -> Seen:
    """Run `wane check` on the command line and read its answer.

    Raises:
        RuntimeError: It did not answer; says what it said instead.
    """
    wane = str(Path(sys.executable).with_name("wane"))
    done = subprocess.run(  # noqa: S603 - our own command
        [wane, "check", *arguments, "--format", "json"], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(done.stderr.strip() or f"exit code {done.returncode}")
    return Seen(json.loads(done.stdout))
