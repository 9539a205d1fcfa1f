"""What models are called with, as rows; and what they answer, as predictions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from wane.monitor.roles import ROLES
from wane.monitor.value import LOST, plain

Row = Mapping[Any, object]
LARGE = 1_000
"""From so many rows on a frame is sent as a frame: row by row would take too long."""


def as_row(given: object, names: Sequence[str] = ()) -> Row | None:
    """One row: a mapping, dataclass, named tuple, pydantic model, pandas Series, or a sequence.

    Args:
        given: The row.
        names: Names of the values of a sequence; "f0", "f1", ... where it has none.

    Returns:
        Name -> value; None when it is nothing of the kind.
    """
    if isinstance(given, Mapping):
        return given
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        return {each.name: getattr(given, each.name) for each in dataclasses.fields(given)}
    for method in ("model_dump", "_asdict"):
        if hasattr(given, method):
            return _mapping(getattr(given, method)())
    if hasattr(given, "to_dict") and not hasattr(given, "columns"):
        return _mapping(given.to_dict())
    values = _listed(given)
    if values is None or any(isinstance(each, list | tuple | Mapping) for each in values):
        return None
    return {_name(names, place): value for place, value in enumerate(values)}


def as_rows(given: Any, names: Sequence[str] = ()) -> list[Row] | None:  # noqa: ANN401 - any input
    """The rows of whatever a model is called with.

    Args:
        given: A row (see `as_row`), a list of rows, a matrix, or a frame.
        names: Names of the columns of a matrix.

    Returns:
        One mapping a row; None when it is nothing of the kind.
    """
    if hasattr(given, "to_dicts"):  # Polars
        return list(given.to_dicts())
    if hasattr(given, "to_dict") and hasattr(given, "columns"):  # pandas
        return list(given.to_dict("records"))
    if hasattr(given, "to_pylist") and hasattr(given, "column_names"):  # pyarrow
        return list(given.to_pylist())
    row = as_row(given, names)
    if row is not None:
        return [row]
    rows = [as_row(each, names) for each in _listed(given) or ()]
    found = [each for each in rows if each is not None]
    return found if rows and len(found) == len(rows) else None


def as_columns(given: Any, names: Sequence[str] = ()) -> dict[str, object] | None:  # noqa: ANN401
    """The columns of a frame or matrix of many rows, copied where they could change.

    Returns:
        Name -> values; None for anything else, and for few rows.
    """
    if not hasattr(given, "shape") or len(given.shape) != 2 or given.shape[0] < LARGE:
        return None
    if hasattr(given, "column_names"):  # pyarrow
        return {name: given[name] for name in given.column_names}
    if hasattr(given, "columns"):  # pandas, Polars
        frame = given.copy() if hasattr(given, "copy") else given
        return {str(name): frame[name] for name in frame.columns}
    if hasattr(given, "dtype"):
        matrix = given.copy() if hasattr(given, "copy") else given
        return {_name(names, place): matrix[:, place] for place in range(matrix.shape[1])}
    return None


def as_answers(result: object, rows: int) -> list[Row] | None:
    """What a model returned for so many rows, as fields of events.

    Args:
        result: A scalar for a single row; a sequence with a value a row; and instead of values
            mappings with keys such as "prediction" and "score".
        rows: Rows the model was called with.

    Returns:
        One mapping of role -> value a row; None when it cannot be told what they are.
    """
    if rows == 1:
        one = _answer(result)
        if one is not None:
            return [one]
    values = _listed(result)
    if values is None or len(values) != rows:
        return None
    answers = [_answer(each) for each in values]
    found = [each for each in answers if each is not None]
    return found if len(found) == rows else None


def _answer(value: object) -> Row | None:
    if isinstance(value, Mapping):
        return value if set(value) <= set(ROLES) else None
    read = plain(value)
    return None if read is LOST else {"prediction": read}


def _mapping(given: object) -> Row | None:
    return given if isinstance(given, Mapping) else None


def _listed(given: Any) -> list[Any] | None:  # noqa: ANN401 - any sequence
    """A list of what is in a list, tuple, array or series; None for anything else."""
    if isinstance(given, list | tuple):
        return list(given)
    for method in ("tolist", "to_list", "to_pylist"):
        if hasattr(given, method):
            listed = getattr(given, method)()
            return listed if isinstance(listed, list) else None
    return None


def _name(names: Sequence[str], place: int) -> str:
    return names[place] if place < len(names) else f"f{place}"
