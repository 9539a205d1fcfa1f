"""Sparing processes of our own what Python and libraries do without being asked.

pyarrow imports pandas, where it is installed, the first time it is handed a numpy array. That
takes half a second and 50 MB in every process, and nothing here needs it. scipy asks numpy for
all its names, and f2py among them, a compiler of Fortran, takes a twentieth of a second to load.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib.machinery import ModuleSpec

OBJECTS_BETWEEN_COLLECTIONS = 100_000
TURN_SECONDS = 0.0005


class _Without:
    """An import hook that says pandas is not there, and that f2py is empty."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: object = None,  # noqa: ARG003
        target: object = None,  # noqa: ARG003
    ) -> ModuleSpec | None:
        """Refuse pandas, empty f2py, leave everything else to the finders behind."""
        if name == "pandas":
            raise ModuleNotFoundError("left out on purpose", name=name)
        return ModuleSpec(name, cls()) if name == "numpy.f2py" else None  # type: ignore[arg-type]

    @staticmethod
    def create_module(_spec: ModuleSpec) -> None:
        """An ordinary module, as Python makes it."""

    @staticmethod
    def exec_module(_module: object) -> None:
        """With nothing in it."""


def be_lean() -> None:
    """Set up this process: short turns of threads, few garbage collections, a BLAS of one thread.

    Loading libraries makes many objects that stay: searching them for garbage again and again
    takes a twentieth of a short run. Threads that hand jobs to workers wait for their turn while
    this one loads libraries. The threads of BLAS spin while they wait, for little work.
    """
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    sys.setswitchinterval(TURN_SECONDS)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    leave_out_pandas()


def leave_out_pandas() -> None:
    """Make `import pandas` fail in this process, unless it is loaded already."""
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Without)
