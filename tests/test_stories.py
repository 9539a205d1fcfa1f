"""A few of the scripted histories, end to end; the benchmark tells all sixty."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOLD = (
    "nothing happens",
    "more rows come that are hard to foretell",
    "age and income change places",
    "every row comes twice",
    "all numbers come out too low",
    "age means the contrary, of a regression",
    "a new version is worse among mobile",
)


def told(*arguments: str) -> list[str]:
    """What the benchmark says, line by line."""
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(ROOT / "benchmarks" / "why_verdicts.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_what_is_to_be_done_at_the_end_of_a_few() -> None:
    *lines, last = told("--only", *TOLD)
    assert last.startswith("7 of 7 as expected"), lines


def test_there_are_sixty_and_the_page_lists_them() -> None:
    listed = told("--list")
    assert len(set(listed)) == 60
    page = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8").splitlines()
    rows = {line.rsplit("|", 2)[0] + "|" for line in page if line.startswith("| ")}
    assert [line for line in listed if line not in rows and line not in page] == []
