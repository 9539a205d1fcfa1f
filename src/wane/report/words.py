"""Titles of metrics, and long names made short enough to be shown."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from wane.metrics import metric_of
from wane.metrics.catalogue import Better
from wane.report.numbers import format_change, format_count, format_value

if TYPE_CHECKING:
    from wane.metrics.catalogue import Family
    from wane.window import Every

COUNTS = frozenset({"volume", "new_categories", "vanished_categories"})
LONGEST = 48
LONGEST_TITLE = 300
LONG_WORD = re.compile(r"\S{81,}")
UNIT_WORDS = {"1d": "a day", "1h": "an hour", "1w": "a week"}


def metric_title(key: str) -> str:
    """The word used in sentences: from the catalogue, else the key with spaces."""
    found = metric_of(key)
    return found.title if found else key.replace("_", " ")


def metric_family(key: str) -> Family | None:
    """The tile a metric belongs to; None for a name of the user."""
    found = metric_of(key)
    return found.family if found else None


def metric_better(key: str) -> Better:
    """Which direction is good; neither when the metric is not in the catalogue."""
    found = metric_of(key)
    return found.better if found else Better.NEITHER


def is_percent(key: str) -> bool:
    """Whether a metric is a share that is shown as a percentage."""
    found = metric_of(key)
    return found.percent if found else False


def format_metric(key: str, value: float | None) -> str:
    """A value of this metric, as a count, a percentage or a number."""
    if key in COUNTS and value is not None and math.isfinite(value):
        return format_count(value)
    return format_value(value, percent=is_percent(key))


def format_metric_change(key: str, delta: float | None) -> str:
    """A difference of this metric, with its sign."""
    return format_change(delta, percent=is_percent(key))


def sentence_case(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def shorten(name: str, longest: int = LONGEST) -> str:
    """A name cut in the middle, so that its beginning and its end stay readable."""
    if len(name) <= longest:
        return name
    tail = longest // 3
    return f"{name[: longest - tail - 1]}…{name[-tail:]}"


def full_name(name: str) -> str:
    """The name for a tooltip: whole up to 300 characters, then its length instead of its end."""
    if len(name) <= LONGEST_TITLE:
        return name
    return f"{name[:LONGEST_TITLE]}… ({len(name):,} characters)"


def readable(sentence: str) -> str:
    """A sentence in which no word is longer than a line."""
    return LONG_WORD.sub(lambda word: shorten(word[0]), sentence)


def per_window(every: Every | None) -> str:
    """How often a window comes: "a day", "an hour", "per 15min", "per 5000 rows"."""
    if every is None or not every.text:
        return "per window"
    return UNIT_WORDS.get(every.text, f"per {every.text}")
