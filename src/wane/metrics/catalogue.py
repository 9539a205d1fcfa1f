"""The catalogue of metrics: every key, what it means, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Which of the five tiles a metric belongs to."""

    PERFORMANCE = "performance"
    LABELS = "labels"
    DRIFT = "drift"
    QUALITY = "data quality"
    TRAFFIC = "traffic"


class Better(StrEnum):
    """Which direction is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry of the catalogue.

    Attributes:
        key: The short word used in rules, JSON and tables.
        title: The word used in sentences and charts.
        family: Where it is shown.
        better: Which direction is good.
        meaning: One line for `wane metrics`.
        percent: Whether the value is a share in [0, 1], shown as a percentage.
        per_column: Whether it is measured for each column.
    """

    key: str
    title: str
    family: Family
    better: Better
    meaning: str
    percent: bool = False
    per_column: bool = False
