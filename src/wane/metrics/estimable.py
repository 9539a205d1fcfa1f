"""The metrics that can be estimated where labels are missing, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.metrics import binary, by_class, confident, multiclass, regression, slopes
from wane.metrics.catalogue import Definition
from wane.schema import Task
from wane.stats import one_vs_rest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        column: The class it is about; None for a metric of all rows.
    """

    metric: Definition
    slope: Callable[[Any], NDArray[np.float64]]
    least: float = 0.0
    most: float = 1.0
    sided: bool = False
    column: str | None = None

    @property
    def key(self) -> str:
        """Of the metric where there are labels."""
        return self.metric.metric.key


_MULTICLASS = {definition.metric.key: definition for definition in multiclass.METRICS}


def _averaged(
    key: str, metric: Callable[[by_class.ByClass], one_vs_rest.Sloped], *, least: float = 0.0
) -> Estimable:
    """A metric of all classes that hangs on hits and margins alone."""
    definition = _MULTICLASS[key]._replace(measure=by_class.measuring(metric))
    return Estimable(definition, by_class.sloping(metric), least)


_BINARY = {definition.metric.key: definition for definition in (*binary.METRICS, binary.COST)}
ANSWERS = (
    Estimable(_MULTICLASS["accuracy"]._replace(measure=confident.accuracy), confident.slope),
)
"""Of a multiclass model, by the score of the class that was predicted."""
CLASSES = (
    _averaged("macro_precision", by_class.macro_precision),
    _averaged("macro_recall", by_class.macro_recall),
    _averaged("macro_f1", by_class.macro_f1),
    _averaged("weighted_precision", by_class.weighted_precision),
    _averaged("weighted_recall", by_class.weighted_recall),
    _averaged("weighted_f1", by_class.weighted_f1),
    _averaged("mcc", by_class.matthews_correlation, least=-1.0),
    Estimable(_MULTICLASS["roc_auc"]._replace(measure=by_class.roc_auc), by_class.roc_auc_slope),
    Estimable(
        _MULTICLASS["log_loss"]._replace(measure=by_class.log_loss),
        by_class.log_loss_slope,
        most=np.inf,
    ),
)
"""Of a multiclass model, by the scores of all classes."""
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
    Task.MULTICLASS: (*ANSWERS, *CLASSES),
}
IN_SEGMENTS = (
    *("accuracy", "precision", "recall", "f1", "roc_auc"),
    *("macro_precision", "macro_recall", "macro_f1"),
)
ERRORS = ("mae", "rmse")
"""Of a regression, from what its rows are like."""
HEADLINES = ("accuracy", "f1", "macro_f1", "roc_auc")
"""The trust in an estimate is the least of those in these."""


def of_each_class(classes: Sequence[str]) -> tuple[Estimable, ...]:
    """Precision, recall and F1 of each class of a multiclass model."""
    one_class = (
        ("precision", one_vs_rest.precision, by_class.NEVER_PREDICTED),
        ("recall", one_vs_rest.recall, by_class.RARE_CLASS),
        ("f1", one_vs_rest.f1, by_class.RARE_CLASS),
    )
    return tuple(
        Estimable(
            _BINARY[key]._replace(measure=by_class.measuring_one(metric, at, otherwise)),
            by_class.sloping_one(metric, at),
            column=name,
        )
        for key, metric, otherwise in one_class
        for at, name in enumerate(classes)
    )


def _views(suffix: str, title: str, meaning: str) -> tuple[Definition, ...]:
    """The catalogue's entries for another view of every metric that can be estimated."""
    known = [of.metric for of in ESTIMABLE[Task.BINARY]]
    known += [of.metric for of in CLASSES if of.key not in _BINARY]
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
