"""Find the columns of the roles by their names and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.errors import SchemaError
from wane.schema import Role
from wane.sources.columns import listed
from wane.sources.epochs import are_epochs, doubted_epochs
from wane.sources.probability import are_probabilities, told_outside
from wane.sources.role_names import NAMES, change_with, plain_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wane.sources.finding import Finding
    from wane.sources.glance import Glance

READABLE = 0.9
"""Share of texts that must be times for the column to be one."""
MANY_VERSIONS = 1_000
FIRST_WORDS = {
    Role.PREDICTION: {"pred", "predicted", "prediction"},
    Role.LABEL: {"label", "actual", "target"},
}
TIME_WORDS = {"timestamp", "ts", "time", "datetime", "date"}


def check_given(finding: Finding) -> Finding:
    """Stop where the schema names what the data do not have.

    Raises:
        SchemaError: A column does not exist, or the timestamp holds no times.
    """
    schema = finding.schema
    named = {column.name: "a feature" for column in schema.features or ()}
    named |= dict.fromkeys(schema.segments, "a segment")
    named |= {column: f"the {role.value}" for column, role in schema.roles().items()}
    for column, role in named.items():
        if column not in finding.columns:
            raise SchemaError.missing_column(
                column, role=role, where=finding.where, available=finding.columns
            )
    if schema.timestamp is not None:
        _check_times(finding.columns[schema.timestamp], finding.where)
    return finding


def find_ranking(finding: Finding) -> Finding:
    """Query, item, rank and relevance: only together, since each name alone means little."""
    needed = (Role.QUERY, Role.ITEM, Role.RELEVANCE)
    found = {role: _named(finding, role) for role in (*needed, Role.RANK)}
    if any(found[role] is None for role in needed):
        return finding
    for role, column in found.items():
        finding = _taken(finding, role, column, "by its name")
    return finding


def find_roles(finding: Finding) -> Finding:
    """Every other role: by exact name first, then by weaker signs where they point to one."""
    for role in FITS:
        column, why = _named(finding, role), "by its name"
        if column is None and getattr(finding.schema, role.value) is None:
            column, why = OTHERWISE.get(role, _nothing)(finding)
        if role is Role.SCORE and column is not None:
            why += told_outside(finding.columns[column])
        finding = _taken(finding, role, column, why)
    if finding.schema.timestamp is None:
        return _without_timestamp(finding)
    doubt = doubted_epochs(finding.columns[finding.schema.timestamp])
    return finding if doubt is None else finding.ask(doubt)


def _taken(finding: Finding, role: Role, column: str | None, why: str) -> Finding:
    if column is None or getattr(finding.schema, role.value) is not None:
        return finding
    sentence = f"{role.value} = `{column}` ({why}; {change_with(role)})"
    return finding.assume(sentence, **{role.value: column})


def _named(finding: Finding, role: Role) -> str | None:
    """The column of the role: as given, else the first free one whose name and type fit."""
    given: str | None = getattr(finding.schema, role.value)
    if given is not None:
        return given
    fits = FITS.get(role, _is_anything)
    by_name: dict[str, list[Glance]] = {}
    for glance in finding.free().values():
        by_name.setdefault(plain_name(glance.name), []).append(glance)
    named = [glance for name in NAMES[role].split() for glance in by_name.get(name, [])]
    fitting = [glance for glance in named if fits(glance)]
    if role in {Role.TIMESTAMP, Role.LABEL_TIME}:
        fitting.sort(key=lambda glance: glance.family != "time")
    return fitting[0].name if fitting else None


def _nothing(_: Finding) -> tuple[str | None, str]:
    return None, ""


def _only_id(finding: Finding) -> tuple[str | None, str]:
    """A column called "... id" in which no value repeats."""
    unique = [
        glance.name
        for glance in finding.free().values()
        if plain_name(glance.name).endswith("_id") and FITS[Role.ID](glance)
        if glance.distinct == glance.filled == len(glance.array) > 1
    ]
    return (unique[0], "by its name, and no value repeats") if len(unique) == 1 else (None, "")


def _only_time(finding: Finding) -> tuple[str | None, str]:
    """The only column of times, or the only one of them with a word for time in its name."""
    times = [glance.name for glance in finding.free().values() if glance.family == "time"]
    if len(times) == 1:
        return times[0], "the only column of times"
    worded = [name for name in times if TIME_WORDS & set(plain_name(name).split("_"))]
    return (worded[0], "by its name") if len(worded) == 1 else (None, "")


def _by_first_word(role: Role) -> Callable[[Finding], tuple[str | None, str]]:
    def find(finding: Finding) -> tuple[str | None, str]:
        begins = [
            glance.name
            for glance in finding.free().values()
            if plain_name(glance.name).split("_")[0] in FIRST_WORDS[role] and FITS[role](glance)
        ]
        return (begins[0], "by the start of its name") if len(begins) == 1 else (None, "")

    return find


def _without_timestamp(finding: Finding) -> Finding:
    times = [glance.name for glance in finding.free().values() if glance.family == "time"]
    if times:
        return finding.ask(
            f"several columns hold times ({listed(times)}) and none was taken for the timestamp: "
            "name it with --timestamp, else windows are cut by row number"
        )
    return finding.ask(
        "no timestamp was found, so windows are cut by row number: name it with --timestamp"
    )


def _check_times(glance: Glance, where: str) -> None:
    if glance.filled and glance.share_of_times() == 0:
        raise SchemaError(
            f"column {glance.name!r} of {where} holds no times, but is named as the timestamp",
            expected="timestamps, dates, ISO 8601 texts or seconds since 1970",
            got=repr(glance.array.drop_null()[0].as_py()),
            hint="Name another column, or derive one with strptime(...).",
        )


def _is_anything(_: Glance) -> bool:
    return True


def _is_id(glance: Glance) -> bool:
    return glance.family == "text" or glance.whole


def _is_time(glance: Glance) -> bool:
    if glance.family == "number":
        return are_epochs(glance.array)
    if glance.family == "text":
        return glance.share_of_times() >= READABLE
    return glance.family == "time"


def _is_answer(glance: Glance) -> bool:
    return glance.family in {"text", "boolean", "number"}


def _is_label(glance: Glance) -> bool:
    return glance.family == "null" or _is_answer(glance)


def _is_error(glance: Glance) -> bool:
    return glance.family in {"text", "boolean"} or (glance.whole and glance.within(0, 1))


def _is_version(glance: Glance) -> bool:
    return glance.family in {"text", "number"} and glance.distinct <= MANY_VERSIONS


FITS: Mapping[Role, Callable[[Glance], bool]] = {
    Role.ID: _is_id,
    Role.LABEL_TIME: _is_time,
    Role.TIMESTAMP: _is_time,
    Role.SCORE: are_probabilities,
    Role.PREDICTION: _is_answer,
    Role.LABEL: _is_label,
    Role.LATENCY: lambda glance: glance.family == "number",
    Role.ERROR: _is_error,
    Role.VERSION: _is_version,
    Role.WEIGHT: lambda glance: glance.within(0, float("inf")),
}
"""What a column must be for a role, in the order in which roles are filled."""
OTHERWISE: Mapping[Role, Callable[[Finding], tuple[str | None, str]]] = {
    Role.ID: _only_id,
    Role.TIMESTAMP: _only_time,
    Role.PREDICTION: _by_first_word(Role.PREDICTION),
    Role.LABEL: _by_first_word(Role.LABEL),
}
"""Weaker signs, tried where no name fits."""
