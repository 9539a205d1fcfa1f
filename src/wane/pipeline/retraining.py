"""Would retraining help? The caller's estimator, trained on fresh rows and tested on later ones."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.classes import class_codes, class_text
from wane.errors import DataError, SchemaError, UsageError
from wane.profile.clock import to_times
from wane.profile.values import to_numbers
from wane.schema import Task
from wane.sources.frame import FrameSource
from wane.stats.interval import normal_quantile
from wane.window import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.schema import Schema

LEAST_ROWS = 100
"""Labelled rows that are needed to train on, and again to test on."""


class Estimator(Protocol):
    """What scikit-learn's estimators have."""

    def fit(self, X: Any, y: Any) -> Any:  # noqa: ANN401, N803  # scikit-learn's names
        """Learn from rows X and labels y."""

    def predict(self, X: Any) -> Any:  # noqa: ANN401, N803
        """Answers for rows X."""


@dataclass(frozen=True, slots=True)
class Retraining:
    """What a model that was trained on fresh rows does on later ones, beside the deployed one.

    Attributes:
        metric: "accuracy", or "mae" of a regression.
        deployed: Its value for the answers that were given.
        retrained: Its value for those of the new model, on the same rows.
        gain: By how much that is better; negative where it is worse.
        low: Lower end of the 95 % interval of the gain.
        high: Upper end.
        rows_trained: Rows the new model learned from.
        rows_tested: Rows that both answered.
        gain_a_day: The gain times the rows of a day: wrong answers (or units of error) that each
            day of waiting costs; None without times.
    """

    metric: str
    deployed: float
    retrained: float
    gain: float
    low: float
    high: float
    rows_trained: int
    rows_tested: int
    gain_a_day: float | None

    @property
    def helps(self) -> bool:
        """Whether the gain is beyond chance."""
        return self.low > 0

    def __str__(self) -> str:
        told = "helps" if self.helps else "hurts" if self.high < 0 else "may or may not help"
        cost = "" if self.gain_a_day is None else f"; {self.gain_a_day:.3g} a day"
        return (
            f"Retraining {told}: {self.metric} {self.deployed:.4g} as deployed, "
            f"{self.retrained:.4g} retrained on {self.rows_trained:,} rows; gain {self.gain:.4g} "
            f"({self.low:.4g} to {self.high:.4g}) on {self.rows_tested:,} later rows{cost}"
        )


def would_retraining_help(
    estimator: Estimator, frame: object, schema: Schema, *, test_share: float = 0.3
) -> Retraining:
    """Train a copy of an estimator on recent labelled rows, and test it on later ones.

    Args:
        estimator: With `fit` and `predict`, as of scikit-learn; a deep copy of it is trained.
        frame: Rows with features, labels and the answers of the deployed model: pandas, Polars,
            pyarrow, or anything that gives Arrow.
        schema: Names features, label and prediction, and the timestamp by which rows are ordered;
            without one they count as ordered.
        test_share: Of the labelled rows, the newest, that are tested on; in (0, 1).

    Returns:
        The gain is that of the mean loss per row (0 or 1 for a classification, the absolute error
        for a regression), its interval by the differences row by row.

    Raises:
        SchemaError: A role is missing, or a column.
        DataError: There are fewer than a hundred labelled rows on either side.
        UsageError: The share is not between 0 and 1, or features need pandas and it is not there.
    """
    if not 0 < test_share < 1:
        raise UsageError("test_share is a share", expected="between 0 and 1", got=str(test_share))
    table = _labelled(_ordered(_read(frame, schema), schema), schema)
    first = round(table.num_rows * (1 - test_share))
    train, test = table.slice(0, first), table.slice(first)
    if min(train.num_rows, test.num_rows) < LEAST_ROWS:
        raise DataError(
            "there are too few labelled rows to train and to test on",
            expected=f"at least {LEAST_ROWS} for each",
            got=f"{train.num_rows} and {test.num_rows}",
        )
    model = copy.deepcopy(estimator)
    model.fit(_features(train, schema), _plain(train, schema.label))
    answers = np.asarray(model.predict(_features(test, schema)))
    if len(answers) != test.num_rows:
        raise UsageError(
            "the estimator gave another number of answers than it was asked for",
            expected=f"{test.num_rows}",
            got=f"{len(answers)}",
        )
    deployed = _loss(test, test[schema.prediction].combine_chunks(), schema)
    retrained = _loss(test, pa.array(answers), schema)
    return _compared(deployed, retrained, train.num_rows, _days(test, schema), schema)


def _compared(
    deployed: NDArray[np.float64],
    retrained: NDArray[np.float64],
    trained: int,
    days: float | None,
    schema: Schema,
) -> Retraining:
    """Both losses on the same rows."""
    both = np.isfinite(deployed) & np.isfinite(retrained)
    before, after = deployed[both], retrained[both]
    rows = len(before)
    if rows < LEAST_ROWS:
        raise DataError(
            "the deployed model answered too few of the later labelled rows",
            expected=f"at least {LEAST_ROWS}",
            got=str(rows),
        )
    saved = before - after
    gain = float(saved.mean())
    reach = normal_quantile() * float(saved.std(ddof=1)) / math.sqrt(rows)
    share = schema.task is not Task.REGRESSION
    values = [float(1 - part.mean()) if share else float(part.mean()) for part in (before, after)]
    return Retraining(
        metric="accuracy" if share else "mae",
        deployed=values[0],
        retrained=values[1],
        gain=gain,
        low=gain - reach,
        high=gain + reach,
        rows_trained=trained,
        rows_tested=rows,
        gain_a_day=None if not days else gain * rows / days,
    )


def _read(frame: object, schema: Schema) -> pa.Table:
    """The columns that are needed."""
    if schema.label is None or schema.prediction is None or not schema.features:
        raise SchemaError(
            "retraining needs to know what to learn from, and what to beat",
            expected="a schema with label, prediction and features",
        )
    roles = [schema.label, schema.prediction, schema.timestamp]
    names = [name for name in roles if name is not None]
    source = FrameSource(frame)
    batches = source.batches([*names, *(column.name for column in schema.features)])
    return pa.Table.from_batches(list(batches)).combine_chunks()


def _ordered(table: pa.Table, schema: Schema) -> pa.Table:
    """The rows by time, where they have one."""
    if schema.timestamp is None:
        return table
    times = to_times(table[schema.timestamp].combine_chunks())
    return table.take(pa.array(np.argsort(times, kind="stable")))


def _labelled(table: pa.Table, schema: Schema) -> pa.Table:
    """Rows whose label is known."""
    label = table[schema.label]
    known = pc.is_valid(label)
    if pa.types.is_floating(label.type):
        known = pc.and_(known, pc.invert(pc.is_nan(label)))
    return table.filter(pc.fill_null(known, False))  # Arrow's own order


def _features(table: pa.Table, schema: Schema) -> Any:  # noqa: ANN401  # what estimators take
    """The features as a pandas frame; as an array of numbers where pandas is not there."""
    chosen = table.select([column.name for column in schema.features or ()])
    try:
        import pandas  # noqa: F401, ICN001, PLC0415  # only where it is there
    except ImportError as error:
        numeric = all(
            pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
            for kind in chosen.schema.types
        )
        if not numeric:
            raise UsageError(
                "features that are no numbers are handed to an estimator as a pandas frame",
                hint="Install pandas, or give numbers.",
            ) from error
        return np.column_stack([_numbers(column.combine_chunks()) for column in chosen.columns])
    return chosen.to_pandas()


def _plain(table: pa.Table, name: str | None) -> NDArray[Any]:
    """A column as an array."""
    return np.asarray(table[name].to_numpy())


def _numbers(array: pa.Array) -> NDArray[np.float64]:
    numbers = to_numbers(array)
    return numbers.values  # noqa: PD011 - numbers of ours, not of pandas


def _loss(table: pa.Table, answers: pa.Array, schema: Schema) -> NDArray[np.float64]:
    """[n] of each answer: 0 where right and 1 where wrong, or |error|; nan where unknown."""
    label = table[schema.label].combine_chunks()
    if schema.task is Task.REGRESSION:
        return np.abs(_numbers(answers) - _numbers(label))
    known = {class_text(one) for one in pc.unique(label).to_pylist()}
    classes = schema.classes or tuple(sorted(name for name in known if name is not None))
    codes = [class_codes(part, classes) for part in (answers, label)]
    wrong = np.where(codes[0] == codes[1], 0.0, 1.0)
    return np.where(np.asarray(pc.is_valid(answers)), wrong, np.nan)


def _days(table: pa.Table, schema: Schema) -> float | None:
    """Days from the first row to the last; None without times."""
    if schema.timestamp is None:
        return None
    times = to_times(table[schema.timestamp].combine_chunks())
    return max(float(times.max() - times.min()) / DAY, 1e-9)
