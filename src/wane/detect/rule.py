"""A rule: what must hold for a metric, and how much it matters when it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from decimal import Decimal

EVERY = "*"
"""As column or segment of a rule: each of them."""
BARE_NAME = re.compile(r"[^\s\"'()<>=%*]+")
BARE_SEGMENT = re.compile(r"[^\s\"'<>]+")


class Operator(StrEnum):
    """How a value that breaks the rule stands to the limit."""

    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="

    @property
    def downward(self) -> bool:
        """Whether small values break the rule."""
        return self in (Operator.BELOW, Operator.AT_MOST)


class Against(StrEnum):
    """What the threshold of a rule is counted from."""

    ZERO = "absolute"
    REFERENCE = "amount"
    REFERENCE_SHARE = "percent"


class Holds(StrEnum):
    """When a rule holds on a series; where a finding tells of the same, it need not."""

    BEFORE = "before limits are learned"
    AFTER = "once limits are learned"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Rule:
    """What breaks a promise about one metric.

    Attributes:
        metric: Key of the metric, or a column of the table given to `wane series`.
        operator: A value that stands so to the limit breaks the rule.
        threshold: The number as written: the limit itself, or the change from the reference
            that is allowed (0.05 for "5%" in a relative rule). Decimal, so that "0.90" stays
            what was written and limits come out as a person would compute them.
        against: Whether the threshold is a limit, an amount or a share of the reference value.
        column: The column, `EVERY` for each column; None: the metric of the whole model, or
            each column when the metric only exists per column.
        segment: "channel=mobile", "channel" for each of its values, `EVERY` for each segment;
            None: all rows.
        severity: How much it matters. What a user writes down is critical unless said otherwise:
            a limit that is set on purpose should fail the run.
        for_windows: Consecutive windows in which the rule must be broken.
        min_n: Rows a window needs to be judged.
        sure: Whether the whole 95 % interval must lie beyond the limit, not only the value.
        given: Whether a user wrote it. Of default rules on one series only the most severe
            speaks.
        holds: When a default rule holds beside learned limits.
        text: The rule as written.
    """

    metric: str
    operator: Operator
    threshold: Decimal
    against: Against = Against.ZERO
    column: str | None = None
    segment: str | None = None
    severity: Severity = Severity.CRITICAL
    for_windows: int = 1
    min_n: int = 0
    sure: bool = False
    given: bool = True
    holds: Holds = Holds.BEFORE
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.for_windows < 1 or self.min_n < 0:
            raise ConfigError(
                f"rule {self.text!r}: `for` and `min_n` count windows and rows",
                expected="at least 1 window and 0 rows",
                got=f"{self.for_windows} and {self.min_n}",
            )
        if not self.text:
            object.__setattr__(self, "text", rule_text(self))

    @property
    def relative(self) -> bool:
        """Whether the rule needs a reference."""
        return self.against is not Against.ZERO


def rule_text(rule: Rule) -> str:
    """The rule in the words that `parse_rule` reads; what is not said is as by default."""
    column = "" if rule.column is None else f"({_column(rule.column)})"
    parts = [f"{_quoted(rule.metric, BARE_NAME)}{column}", _condition(rule)]
    if rule.segment is not None:
        parts.append(_segment(rule.segment))
    if rule.for_windows != 1:
        parts.append(f"for {rule.for_windows}")
    if rule.sure:
        parts.append("surely")
    if rule.severity is not Severity.CRITICAL:
        parts.append(f"as {rule.severity}")
    if rule.min_n:
        parts.append(f"with {rule.min_n} rows")
    return " ".join(parts)


def check_metrics(rules: Iterable[Rule], known: Collection[str]) -> None:
    """Make sure that every rule speaks of a metric that exists.

    Raises:
        ConfigError: A metric is not in `known`.
    """
    for rule in rules:
        if rule.metric not in known:
            raise ConfigError(
                f"rule {rule.text!r} names the unknown metric {rule.metric!r}",
                expected=f"one of {', '.join(sorted(known))}" if known else "a metric",
                hint=did_you_mean(rule.metric, known) or "`wane metrics` lists them.",
            )


def _condition(rule: Rule) -> str:
    if not rule.relative:
        return f"{rule.operator} {rule.threshold:f}"
    verb = "drops" if rule.operator.downward else "rises"
    if rule.against is Against.REFERENCE:
        return f"{verb} {rule.threshold:f}"
    return f"{verb} {(rule.threshold * 100).normalize():f}%"


def _column(column: str) -> str:
    return column if column == EVERY else _quoted(column, BARE_NAME)


def _segment(segment: str) -> str:
    if segment == EVERY:
        return "per segment"
    word = "on" if "=" in segment else "per"
    # "per segment" already means every segment, so a column of that name goes in quotes
    text = '"segment"' if segment == "segment" else _quoted(segment, BARE_SEGMENT)
    return f"{word} {text}"


def _quoted(name: str, bare: re.Pattern[str]) -> str:
    """A name as it stands, or in double quotes when it holds a space or a sign."""
    if bare.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
