from __future__ import annotations

import numpy as np

from wane.diagnose.cell_groups import cell_groups
from wane.profile.cells import CategoryCells
from wane.profile.lay import lay_numeric

VALUES = np.arange(1_000.0)
CELLS = lay_numeric(VALUES, 0.0, 999.0)


def counted(values: np.ndarray, missing: int = 0) -> np.ndarray:
    rows = np.bincount(CELLS.index(values), minlength=CELLS.size).astype(np.float64)
    rows[-1] = missing
    return rows


def test_numbers_in_ranges_of_about_equally_many_rows() -> None:
    rows = counted(VALUES, missing=10)
    groups = cell_groups(CELLS, rows)
    assert len(groups) == 9
    assert groups[0].label.startswith("below ")
    assert groups[7].label.endswith(" or more")
    assert groups[8].label == "(missing)"
    sizes = [rows[group.cells].sum() for group in groups]
    assert sum(sizes) == rows.sum()
    assert max(sizes[:8]) < 1.3 * 125


def test_one_value_and_none() -> None:
    constant = lay_numeric(np.full(9, 4.0), 4.0, 4.0)
    rows = np.bincount(constant.index(np.full(9, 4.0)), minlength=constant.size).astype(float)
    (group,) = cell_groups(constant, rows)
    assert rows[group.cells].sum() == 9
    assert cell_groups(CELLS, np.zeros(CELLS.size)) == ()


def test_categories_by_size_then_the_rest_then_missing() -> None:
    cells = CategoryCells(tuple("abcdefghij"))
    rows = np.array([1.0, 9, 8, 7, 6, 5, 4, 3, 2, 0, 5, 2])
    groups = cell_groups(cells, rows)
    assert [group.label for group in groups] == [*"bcdefghi", "(other)", "(missing)"]
    assert rows[groups[-2].cells].sum() == 1 + 0 + 5
