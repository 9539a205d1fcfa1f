"""Labels that came with their predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.events.event import Label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.events.event import Prediction


def inline_labels(predictions: Iterable[Prediction]) -> list[Label]:
    """Take the labels off predictions, as events of their own.

    Labels lie in one place, whenever they come, so that a later one can correct an earlier one.

    Args:
        predictions: With ids and times; they have no label afterwards.

    Returns:
        A label for each prediction that had one, known since the time of the prediction.
    """
    labels = []
    for event in predictions:
        if event.label is not None and event.id is not None:
            labels.append(Label(id=event.id, label=event.label, timestamp=event.timestamp))
            event.label = None
    return labels
