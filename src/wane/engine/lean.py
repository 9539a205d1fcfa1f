"""Sparing processes of our own what Python and libraries do without being asked.

pyarrow imports pandas, where it is installed, the first time it is handed a numpy array. That
takes half a second and 50 MB in every process, and nothing here needs it.
"""

from __future__ import annotations

import gc
import os
import sys

OBJECTS_BETWEEN_COLLECTIONS = 100_000


class _WithoutPandas:
    """An import hook that says pandas is not there."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004
        """Refuse pandas, leave everything else to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError("left out on purpose", name=name)


def be_lean() -> None:
    """Set up this process: few garbage collections, one thread of BLAS, no pandas.

    Loading libraries makes many objects that stay: searching them for garbage again and again
    takes a twentieth of a short run. The threads of BLAS spin while they wait, for little work.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    leave_out_pandas()


def leave_out_pandas() -> None:
    """Make `import pandas` fail in this process, unless it is loaded already."""
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _WithoutPandas)
