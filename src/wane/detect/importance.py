"""How much each feature matters to the model, where a user says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST = 0.01
"""Of the largest importance what any column counts as at the least: a feature that a model hardly
uses still tells of a broken pipeline."""


@dataclass(frozen=True, slots=True)
class Importance:
    """Weights of columns; without any all columns weigh the same.

    Attributes:
        given: Column -> importance, >= 0, in any unit: shares, gains, mean |SHAP|. Columns that are
            not named matter as little as the least one that is.
    """

    given: Mapping[str, float] = field(default_factory=dict)

    def weight(self, column: str | None) -> float:
        """The weight of a column in [`LEAST`, 1], of the most important 1; 1 for no column."""
        most = max(self.given.values(), default=0.0)
        if column is None or not most:
            return 1.0
        own = self.given.get(column, min(self.given.values()))
        return max(own / most, LEAST)


ALIKE = Importance()
