"""Are the raw files there that the manifest tells of, can they be read, are there others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.store.durable import UNFINISHED
from wane.store.finding import Finding
from wane.store.parquet import damage, footer_damage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wane.store.directory import DataDirectory
    from wane.store.records import Model, RawFile
    from wane.store.store import Store

SHOWN = 5


def file_findings(directory: DataDirectory, store: Store, *, thorough: bool) -> Iterator[Finding]:
    """Missing, damaged and unknown files."""
    known = set(store.retired())
    for model in store.models():
        files = store.files(model.id)
        known.update(file.name for file in files)
        yield _of_model(model, files, directory.raw, thorough=thorough)
        yield from _reference(model, directory, store)
    there = {
        path.relative_to(directory.raw).as_posix()
        for path in directory.raw.rglob("*.parquet")
        if not path.name.startswith(UNFINISHED)
    }
    if strays := sorted(there - known):
        yield Finding(
            Severity.INFO,
            "raw files",
            f"{len(strays):,} raw files are not in the manifest, such as {strays[0]}",
            "A move is under way, or was interrupted: the next start sets them aside.",
        )


def _of_model(model: Model, files: tuple[RawFile, ...], raw: Path, *, thorough: bool) -> Finding:
    """One finding for all files of a model, so that a lost disk does not fill the screen."""
    look = damage if thorough else footer_damage
    found = {file.name: look(raw / file.name) for file in files}
    sizes = {file.name: file.size for file in files}
    lame = {name: why for name, why in found.items() if why}
    noted = {file.name for file in files if file.damage}
    if not lame and not noted:
        rows, size = sum(file.rows for file in files), sum(sizes.values())
        return Finding(
            Severity.INFO,
            "raw files",
            f"{model.name}: {len(files):,} files with {rows:,} rows in {size / 2**20:,.1f} MB",
        )
    if not lame:
        return Finding(
            Severity.WARNING,
            "raw files",
            f"{model.name}: {len(noted)} files were damaged and can be read again",
            "Run `wane rebuild` to count them.",
        )
    shown = ", ".join(f"{name} ({why})" for name, why in list(lame.items())[:SHOWN])
    more = f" and {len(lame) - SHOWN} more" if len(lame) > SHOWN else ""
    return Finding(
        Severity.CRITICAL,
        "raw files",
        f"{model.name}: {len(lame)} of {len(files)} files cannot be read: {shown}{more}",
        "Restore them from a backup, then run `wane rebuild`. What was counted before stays.",
    )


def _reference(model: Model, directory: DataDirectory, store: Store) -> Iterator[Finding]:
    given = store.reference(model.id)
    if given is None:
        return
    if why := footer_damage(directory.references / given.name):
        yield Finding(
            Severity.CRITICAL,
            "reference",
            f"{model.name}: the reference {given.name} cannot be read: {why}",
            "Restore it from a backup, or give it again.",
        )
