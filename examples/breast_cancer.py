#!/usr/bin/env python3
"""What `wane check` sees in sixty days of a model that looks for breast cancer.

`breast_cancer_log.py` trains the model and simulates its use. Its log is written once, and again
when the script or a library it computes with is another one: training is the demo's, not wane's.

Usage: python examples/breast_cancer.py DIRECTORY
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

SIMULATION = Path(__file__).with_name("breast_cancer_log.py")
LIBRARIES = ("numpy", "pyarrow", "scikit-learn", "scipy")
LOG = ("reference.parquet", "predictions.parquet")
ALERTS = 1


def main(directory: Path) -> int:
    """Have the log in `directory`, and run wane on it.

    Returns:
        0; wane's exit code when it could not do its work (alerts are its work).
    """
    have_log(directory)
    code = check(directory)
    return 0 if code == ALERTS else code


def have_log(directory: Path) -> None:
    """Write reference.parquet and predictions.parquet, unless they are there."""
    directory.mkdir(parents=True, exist_ok=True)
    written, recipe = directory / "log.recipe", recipe_of_log()
    known = written.is_file() and written.read_text(encoding="utf-8") == recipe
    if not known or not all((directory / name).is_file() for name in LOG):
        written.unlink(missing_ok=True)
        subprocess.run([sys.executable, SIMULATION, directory], check=True)  # noqa: S603 - our own
        written.write_text(recipe, encoding="utf-8")


def recipe_of_log() -> str:
    """What the log is made by: the script, as a fingerprint, and the libraries."""
    script = SIMULATION.read_bytes()
    versions = [f"{name} {version(name)}\n" for name in LIBRARIES]
    return "".join([f"{hashlib.sha256(script).hexdigest()}\n", *versions])


def check(directory: Path) -> int:
    """Run the command that a user would run, and show it."""
    arguments = [
        "check",
        str(directory / "predictions.parquet"),
        "--reference",
        str(directory / "reference.parquet"),
        "--segment",
        "site",
        "--out",
        str(directory / "report"),
    ]
    sys.stdout.write(f"$ wane {' '.join(arguments)}\n\n")
    sys.stdout.flush()
    wane = Path(sys.executable).with_name("wane")
    return subprocess.run([wane, *arguments], check=False).returncode  # noqa: S603 - our own command


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
