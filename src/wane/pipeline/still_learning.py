"""Which models limits are still being learned for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wane.report.parts import SUMMARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.store.records import Model
    from wane.store.store import Store


def learning_of(store: Store, models: Iterable[Model]) -> dict[str, str]:
    """Name of a model -> for how much of it limits are not known yet, as a sentence.

    Models of which everything is learned, or nothing was concluded, are left out.
    """
    found = {}
    for model in models:
        summary = store.result(model.id, SUMMARY)
        told = "" if summary is None else str(json.loads(summary.body).get("learning") or "")
        if told:
            found[model.name] = told
    return found
