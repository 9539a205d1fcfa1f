"""Writing everything a run leaves behind into one directory."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from wane.errors import UsageError
from wane.report import alerts_file, html
from wane.report.csv_table import to_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wane.report.result import Result

PROFILES = "profiles"
SUFFIX = ".profile"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def write_outputs(result: Result, directory: str | Path) -> tuple[Path, ...]:
    """Write report.html, measurements.csv and .parquet, alerts.json and profiles/.

    Each file is complete or not there: it is written beside its place and then renamed.
    Profiles of an earlier run in the same directory are removed, so that a later merge does not
    count them twice.

    Returns:
        The files, the report first.

    Raises:
        UsageError: The directory cannot be made or a file cannot be written.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(1) as aside:  # Arrow works while Python draws the report
            tables = aside.submit(_write_tables, directory, result)
            report = _write_text(directory / "report.html", html.render(result))
        return (report, *tables.result())
    except OSError as error:
        raise UsageError(
            f"cannot write to {error.filename or directory}",
            expected="a directory that can be written to",
            got=error.strerror or str(error),
            hint="Choose another one with --out.",
        ) from error


def _write_tables(directory: Path, result: Result) -> list[Path]:
    """Everything but the report."""
    table = result.measurements.to_arrow()
    parquet = directory / "measurements.parquet"
    return [
        *_write_profiles(directory / PROFILES, result.profiles or {}),
        _write_text(directory / "measurements.csv", to_csv(table)),
        _replace(parquet, lambda path: pq.write_table(table, path)),
        _write_text(directory / alerts_file.NAME, alerts_file.render(result)),
    ]


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write one file, complete or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        _write_bytes(Path(path), data)
    except OSError as error:
        raise UsageError(
            f"cannot write {os.fspath(path)}", got=error.strerror or str(error)
        ) from error


def _write_text(path: Path, text: str) -> Path:
    return _write_bytes(path, text.encode())


def _write_bytes(path: Path, data: bytes) -> Path:
    return _replace(path, lambda temporary: temporary.write_bytes(data))


def _write_profiles(directory: Path, profiles: Mapping[str, bytes]) -> list[Path]:
    """One file per profile; those of an earlier run go."""
    if not profiles and not directory.exists():
        return []
    directory.mkdir(exist_ok=True)
    names = _file_names(profiles)
    for stale in directory.glob(f"*{SUFFIX}"):
        if stale.name not in names.values():
            stale.unlink()
    return [_write_bytes(directory / names[name], data) for name, data in profiles.items()]


def _file_names(profiles: Mapping[str, bytes]) -> dict[str, str]:
    """A safe and distinct file name for each profile."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for name in profiles:
        safe = UNSAFE.sub("_", name).lstrip(".")[:100] or "profile"
        number = sum(1 for other in taken if other.split("~")[0] == safe)
        unique = f"{safe}~{number}" if number else safe
        taken.add(unique)
        names[name] = f"{unique}{SUFFIX}"
    return names


def _replace(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a file beside `path`, then put it in its place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
