import math

import numpy as np

from report.drawing import parse
from wane.report import sparkline


def test_undefined_windows_are_gaps() -> None:
    drawn = sparkline.draw(np.array([1.0, 2.0, math.nan, 2.0, 1.0]))
    assert drawn is not None
    line = parse(drawn)[0]
    assert line.get("d", "").count("M") == 2


def test_nothing_defined_is_nothing_drawn() -> None:
    assert sparkline.draw(np.array([math.nan, math.nan])) is None
    assert sparkline.draw(np.zeros(0)) is None


def test_one_value_is_a_dot() -> None:
    drawn = sparkline.draw(np.array([math.nan, 0.5]), "accuracy")
    assert drawn is not None
    assert drawn.count("<path") == 1
    assert 'aria-label="accuracy"' in drawn


def test_size_does_not_grow_with_windows() -> None:
    drawn = sparkline.draw(np.random.default_rng(0).random(10_000))
    assert drawn is not None
    assert len(drawn) < 1200
