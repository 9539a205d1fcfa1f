"""A source that sends no more is told from a column that the reference lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnose.faults.build_sides import columns, sides
from wane.diagnose.fault import FaultKind
from wane.diagnose.faults.silent import silent


def test_a_column_that_the_reference_lacks_is_no_source() -> None:
    quiet = sides(columns(2_000, 2))
    without = {"source=(missing)": (quiet.rows[0], 0.0), "source=north": (0.0, 1_200.0)}
    assert list(silent(replace(quiet, segments=without))) == []


@pytest.mark.parametrize("name", ["source=south", "source=(missing)"])
def test_a_part_of_the_rows_that_comes_no_more_is_told(name: str) -> None:
    quiet = sides(columns(2_000, 2))
    part = {name: (quiet.rows[0] * 0.3, 0.0)}
    (fault,) = silent(replace(quiet, segments=part))
    assert (fault.kind, fault.columns) == (FaultKind.SILENT, ("source",))
