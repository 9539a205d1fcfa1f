import numpy as np

from wane.report.labels import Box, Labels, free_place


def test_the_first_of_the_freest_places_is_taken() -> None:
    points = np.array([[5.0, 5.0], [6.0, 5.0]])
    covered, free, also_free = Box(0, 0, 10, 10), Box(50, 0, 10, 10), Box(90, 0, 10, 10)
    assert free_place([covered, free, also_free], points) is free
    assert covered.holds(points) == 2


def test_without_obstacles_any_place_will_do() -> None:
    box = Box(0, 0, 1, 1)
    assert free_place([box], np.zeros((0, 2))) is box


def test_a_box_as_an_obstacle_covers_its_own_place() -> None:
    box = Box(10, 20, 100, 14)
    assert box.holds(box.points(), margin=0) == len(box.points())


def test_labels_keep_off_each_other_and_off_what_is_added() -> None:
    near, far, above = Box(0, 0, 40, 14), Box(100, 0, 40, 14), Box(0, -30, 40, 14)
    labels = Labels(np.zeros((0, 2)))
    assert labels.place([near, far, above]) is near
    labels.avoid(np.array([[110.0, 7.0]]))
    assert labels.top == 0
    assert labels.place([near, far, above]) is above
    assert labels.top == -30
