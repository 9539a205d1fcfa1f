"""The catalogue's vocabulary: what a metric is called, which way is better, where it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from wane.schema import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.metrics.estimates import Estimates


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
        counted: Whether value x n is a number of rows: the share of n rows that are so.
        waits: Whether it is only provisional until the labels of its window are in.
        view: Whether it is another view of a metric that is judged, and not judged itself.
    """

    key: str
    title: str
    family: Family
    better: Better
    meaning: str
    percent: bool = False
    per_column: bool = False
    counted: bool = False
    waits: bool = False
    view: bool = False


class Definition(NamedTuple):
    """A metric, the function that measures it, and the roles it cannot do without."""

    metric: Metric
    measure: Callable[[Any], Estimates]
    needs: frozenset[Role] = frozenset()


def define(
    measure: Callable[[Any], Estimates],
    *,
    key: str | None = None,
    title: str | None = None,
    family: Family = Family.PERFORMANCE,
    better: Better = Better.HIGHER,
    percent: bool = False,
    counted: bool = False,
    view: bool = False,
    needs: tuple[Role, ...] = (),
) -> Definition:
    """A definition whose key and meaning are the function's name and first sentence."""
    name = key or measure.__name__
    meaning = (measure.__doc__ or "").split("\n")[0].rstrip(".")
    spoken = title or name.replace("_", " ")
    waits = family is Family.PERFORMANCE and Role.LABEL in needs and not view
    metric = Metric(
        name,
        spoken,
        family,
        better,
        meaning,
        percent,
        counted=counted,
        waits=waits,
        view=view,
    )
    return Definition(metric, measure, frozenset(needs))
