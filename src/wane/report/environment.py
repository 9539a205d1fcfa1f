"""The templates: escaping on by default, an unknown name is an error."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from wane.report.numbers import format_count, format_value
from wane.report.svg import printable
from wane.report.tone import Tone, icon
from wane.report.words import full_name, readable, sentence_case, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def environment() -> Environment:
    """Jinja with the few filters that the templates use."""
    made = Environment(
        loader=PackageLoader("wane.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "short": shorten,
        "full": full_name,
        "readable": readable,
        "sentence_case": sentence_case,
        "count": format_count,
        "share": lambda value: format_value(value, percent=True),
        "icon": icon,
        "tone": Tone,
    }
    return made


@cache
def style() -> str:
    """The style sheet, the same for the report and for notebooks: everything under `.wane`."""
    return files("wane.report").joinpath("templates/style.css").read_text(encoding="utf-8")


def fill(name: str, values: Mapping[str, object]) -> str:
    """A filled template, without characters that a page cannot carry."""
    return printable(environment().get_template(name).render(**values))
