"""Reading rules: "f1 drops 5% per channel for 2 as critical with 500 rows"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wane.detect.rule import EVERY, Against, Operator, Rule
from wane.detect.severity import Severity
from wane.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

QUOTED = r'"(?:[^"\\]|\\.)+"'
TOKEN = re.compile(rf"\s*({QUOTED}|<=|>=|[<>]|[^\s\"<>]+)", re.DOTALL)
HEAD = re.compile(
    rf"""\s*(?P<metric>{QUOTED}|[^\s"'()<>=%]+)\s*"""
    rf"""(?:\(\s*(?P<column>{QUOTED}\s*|[^\s")][^)]*)\))?""",
    re.DOTALL,
)
NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(%?)")
VERBS = {
    "drops": Operator.BELOW,
    "drop": Operator.BELOW,
    "falls": Operator.BELOW,
    "rises": Operator.ABOVE,
    "rise": Operator.ABOVE,
    "grows": Operator.ABOVE,
}
FORM = '"accuracy < 0.90", "f1 drops 5%" or "psi(income) > 0.2 for 2 as warning"'
SIZES = (Decimal("1e-300"), Decimal("1e300"))
"""What a metric can be held against, zero apart: numbers that a float can hold."""


def parse_rule(rule: str | Mapping[str, Any]) -> Rule:
    """Read one rule.

    The sentence is: a metric, with a column in parentheses (`*` for every column); `<`, `<=`,
    `>` or `>=` and a number, or `drops` / `rises` and an amount or a percentage of the
    reference value; then, in any order, `on channel=mobile`, `per channel`, `per segment`,
    `for 2` windows, `as critical | warning | info`, `with 500 rows`, and `surely` (the 95 %
    interval must be beyond the limit, not only the value). Names with spaces or signs go in
    double quotes, with a backslash before a quote.

    Args:
        rule: The sentence, or a table with `rule` and any of `severity`, `for`, `min_n`,
            `segment`, which win over the sentence.

    Raises:
        ConfigError: The sentence does not read; says where, and what is meant most likely.
    """
    if isinstance(rule, str):
        return Rule(**_sentence(rule), text=rule.strip())
    table = dict(rule)
    parts = _sentence(str(table.pop("rule", "")))
    for key, value in table.items():
        if key not in TABLE_KEYS:
            raise ConfigError(
                f"rule {rule!r} has the unknown key {key!r}",
                expected=f"rule, {', '.join(TABLE_KEYS)}",
                hint=did_you_mean(key, TABLE_KEYS),
            )
        name, read = TABLE_KEYS[key]
        parts[name] = read(str(value))
    return Rule(**parts)


def _sentence(text: str) -> dict[str, Any]:
    """The parts of a rule as arguments of `Rule`."""
    head = HEAD.match(text)
    if head is None:
        raise ConfigError(f"{text!r} is not a rule", expected=FORM)
    column = head["column"]
    tokens = _tokens(text, head.end())
    condition = _condition(text, tokens[:3])
    used = 3 if tokens[1:2] == ["by"] else 2
    return {
        "metric": _unquoted(head["metric"]),
        "column": None if column is None else _unquoted(column.strip()),
        **condition,
        **_suffixes(text, tokens[used:]),
    }


def _tokens(text: str, start: int) -> list[str]:
    """The words, signs and quoted names from `start` to the end."""
    tokens: list[str] = []
    while text[start:].strip():
        match = TOKEN.match(text, start)
        if match is None:
            raise ConfigError(f"rule {text!r} has a quote that is not closed", expected=FORM)
        tokens.append(match[1])
        start = match.end()
    return tokens


def _condition(text: str, tokens: Sequence[str]) -> dict[str, Any]:
    """Operator and number, or verb and change."""
    signs = tuple(Operator)
    word = tokens[0] if tokens else ""
    if word not in signs and word not in VERBS:
        raise ConfigError(
            f"rule {text!r} does not say what breaks it",
            expected=f"{', '.join(signs)}, drops or rises after the metric",
            got=repr(word) if word else "nothing",
            hint=did_you_mean(word, VERBS) or "Names with spaces or signs go in double quotes.",
        )
    numbers = [word for word in tokens[1:] if word != "by"]
    threshold, percent = _number(text, numbers[0] if numbers else "")
    if word in signs:
        return {"operator": Operator(word), "threshold": threshold}
    if threshold < 0:
        raise ConfigError(f"rule {text!r}: a change is not negative", got=numbers[0])
    against = Against.REFERENCE_SHARE if percent else Against.REFERENCE
    return {"operator": VERBS[word], "threshold": threshold, "against": against}


def _number(text: str, word: str) -> tuple[Decimal, bool]:
    """The number, and whether it was a percentage (then already divided by 100)."""
    match = NUMBER.fullmatch(word)
    value = Decimal(match[1]) if match else Decimal("NaN")
    if match is None or (value and not SIZES[0] <= abs(value) <= SIZES[1]):
        raise ConfigError(
            f"rule {text!r} has no number to hold the metric against",
            expected="a number such as 0.90, or a percentage such as 5%",
            got=repr(word) if word else "nothing",
        )
    return (value / 100, True) if match[2] else (value, False)


def _suffixes(text: str, tokens: Sequence[str]) -> dict[str, Any]:
    """What follows the condition, in any order."""
    found: dict[str, Any] = {}
    rest = list(tokens)
    while rest:
        word = rest.pop(0)
        if word == "surely":
            found["sure"] = True
            continue
        if word not in SUFFIXES:
            raise ConfigError(
                f"rule {text!r}: {word!r} is not understood",
                expected=f"{', '.join(SUFFIXES)} or surely",
                hint=did_you_mean(word, [*SUFFIXES, "surely"]),
            )
        if not rest:
            raise ConfigError(f"rule {text!r} ends after {word!r}", expected=FORM)
        name, read, unit = SUFFIXES[word]
        argument = rest.pop(0)
        if word == "on" and argument.endswith("=") and rest and rest[0].startswith('"'):
            argument += rest.pop(0)
        found[name] = read(argument)
        if rest and rest[0] in unit:
            rest.pop(0)
    return found


def _on(argument: str) -> str:
    """One segment: `channel=mobile`, `"my channel=north america"`, `channel="north america"`."""
    column, sign, value = argument.partition("=")
    whole = argument.startswith('"')
    segment = _unquoted(argument) if whole else f"{column}{sign}{_unquoted(value)}"
    if not all(segment.partition("=")):
        raise ConfigError(
            f"{segment!r} is not a segment", expected="a column and a value: channel=mobile"
        )
    return segment


def _per(argument: str) -> str:
    """Every value of a column, or every segment."""
    return EVERY if argument == "segment" else _unquoted(argument)


def _severity(argument: str) -> Severity:
    if argument not in tuple(Severity):
        raise ConfigError(
            f"{argument!r} is not a severity",
            expected=", ".join(Severity),
            hint=did_you_mean(argument, [severity.value for severity in Severity]),
        )
    return Severity(argument)


def _count(argument: str) -> int:
    digits = argument.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15 or int(digits) == 0:
        raise ConfigError(
            "a rule counts windows and rows", expected="a whole number from 1", got=repr(argument)
        )
    return int(digits)


def _unquoted(name: str) -> str:
    """A name without its quotes."""
    if not name.startswith('"'):
        return name
    return re.sub(r"\\(.)", r"\1", name[1:-1], flags=re.DOTALL)


SUFFIXES: Mapping[str, tuple[str, Callable[[str], object], tuple[str, ...]]] = {
    "on": ("segment", _on, ()),
    "per": ("segment", _per, ()),
    "for": ("for_windows", _count, ("window", "windows")),
    "as": ("severity", _severity, ()),
    "with": ("min_n", _count, ("row", "rows")),
}
TABLE_KEYS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "severity": ("severity", _severity),
    "for": ("for_windows", _count),
    "min_n": ("min_n", _count),
    "segment": ("segment", str),
}
