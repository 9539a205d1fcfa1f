"""What wane says is to be done at the end of sixty scripted histories, against what should be.

    why_verdicts.py [--seeds 1] [--only NAME ...] [--list]

Prints a table, or with `--list` only what should be; its last line says how many of each action
came out as expected.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter

from sixty import STORIES
from stories import decided


def main() -> None:
    """One line for each story."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="+", default=[story.name for story in STORIES])
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    if given.list:
        sys.stdout.writelines(f"| {story.name} | {story.expected} |\n" for story in STORIES)
        return
    warnings.simplefilter("ignore")
    begin = time.perf_counter()
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    sys.stdout.write("| story | to do | said | |\n|---|---|---|---|\n")
    for story in STORIES:
        if story.name not in given.only:
            continue
        said = [decided(story, seed).verdict for seed in range(given.seeds)]
        wrong = [one for one in said if one.decision.action is not story.expected]
        right[story.expected] += not wrong
        asked[story.expected] += 1
        shown = (wrong or said)[0]
        mark = "" if not wrong else f"**{len(wrong)} of {len(said)} otherwise**: {shown.sentence}"
        sys.stdout.write(
            f"| {story.name} | {story.expected} | {shown.decision.action} | {mark} |\n"
        )
        sys.stdout.flush()
    told = ", ".join(f"{action} {right[action]} of {asked[action]}" for action in asked)
    sys.stdout.write(
        f"\n{sum(right.values())} of {sum(asked.values())} as expected: {told}; "
        f"{time.perf_counter() - begin:.0f} s\n"
    )


if __name__ == "__main__":
    main()
