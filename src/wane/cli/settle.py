"""From flags and wane.toml to the settings of one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wane.config import Settings, load, merge
from wane.detect.grammar import parse_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.detect.rule import Rule

LISTS = ("features", "segment", "classes", "top_k")
"""Flags that take several names, comma separated or repeated."""


def settled(config: str | None, flags: Mapping[str, Any]) -> Settings:
    """The settings of a file (or none) with flags laid over them.

    Args:
        config: Path of a wane.toml.
        flags: Keys of wane.toml; None or empty where not given. `false_alarms` is one of its
            `[detection]` table.

    Raises:
        ConfigError: A file, key or value is not usable.
    """
    base = Settings() if config is None else load(config)
    given = {**flags, **{key: _split(flags[key]) for key in LISTS if flags.get(key)}}
    budget = given.pop("false_alarms", None)
    if budget is not None:
        before = {} if base.detection is None else base.detection.model_dump(exclude_unset=True)
        given["detection"] = {**before, "false_alarms": budget}
    if given.get("top_k"):
        given["top_k"] = [int(text) if text.isdecimal() else text for text in given["top_k"]]
    return merge(base, **given)


def rules_of(settings: Settings) -> tuple[Rule, ...] | None:
    """The rules of a run; None where there are none, so that the defaults apply."""
    rules = tuple(
        parse_rule(
            rule if isinstance(rule, str) else rule.model_dump(by_alias=True, exclude_none=True)
        )
        for rule in settings.rules
    )
    return rules or None


def detection_of(settings: Settings) -> dict[str, Any]:
    """The `[detection]` table as arguments of the library."""
    return {} if settings.detection is None else settings.detection.model_dump(exclude_unset=True)


def detection_of_table(settings: Settings) -> dict[str, Any]:
    """The same of a table of metrics, which has no features that could matter."""
    given = detection_of(settings)
    return {key: value for key, value in given.items() if key != "importance"}


def unused_config(config: str | None) -> list[str]:
    """A word about a wane.toml that lies here but was not asked for."""
    if config is None and Path("wane.toml").is_file():
        return ["note: wane.toml is here but not used; add --config wane.toml"]
    return []


def _split(texts: Sequence[str]) -> list[str]:
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]
