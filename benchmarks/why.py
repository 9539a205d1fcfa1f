"""Estimates, decomposition, segments and faults on real streams, one after the other.

    why.py DIRECTORY [--employment DIRECTORY] [--nannyml-python PYTHON]

Options go to why_estimates.py. Each part runs by itself too.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PARTS = {
    "Estimated performance": ("why_estimates.py", True),
    "Where a change comes from": ("why_decomposition.py", False),
    "Among which rows": ("why_segments.py", False),
    "Faults of the pipeline": ("why_faults.py", False),
}


def main(directory: str, options: list[str]) -> None:
    """Run every part."""
    for title, (script, takes_options) in PARTS.items():
        sys.stdout.write(f"\n## {title}\n\n")
        sys.stdout.flush()
        command = [sys.executable, "-W", "ignore", str(Path(__file__).parent / script), directory]
        subprocess.run(command + (options if takes_options else []), check=True)  # noqa: S603


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
