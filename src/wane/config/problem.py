"""A problem that pydantic found, told in wane's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from wane.config.settings import Section, Settings
from wane.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

BRANCHES = ("text", "table", "[key]")
"""Steps of a pydantic path that are not keys of the file."""
EXPECTED = {
    "string_type": "text in quotes",
    "string_too_short": "a name that is not empty",
    "float_type": "a number",
    "int_type": "a whole number",
    "finite_number": "a finite number",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "text or a table",
    "model_attributes_type": "text or a table",
    "missing": "this key",
}


def as_config_error(
    error: ValidationError, source: str | None, spelled: Callable[[str], str]
) -> ConfigError:
    """The first problem in full, the other keys by name.

    Args:
        error: What pydantic raised while reading `Settings`.
        source: The file the values were read from; None for the command line.
        spelled: How a top-level key is written there.
    """
    problems = error.errors(include_url=False)
    first, *rest = sorted(problems, key=lambda problem: problem["type"] != "extra_forbidden")
    also = [_place(problem, spelled) for problem in rest]
    hints = [_hint(first), f"Also wrong: {', '.join(also)}." if also else None]
    return ConfigError(
        f"{source}: {_what(first, spelled)}" if source else _what(first, spelled),
        expected=_expected(first),
        got=_got(first),
        hint=" ".join(hint for hint in hints if hint) or None,
    )


def _what(problem: ErrorDetails, spelled: Callable[[str], str]) -> str:
    if problem["type"] == "value_error":
        return problem["msg"].removeprefix("Value error, ")
    if problem["type"] != "extra_forbidden":
        return _place(problem, spelled)
    *outer, key = problem["loc"]
    where = f" in {_path(outer, spelled)}" if outer else ""
    return f"unknown key {key!r}{where}"


def _place(problem: ErrorDetails, spelled: Callable[[str], str]) -> str:
    return _path(list(problem["loc"]), spelled) if problem["loc"] else "the whole"


def _path(loc: list[int | str], spelled: Callable[[str], str]) -> str:
    """Where, in words and counted from 1: "features entry 2 key kind"."""
    steps = [step for step in loc if step not in BRANCHES]
    text = spelled(str(steps[0]))
    for step in steps[1:]:
        text += f" entry {step + 1}" if isinstance(step, int) else f" key {step}"
    return text


def _expected(problem: ErrorDetails) -> str | None:
    kind = problem["type"]
    context: dict[str, Any] = problem.get("ctx", {})
    if kind == "value_error":
        return None
    if kind == "extra_forbidden":
        return f"one of {', '.join(_allowed_keys(problem))}"
    if kind == "literal_error":
        return str(context["expected"])
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"at least {context['ge']:g}" if "ge" in context else f"at most {context['le']:g}"
    return EXPECTED.get(kind, problem["msg"])


def _got(problem: ErrorDetails) -> str | None:
    if problem["type"] in ("extra_forbidden", "missing", "value_error"):
        return None
    text = repr(problem["input"])
    return text if len(text) <= 80 else f"{text[:77]}..."


def _hint(problem: ErrorDetails) -> str | None:
    if problem["type"] == "extra_forbidden":
        return did_you_mean(str(problem["loc"][-1]), _allowed_keys(problem))
    if problem["type"] == "literal_error" and isinstance(problem["input"], str):
        words = problem["ctx"]["expected"].split("'")[1::2]
        return did_you_mean(problem["input"], words)
    return None


def _allowed_keys(problem: ErrorDetails) -> list[str]:
    """The keys that exist where an unknown one was found."""
    section: type[Section] = Settings
    for step in problem["loc"][:-1]:
        field = section.model_fields.get(str(step))
        section = (field and _section_in(field.annotation)) or section
    return [field.alias or name for name, field in section.model_fields.items()]


def _section_in(annotation: object) -> type[Section] | None:
    """The kind of table that a key holds, also in a list or beside other things; None for none."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = (_section_in(part) for part in get_args(annotation))
    return next((section for section in found if section is not None), None)
