"""The result as JUnit XML, so that any build server shows rules as tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from wane.alert.learned import RULE
from wane.report.firings import firings
from wane.report.moment import bounds

if TYPE_CHECKING:
    from wane.report.firings import Firing
    from wane.report.result import Result

FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]"
)
"""What XML 1.0 cannot carry, even escaped, and its discouraged control characters."""
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def render(result: Result) -> str:
    """One test case per rule and series that fired and per event that learned limits found.

    Rules that did not fire pass, and so do learned limits that found nothing; a rule that no value
    can be held against is skipped, with the reason.

    Characters that XML cannot carry are removed from names and reasons.
    """
    found = firings(result.alerts)
    fired = {firing.rule for firing in found}
    silent = [rule for rule in result.rules if rule not in fired]
    if result.found.streams > result.found.learning and RULE not in fired:
        silent.append(RULE)
    skipped = _held_against_nothing(result)
    silent = [rule for rule in silent if rule not in skipped]
    suite = f"wane.{result.model}"
    tests = len(found) + len(silent) + len(skipped)
    counts = f'tests="{tests}" failures="{len(found)}" errors="0" skipped="{len(skipped)}"'
    lines = [
        HEAD,
        f"<testsuites {counts}>",
        f"<testsuite name={_attribute(suite)} {counts}>",
        *(_failed(firing, suite) for firing in found),
        *(f"<testcase {_names(rule, suite)}/>" for rule in silent),
        *(
            f"<testcase {_names(rule, suite)}><skipped message={_attribute(why)}/></testcase>"
            for rule, why in skipped.items()
        ),
        f"<system-out>{_text(result.verdict.sentence)}</system-out>",
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _held_against_nothing(result: Result) -> dict[str, str]:
    """Rules that no value could be held against, and why: by the notes of the run."""
    told = [note.removeprefix("rule `").partition("` ") for note in result.notes]
    return {rule: why for rule, _, why in told if why and rule in result.rules}


def _failed(firing: Firing, suite: str) -> str:
    """A rule that fired or an event, with its latest reason and the windows of its alerts."""
    where = [part for part in (firing.key.column, firing.key.segment) if part]
    latest, starts = firing.latest, bounds(firing.first.window)[0]
    if firing.finding is not None:
        # two events of one series need two names
        name = f"{firing.name}, raised {starts}"
    else:
        name = f"{firing.name} [{', '.join(where)}]" if where else firing.name
    span = f"{starts} to {bounds(latest.window)[0]}"
    return (
        f"<testcase {_names(name, suite)}>"
        f"<failure type={_attribute(str(latest.severity))} message={_attribute(latest.reason)}>"
        f"{_text(f'fired in {firing.often}, {span}')}</failure></testcase>"
    )


def _names(name: str, suite: str) -> str:
    return f"name={_attribute(name)} classname={_attribute(suite)}"


def _attribute(text: str) -> str:
    return quoteattr(FORBIDDEN.sub("", text))


def _text(text: str) -> str:
    return escape(FORBIDDEN.sub("", text))
