"""What the user names, opened: paths, globs, frames, and labels beside them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wane.engine.reading import FileReading, FrameReading, Reading
from wane.errors import SourceError, UsageError
from wane.sources.request import LabelFile, Request, locate, open_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.engine.local import Workers
    from wane.schema import Schema

PathText = str | os.PathLike[str]
LABEL_NAMES = ("label", "y_true", "target", "actual", "ground_truth", "outcome", "y")


@dataclass(frozen=True, slots=True)
class LabelSource:
    """Labels in a file of their own; names left out are found in the file."""

    path: str
    id: str | None = None
    label: str | None = None
    label_time: str | None = None


@dataclass(frozen=True, slots=True)
class Refinement:
    """What is done to rows while they are read: a filter, and columns derived from others."""

    where: str | None = None
    derive: tuple[tuple[str, str], ...] = ()


def is_path(data: object) -> bool:
    """Whether `data` names files: a path, or a list of paths."""
    if isinstance(data, str | os.PathLike):
        return True
    return isinstance(data, list | tuple) and all(isinstance(d, str | os.PathLike) for d in data)


def paths_of(data: object) -> list[str]:
    """The paths of something for which `is_path` holds."""
    many = data if isinstance(data, list | tuple) else [data]
    return [os.fspath(path) for path in many if isinstance(path, str | os.PathLike)]


def open_reading(
    data: object,
    workers: Workers | None,
    refinement: Refinement,
    labels: LabelFile | None = None,
    *,
    name: str = "frame",
) -> Reading:
    """A reading of files or of a frame.

    Raises:
        SourceError: Nothing is found, or the object is no table.
        UsageError: There is nothing to read.
    """
    if workers is None or not is_path(data):
        rows = None
        if labels is not None and workers is not None:  # a foreign file is not read here
            rows = workers.spool(labels.request(), labels.columns)
        return FrameReading(
            open_frame(
                data,
                where=refinement.where,
                derive=refinement.derive,
                labels=labels,
                label_rows=rows,
                name=name,
            )
        )
    texts = paths_of(data)
    if not texts:
        raise UsageError("nothing to read", expected="at least one path")
    found = [locate(text) for text in texts]
    formats = {kind for _, kind in found}
    if len(formats) > 1:
        raise SourceError(
            f"{', '.join(texts)} are of different formats",
            expected="one format",
            got=" and ".join(sorted(formats)),
            hint="Check them one format at a time.",
        )
    request = Request(
        paths=_each_once([path for paths, _ in found for path in paths]),
        format=formats.pop(),
        where=refinement.where,
        derive=refinement.derive,
        labels=labels,
        name=texts[0] if len(texts) == 1 else f"{texts[0]} and {len(texts) - 1} more",
    )
    return FileReading(request, workers)


def _each_once(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths, of which no two are the same file: its rows would count twice.

    Raises:
        SourceError: Two are.
    """
    seen: set[Path] = set()
    for path in paths:
        file = Path(path).resolve()
        if file in seen:
            raise SourceError(
                f"{path} is given twice",
                expected="each file once",
                hint="Name it once; a pattern or a link may stand for it too.",
            )
        seen.add(file)
    return tuple(paths)


def label_file(given: PathText | LabelSource, schema: Schema, workers: Workers) -> LabelFile:
    """The label file with its columns: named by the user, by the schema, or found by name.

    Raises:
        SourceError: The file cannot be read, or its columns cannot be told apart.
    """
    labels = given if isinstance(given, LabelSource) else LabelSource(os.fspath(given))
    paths, kind = locate(labels.path)
    names = workers.fields(Request(paths, kind, name=labels.path)).result()
    ids = [labels.id or schema.id, *(n for n in names if n.lower() == "id" or n.endswith("_id"))]
    key = next((name for name in ids if name in names), None)
    rest = [name for name in names if name not in (key, labels.label_time)]
    wanted = [labels.label or schema.label, *(n for n in LABEL_NAMES if n in rest)]
    label = next((name for name in wanted if name in rest), rest[0] if len(rest) == 1 else None)
    if key is None or label is None:
        raise SourceError(
            f"cannot tell which columns of {labels.path} are the id and the label",
            got=", ".join(names),
            hint="Name them in wane.toml: "
            f'labels = {{ path = "{labels.path}", id = "...", label = "..." }}.',
        )
    time = labels.label_time or (schema.label_time if schema.label_time in names else None)
    return LabelFile(paths, kind, key, label, time, own_id=schema.id)


def model_name(data: object) -> str:
    """A name for the model when none is given: that of the file."""
    if not is_path(data):
        return "model"
    stem = Path(paths_of(data)[0]).name.split(".")[0]
    return stem.strip("*?[]-_ ") or "model"


def as_derivations(derive: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    """Derived columns as pairs."""
    return tuple((derive or {}).items())
