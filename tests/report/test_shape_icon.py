import pytest

from report.drawing import classes, parse
from wane.detect.shape import Shape
from wane.report import shape_icon


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("side", [-1, 1])
def test_each_shape_has_a_word_and_a_picture_inside_its_frame(shape: Shape, side: int) -> None:
    root = parse(shape_icon.draw(shape, side))
    assert root.get("aria-hidden") == "true"
    assert classes(root) == {"shape"}
    corners = root[0].get("d", "").lstrip("M").split("L")
    for x, y in (corner.split() for corner in corners):
        assert 0 < float(x) < shape_icon.WIDTH
        assert 0 < float(y) < shape_icon.HEIGHT
    assert shape_icon.WORDS[shape]


def test_a_fall_is_a_rise_upside_down() -> None:
    assert shape_icon.draw(Shape.STEP, 1) != shape_icon.draw(Shape.STEP, -1)
