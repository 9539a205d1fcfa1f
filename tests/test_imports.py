"""`import wane` stays light: what is heavy is imported by the function that needs it."""

import subprocess
import sys

import pytest

HEAVY = {"duckdb", "scipy", "pandas", "polars", "jinja2", "typer", "sklearn", "matplotlib"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after `code` has run in a fresh interpreter."""
    script = f"{code}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_import_wane_loads_nothing_heavy() -> None:
    assert loaded_by("import wane") & (HEAVY | {"numpy", "pyarrow", "pydantic"}) == set()


@pytest.mark.parametrize("code", ["from wane.errors import WaneError", "import wane.stats"])
def test_the_lower_rooms_load_nothing_heavy(code: str) -> None:
    assert loaded_by(code) & (HEAVY | {"pyarrow", "pydantic"}) == set()
