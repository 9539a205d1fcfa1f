"""Keeping pandas out of processes of our own.

pyarrow imports pandas, where it is installed, the first time it is handed a numpy array. That
takes half a second and 50 MB in every process, and nothing here needs it.
"""

from __future__ import annotations

import sys


class _WithoutPandas:
    """An import hook that says pandas is not there."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004
        """Refuse pandas, leave everything else to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError("left out on purpose", name=name)


def leave_out_pandas() -> None:
    """Make `import pandas` fail in this process, unless it is loaded already."""
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _WithoutPandas)
