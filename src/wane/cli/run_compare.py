"""What `wane compare` does once its flags are read."""

from __future__ import annotations

import sys

from wane.cli.say import emit, knows_unicode
from wane.pipeline.compare import compare
from wane.report.plain import printable, to_ascii


def run_compare(run: str, before: str, after: str) -> None:
    """Print where the change comes from.

    Raises:
        ProfileError: The profiles of the directory cannot be read.
        UsageError: It has none, a stretch cannot be read, or no window begins in it.
    """
    lines = [printable(line) for line in str(compare(run, before, after)).splitlines()]
    told = "\n".join(lines) + "\n"
    emit(told if knows_unicode(sys.stdout.encoding) else to_ascii(told))
