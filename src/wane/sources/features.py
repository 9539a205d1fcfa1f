"""Find the features among the columns that are left over, and how each is counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wane.schema import Column, Kind, Task
from wane.sources.role_names import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.sources.finding import Finding
    from wane.sources.glance import Glance

NEARLY_ALL = 0.9
"""Texts of which this share differ identify rows rather than describe them."""
ENOUGH_TEXTS = 50
"""With fewer values that cannot be told."""
FEW_WHOLE_NUMBERS = range(3, 11)
PART_NAMES = {"split", "partition", "period", "fold", "dataset", "subset"}
PARTS = {
    *("train", "training", "valid", "validation", "val", "test", "testing"),
    *("reference", "analysis", "monitoring", "current", "production"),
}
ROW_NUMBERS = re.compile(r"__index_level_\d+__|Unnamed: \d+")
SHOWN = 8


def find_features(finding: Finding) -> Finding:
    """The features, each with its kind: as given, else every column left over that can be one."""
    if finding.schema.features is not None:
        given = tuple(
            column if column.kind else Column(column.name, _kind(finding.columns[column.name]))
            for column in finding.schema.features
        )
        return _ask_about_codes(finding.fill(features=given))
    reasons = {name: _reason(glance) for name, glance in finding.columns.items()}
    free = finding.free()
    left_out: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        if reason and (name in free or name.endswith("_")) and name not in finding.schema.roles():
            left_out.setdefault(reason, []).append(name)
    kept = tuple(Column(name, _kind(glance)) for name, glance in free.items() if not reasons[name])
    finding = finding.assume(_told_features(kept), features=kept)
    for reason, names in left_out.items():
        finding = finding.assume(
            f"not a feature: {_names(names)} ({reason}; change with --features)"
        )
    return _ask_about_codes(_told_empty(finding))


def ask_for_answers(finding: Finding) -> Finding:
    """Ask for the label or the prediction where one of them is all that is missing."""
    schema = finding.schema
    answered = schema.prediction or schema.score or schema.scores
    if schema.task is Task.NONE:
        return finding.ask(
            "no prediction, score or label was found, so only traffic, data quality and drift are "
            "measured: name them with --prediction, --score, --label"
        )
    if answered and not schema.label and schema.task is not Task.RANKING:
        return finding.ask(
            "no label was found, so performance is not measured: name it with --label, or join a "
            "file with --labels"
        )
    if schema.label and not answered:
        return finding.ask(
            "no prediction was found, so performance is not measured: name it with --prediction "
            "or --score"
        )
    return finding


def _kind(glance: Glance) -> Kind:
    return Kind.NUMERIC if glance.family in {"number", "time"} else Kind.CATEGORICAL


def _reason(glance: Glance) -> str | None:
    """Why a column is not a feature; None when it is one."""
    if glance.name.endswith("_"):
        return "names ending in _ are bookkeeping"
    if ROW_NUMBERS.fullmatch(glance.name):
        return "row numbers"
    if glance.family == "time":
        return "times"
    return _reason_of_text(glance) if glance.family == "text" else None


def _reason_of_text(glance: Glance) -> str | None:
    if plain_name(glance.name) in PART_NAMES and 0 < glance.distinct < SHOWN:
        values = {name.casefold() for name in glance.classes()}
        return "tells the parts of the data apart" if values <= PARTS else None
    if glance.filled >= ENOUGH_TEXTS and glance.distinct > NEARLY_ALL * glance.filled:
        return "nearly every value differs, as in ids"
    return None


def _ask_about_codes(finding: Finding) -> Finding:
    numeric = [
        column.name for column in finding.schema.features or () if column.kind is Kind.NUMERIC
    ]
    glances = [finding.columns[name] for name in numeric]
    coded = [each for each in glances if each.whole and each.distinct in FEW_WHOLE_NUMBERS]
    if not coded:
        return finding
    if len(coded) == 1:
        which = f"`{coded[0].name}` has {coded[0].distinct} whole values: a category? It is"
    else:
        which = (
            f"{_names([each.name for each in coded])} have few whole values: categories? They are"
        )
    example = f'{{name = "{coded[0].name}", kind = "categorical"}}'
    return finding.ask(f"{which} counted as numbers; write {example} in `features` of wane.toml")


def _told_empty(finding: Finding) -> Finding:
    features = {column.name for column in finding.schema.features or ()}
    empty = [name for name in features if finding.columns[name].family == "null"]
    if not empty:
        return finding
    return finding.assume(
        f"{_names(sorted(empty))} is empty so far and counted as categories (change the kind in "
        "`features` of wane.toml)"
    )


def _told_features(features: Sequence[Column]) -> str:
    if not features:
        return "features = none, no column is left over (change with --features)"
    numeric = sum(column.kind is Kind.NUMERIC for column in features)
    kinds = f"{numeric} numeric, {len(features) - numeric} categorical"
    names = _names(column.name for column in features)
    return f"features = {names} (all that is left over: {kinds}; change with --features)"


def _names(names: Iterable[str]) -> str:
    every = list(names)
    text = ", ".join(f"`{name}`" for name in every[:SHOWN])
    return text if len(every) <= SHOWN else f"{text} and {len(every) - SHOWN} more"
