"""Predictions and labels that are none of the classes are told, not passed over."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import wane

ANIMALS = np.array(["cat", "dog", "emu", "fox", "gnu", "hen"])


def notes(predictions: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> list[str]:
    table = pa.table({"prediction": predictions, "label": labels, "x": np.arange(len(labels)) % 7})
    schema = wane.Schema(
        prediction="prediction", label="label", task=wane.Task.MULTICLASS, classes=classes
    )
    result = wane.check(table, schema=schema, every="50 rows")
    return [note for note in result.notes if "none of the classes" in note]


def animals(rows: int, kinds: int) -> np.ndarray:
    return ANIMALS[np.arange(rows) % kinds]


def test_predictions_of_no_class_are_counted_and_named() -> None:
    (note,) = notes(animals(300, 3), animals(300, 2), ("cat", "dog"))
    assert note == (
        "100 of 300 predictions are none of the classes ('cat', 'dog') but 'emu': what is right "
        "and wrong is measured without them"
    )


def test_only_the_most_frequent_are_named() -> None:
    (note,) = notes(animals(300, 2), animals(300, 6), ("cat", "dog"))
    assert note.startswith("200 of 300 labels are none of the classes ('cat', 'dog') but 'emu',")
    assert "'emu', 'fox', 'gnu' and 1 more:" in note


@pytest.mark.parametrize("classes", [("cat", "dog", "emu"), ("cat", "dog", "emu", "fox"), ()])
def test_nothing_is_told_where_all_are_classes(classes: tuple[str, ...]) -> None:
    assert notes(animals(300, 3), animals(300, 3), classes) == []


def test_missing_answers_are_of_no_wrong_class() -> None:
    predictions = animals(300, 2).astype(object)
    predictions[::5] = None
    assert notes(predictions, animals(300, 2), ("cat", "dog")) == []
