#!/usr/bin/env python3
"""How long wane takes, as a multiple of what DuckDB needs to scan the same columns.

Runs in turn, several times over: the scan, wane's profile pass alone, the whole of `wane check`
with reference and report, the hand-written script, and such peers as have an environment. Prints
medians. Only the scan's own query counts as the scan; everything else is charged with its whole
process, from the start of Python to the last byte of the report.

Usage: python benchmarks/speed.py DIRECTORY [--rows 1000000] [--repeats 5]
           [--popmon-python PYTHON] [--whylogs-python PYTHON] [--evidently-python PYTHON]
The data are written to DIRECTORY when they are not there (about 0.4 GB a million rows).
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from process import Run, run

HERE = Path(__file__).parent
PEERS = ("popmon", "whylogs", "evidently")


@dataclass(frozen=True, slots=True)
class Contender:
    """One line of the table.

    Attributes:
        name: What it is called there.
        command: What is run.
        exit_codes: How it may end; `wane check` ends with 1 when there are alerts.
        writes: A file that must be there afterwards.
        repeats: At most so many runs, for what takes minutes; None for as many as asked.
    """

    name: str
    command: tuple[str, ...]
    exit_codes: tuple[int, ...] = (0,)
    writes: Path | None = None
    repeats: int | None = None


def main() -> None:
    """Run everything and print the table."""
    options = arguments()
    generated = run(
        [
            sys.executable,
            str(HERE / "generate_log.py"),
            str(options.directory),
            "--rows",
            str(options.rows),
        ]
    )
    if generated.exit_code:
        sys.exit(generated.said)
    peers = {name: getattr(options, f"{name}_python") for name in PEERS}
    found = contenders(options.directory, options.rows, peers)
    runs: dict[str, list[Run]] = {contender.name: [] for contender in found}
    for repeat in range(options.repeats):
        for contender in found:
            if repeat < (contender.repeats or options.repeats):
                runs[contender.name].append(attempt(contender))
    print(f"\n{options.rows:,} rows x 50 features, median of {options.repeats} runs\n")
    print(*table(runs), sep="\n")
    for name, python in peers.items():
        if python is None:
            print(f"{name}: skipped, no --{name}-python given")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    for name in PEERS:
        parser.add_argument(f"--{name}-python", metavar="PYTHON")
    return parser.parse_args()


def contenders(directory: Path, rows: int, peers: dict[str, str | None]) -> list[Contender]:
    """Who runs, the scan first."""
    python, wane = sys.executable, str(Path(sys.executable).with_name("wane"))
    log, reference = str(directory / f"log-{rows}.parquet"), str(directory / "reference.parquet")
    check = (wane, "check", log, "--reference", reference, "--out", str(directory / "out"))
    script = str(HERE / "handwritten.py")
    return [
        Contender("DuckDB scan", (python, str(HERE / "scan.py"), log)),
        Contender("wane, profile pass", (python, str(HERE / "profile_pass.py"), log, reference)),
        Contender("wane check", check, exit_codes=(0, 1), writes=directory / "out" / "report.html"),
        Contender(
            "hand-written script", (python, script, log, reference, str(directory / "out.csv"))
        ),
        *(
            Contender(
                name, (peer, str(HERE / "peers" / f"{name}_log.py"), log, reference), repeats=1
            )
            for name, peer in peers.items()
            if peer is not None
        ),
    ]


def attempt(contender: Contender) -> Run:
    """One run; the reason is shown when it fails."""
    if contender.writes is not None:
        contender.writes.unlink(missing_ok=True)
    done = run(contender.command)
    wrote = contender.writes is None or contender.writes.exists()
    fine = wrote and done.exit_code in contender.exit_codes
    state = "" if fine else f"  FAILED with {done.exit_code}"
    print(f"{contender.name:22}{done.seconds:8.2f} s{done.peak_mb:8.0f} MB{state}", flush=True)
    if state:
        print("\n".join(done.said.strip().splitlines()[-3:]))
    return done


def table(runs: dict[str, list[Run]]) -> list[str]:
    """The lines of the table: seconds, ratio to the scan, peak memory."""
    scan = statistics.median(r.own_seconds or r.seconds for r in runs["DuckDB scan"])
    lines = [
        "|                      | own s | process s | process / scan | CPU s | peak MB |",
        "|----------------------|------:|----------:|---------------:|------:|--------:|",
    ]
    for name, of_one in runs.items():
        process = statistics.median(r.seconds for r in of_one)
        own = statistics.median(r.own_seconds or r.seconds for r in of_one)
        cpu = statistics.median(r.cpu_seconds for r in of_one)
        peak = max(r.peak_mb for r in of_one)
        lines.append(
            f"| {name:20} | {own:5.2f} | {process:9.2f} | {process / scan:14.1f} "
            f"| {cpu:5.2f} | {peak:7.0f} |"
        )
    return lines


if __name__ == "__main__":
    main()
