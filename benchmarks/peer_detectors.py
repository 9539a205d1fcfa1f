"""Peers that wane is held against: river's drift detectors, ruptures, apache-otava.

None is a dependency of wane, so each runs in a Python that has it: this one, or one that the
command line names.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

HERE = Path(__file__).parent
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "ADWIN": {},
    "DDM": {},
    "KSWIN": {},
    "PageHinkley": {},
}
SENSITIVITY: Mapping[str, Sequence[Mapping[str, float]]] = {
    "ADWIN": [{"delta": 10.0**-power} for power in (1, 2, 3, 4, 6, 8, 12)],
    "DDM": [
        {"drift_threshold": level, "warning_threshold": level * 2 / 3}
        for level in (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
    ],
    "PageHinkley": [{"threshold": float(level)} for level in (10, 20, 50, 100, 200, 400, 800)],
}
"""Settings of each detector from the most sensitive to the least; KSWIN takes more than a
millisecond a row, too long to look for one."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Where the peers are.

    Attributes:
        pythons: Python interpreters to ask, this one first.
    """

    pythons: tuple[str, ...] = (sys.executable,)

    def python_with(self, module: str) -> str | None:
        """The first of them that can import a module."""
        for python in self.pythons:
            done = subprocess.run(  # noqa: S603 - named by the user
                [python, "-c", f"import {module}"], capture_output=True, check=False
            )
            if done.returncode == 0:
                return python
        return None

    def alarms(
        self,
        name: str,
        streams: Sequence[NDArray[np.float64]],
        options: Mapping[str, float] | None = None,
        *,
        first_only: bool = False,
    ) -> list[list[int]] | None:
        """Places at which one of river's detectors alarms in each stream; None without river."""
        task = {"detector": name, "options": dict(options or {}), "first_only": first_only}
        found = self._ask("river", "river_alarms.py", streams, task)
        return None if found is None else [[int(at) for at in alarms] for alarms in found]

    def change_points(
        self, module: str, streams: Sequence[NDArray[np.float64]]
    ) -> tuple[list[list[int]], float] | None:
        """First places of new regimes by "ruptures" or "otava", and the seconds it took."""
        found = self._ask(module, "change_points.py", streams, {"library": module})
        return None if found is None else (found["changes"], found["seconds"])

    def _ask(
        self,
        module: str,
        script: str,
        streams: Sequence[NDArray[np.float64]],
        task: Mapping[str, object],
    ) -> Any:  # noqa: ANN401 - whatever the script answers
        python = self.python_with(module)
        if python is None:
            return None
        with tempfile.TemporaryDirectory() as box:
            path = Path(box) / "streams.npz"
            np.savez(path, *streams)
            done = subprocess.run(  # noqa: S603 - our own script
                [python, str(HERE / "peers" / script), str(path), json.dumps(task)],
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{script}: {done.stderr.strip()[-500:]}")
        return json.loads(done.stdout)

    def as_quiet(
        self, name: str, error_rate: float, rows_between: float, rows: int
    ) -> Mapping[str, float] | None:
        """The most sensitive setting that is quiet enough on errors that never change.

        Args:
            name: Of the detector.
            error_rate: Share of wrong rows.
            rows_between: Rows between two false alarms, at least, on average.
            rows: Length of the quiet stream that it is tried on.
        """
        rng = np.random.default_rng(7)
        quiet = (rng.random(rows) < error_rate).astype(np.float64)
        for options in SENSITIVITY.get(name, ()):
            alarms = self.alarms(name, [quiet], options)
            if alarms is not None and len(alarms[0]) * rows_between <= rows:
                return options
        return None
