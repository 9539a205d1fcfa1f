import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wane.report.runs import runs, stretches
from wane.report.thin import thin
from wane.window import DAY, Window


@given(st.lists(st.floats(-9, 9) | st.just(math.nan), min_size=1, max_size=400))
def test_extremes_and_ends_survive(numbers: list[float]) -> None:
    values = np.array(numbers)
    kept = thin(values, 40)
    assert len(kept) <= max(len(values) if len(values) <= 40 else 0, 44)
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert (np.diff(kept) > 0).all()
    if not np.isnan(values).all():
        assert np.nanmax(values[kept]) == np.nanmax(values)
        assert np.nanmin(values[kept]) == np.nanmin(values)


def test_runs_break_at_gaps_in_time_and_at_undefined_values() -> None:
    windows = tuple(Window(i * DAY, (i + 1) * DAY) for i in (0, 1, 2, 5, 6, 7))
    wanted = np.array([True, True, True, True, False, True])
    assert stretches(windows).tolist() == [0, 0, 0, 1, 1, 1]
    assert runs(stretches(windows), wanted) == ((0, 3), (3, 4), (5, 6))
    assert stretches(()).tolist() == []
