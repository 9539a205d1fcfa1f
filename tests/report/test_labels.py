import numpy as np

from wane.report.labels import Box, free_place


def test_the_first_of_the_freest_places_is_taken() -> None:
    points = np.array([[5.0, 5.0], [6.0, 5.0]])
    covered, free, also_free = Box(0, 0, 10, 10), Box(50, 0, 10, 10), Box(90, 0, 10, 10)
    assert free_place([covered, free, also_free], points) is free
    assert covered.holds(points) == 2


def test_without_obstacles_any_place_will_do() -> None:
    box = Box(0, 0, 1, 1)
    assert free_place([box], np.zeros((0, 2))) is box
