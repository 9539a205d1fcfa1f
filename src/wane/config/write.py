"""Writing a wane.toml for people: grouped, commented, with examples of what is not set."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.config.settings import Settings

GROUPS: Mapping[str, tuple[str, ...]] = {
    "What is read": ("model", "current", "reference", "where"),
    "What the columns are": (
        *("task", "timestamp", "id", "prediction", "score", "label", "label_time"),
        *("features", "segment", "latency", "error", "version_column", "weight"),
        *("classes", "positive", "threshold", "labels"),
    ),
    "Ranking": ("query", "item", "rank", "relevance", "top_k"),
    "Windows": ("every", "timezone", "until"),
    "What must hold, and what happens then": ("rules", "out", "format", "fail_on"),
}
TABLES = ("scores", "derive", "labels", "detection", "cost")
EXAMPLES: Mapping[str, str] = {
    "model": '"credit-risk"',
    "where": '''"country = 'AT'"''',
    "label": '"outcome"',
    "label_time": '"decided_at"',
    "segment": '["channel", "country"]',
    "latency": '"latency_ms"',
    "error": '"failed"',
    "version_column": '"model_version"',
    "weight": '"weight"',
    "every": '"1d"',
    "timezone": '"Europe/Vienna"',
    "until": '"now"',
    "rules": '["accuracy < 0.90 as critical", "psi(*) > 0.2 for 2 as warning"]',
    "out": '"out"',
    "fail_on": '"critical"',
}
"""Shown commented out where a key is not set; keys without an example are left out then."""
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 96


def to_toml(settings: Settings, *, notes: Sequence[str] = ()) -> str:
    """The text of a wane.toml that `from_toml_text` reads back as the same settings.

    Args:
        settings: What to write; keys that were not set become commented examples.
        notes: Sentences for the head of the file, e.g. what was assumed.
    """
    head = ["wane.toml: how `wane check --config wane.toml` reads and judges this model.", *notes]
    lines = [_comment(line) for line in head]
    for title, keys in GROUPS.items():
        found = [line for key in keys if (line := _line(settings, key))]
        lines += ["", f"# {title}", *found] if found else []
    for key in TABLES:
        lines += _table(settings, key)
    return "\n".join(lines) + "\n"


def _line(settings: Settings, key: str) -> str | None:
    """`key = value`, or a commented example when the key is not set."""
    meaning = type(settings).model_fields[key].description
    value = _plain(getattr(settings, key))
    if isinstance(value, dict):
        return None
    if key in settings.model_fields_set and value is not None:
        return f"{key} = {_value(value)}"
    example = EXAMPLES.get(key)
    return None if example is None else f"# {key} = {example}   # {meaning}"


def _table(settings: Settings, key: str) -> list[str]:
    """A table at the end of the file; nothing when it is not set."""
    value = _plain(getattr(settings, key))
    if not isinstance(value, dict) or key not in settings.model_fields_set:
        return []
    rows = [f"{_key(name)} = {_value(item)}" for name, item in value.items()]
    return ["", f"[{key}]", *rows]


def _plain(value: object) -> object:
    """Models as dicts without what was not set."""
    dump = getattr(value, "model_dump", None)
    return value if dump is None else dump(by_alias=True, exclude_none=True)


def _value(value: object) -> str:
    """One TOML value; long lists go over several lines."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        pairs = [f"{_key(name)} = {_value(item)}" for name, item in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, (list, tuple)):
        items = [_value(_plain(item)) for item in value]
        short = f"[{', '.join(items)}]"
        return short if len(short) < WIDTH else "\n".join(["[", *(f"  {i}," for i in items), "]"])
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value)


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A TOML basic string: as in JSON, and without a raw delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """One comment line, whatever a column name in it may hold."""
    return "# " + "".join(letter if letter.isprintable() else "?" for letter in text)
