"""The metrics that can be estimated where labels are missing, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.metrics import binary, confident, multiclass, regression, slopes
from wane.metrics.catalogue import Definition
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

ESTIMATED = "_estimated"
"""After the key of a metric that is estimated."""
BLENDED = "_blend"
"""After the key of a metric of which labels tell where they are in, and estimates elsewhere."""


@dataclass(frozen=True, slots=True)
class Estimable:
    """A metric that can be estimated.

    Attributes:
        metric: How it is measured where there are labels.
        slope: What one more positive label does to it; broadcasts to [R, S, G].
        least: Smallest value there can be.
        most: Largest one.
        sided: Whether it needs labels of both kinds.
    """

    metric: Definition
    slope: Callable[[Any], NDArray[np.float64]]
    least: float = 0.0
    most: float = 1.0
    sided: bool = False

    @property
    def key(self) -> str:
        """Of the metric where there are labels."""
        return self.metric.metric.key


_BINARY = {definition.metric.key: definition for definition in (*binary.METRICS, binary.COST)}
_ACCURACY = next(one for one in multiclass.METRICS if one.metric.key == "accuracy")
ESTIMABLE: Mapping[Task, tuple[Estimable, ...]] = {
    Task.BINARY: (
        Estimable(_BINARY["accuracy"], slopes.ACCURACY),
        Estimable(_BINARY["balanced_accuracy"], slopes.BALANCED_ACCURACY, sided=True),
        Estimable(_BINARY["precision"], slopes.PRECISION),
        Estimable(_BINARY["recall"], slopes.RECALL, sided=True),
        Estimable(_BINARY["specificity"], slopes.SPECIFICITY, sided=True),
        Estimable(_BINARY["f1"], slopes.F1, sided=True),
        Estimable(_BINARY["mcc"], slopes.MATTHEWS_CORRELATION, least=-1.0, sided=True),
        Estimable(_BINARY["roc_auc"], slopes.of_roc_auc, sided=True),
        Estimable(_BINARY["average_precision"], slopes.of_average_precision, sided=True),
        Estimable(_BINARY["log_loss"], slopes.of_log_loss, most=np.inf),
        Estimable(_BINARY["brier"], slopes.of_brier),
        Estimable(_BINARY["cost"], slopes.of_cost, least=-np.inf, most=np.inf),
    ),
    Task.MULTICLASS: (Estimable(_ACCURACY._replace(measure=confident.accuracy), confident.slope),),
}
IN_SEGMENTS = ("accuracy", "precision", "recall", "f1", "roc_auc")
ERRORS = ("mae", "rmse")
"""Of a regression, from what its rows are like."""
HEADLINES = ("accuracy", "f1", "roc_auc")
"""The trust in an estimate is the least of those in these."""


def _views(suffix: str, title: str, meaning: str) -> tuple[Definition, ...]:
    """The catalogue's entries for another view of every metric that can be estimated."""
    known = [of.metric for of in ESTIMABLE[Task.BINARY]]
    known += [each for each in regression.METRICS if each.metric.key in ERRORS]
    return tuple(
        Definition(
            replace(
                definition.metric,
                key=definition.metric.key + suffix,
                title=title.format(definition.metric.title),
                meaning=meaning.format(definition.metric.title),
                counted=False,
                waits=False,
                view=True,
            ),
            definition.measure,
        )
        for definition in known
    )


METRICS = (
    *_views(ESTIMATED, "estimated {}", "{} to expect where labels are missing"),
    *_views(BLENDED, "{}, best known", "{} by labels where they are in, estimated elsewhere"),
)
