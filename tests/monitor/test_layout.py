from __future__ import annotations

from typing import Any

import pytest

from wane.errors import SchemaError
from wane.monitor.columns import Columns
from wane.monitor.layout import Layout, lay_out

ROLES: dict[str, str | None] = dict.fromkeys(Columns.__annotations__)


def layout(*available: str, **told: Any) -> Layout:  # noqa: ANN401 - roles, scores, features
    scores, features = told.pop("scores", None), told.pop("features", None)
    roles = {**ROLES, **told}
    return lay_out(available, roles, scores=scores, features=features, where="frame")


def test_columns_get_the_names_of_their_roles_and_the_others_are_features() -> None:
    found = layout("p", "yhat", "x", "y", score="p", prediction="yhat")
    assert found.columns == {"score": "p", "prediction": "yhat", "x": "x", "y": "y"}
    assert found.notes == ()


def test_some_roles_are_found_by_name() -> None:
    found = layout("id", "timestamp", "prediction", "score", "label", "x")
    assert list(found.columns) == ["id", "timestamp", "prediction", "score", "label", "x"]


def test_a_score_for_each_class() -> None:
    found = layout("a", "b", scores={"yes": "a", 0: "b"})
    assert found.columns == {"scores.yes": "a", "scores.0": "b"}


@pytest.mark.parametrize("name", ["weight", "scores", "features", "label_time", "scores.yes"])
def test_a_column_with_a_kept_name_is_left_out_and_told(name: str) -> None:
    found = layout(name, "x")
    assert found.columns == {"x": "x"}
    assert len(found.notes) == 1
    assert repr(name) in found.notes[0]
    assert ("weight='weight'" in found.notes[0]) == (name == "weight")


def test_a_role_that_is_told_wins_over_one_found_by_name() -> None:
    found = layout("prediction", "yhat", prediction="yhat")
    assert found.columns == {"prediction": "yhat"}
    assert "'prediction'" in found.notes[0]


def test_features_can_be_chosen() -> None:
    assert layout("x", "y", "score", features=["y"]).columns == {"score": "score", "y": "y"}
    assert layout("x", "score", features=()).columns == {"score": "score"}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"score": "q"}, "no column 'q', named as score"),
        ({"scores": {"yes": "q"}}, "no column 'q', named as scores.yes"),
        ({"features": ["q"]}, "no column 'q', named as a feature"),
        ({"score": "x", "label": "x"}, "'x' of frame has two roles"),
        ({"features": ["weight"]}, "'weight' of frame has a name that is kept for a role"),
        ({"features": ()}, "no column that can be sent"),
    ],
)
def test_what_cannot_be(told: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        layout("x", "y", "weight", **told)
