"""From what the user wrote to a list of files."""

from __future__ import annotations

import os
from glob import glob, has_magic
from pathlib import Path

from wane.errors import SourceError

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
COMPRESSED = (".gz", ".zst")
TEXT_FORMATS = ("csv", "tsv", "ndjson")
EXPECTED = "a file, glob or directory of " + ", ".join(FORMATS)


def locate(where: str | os.PathLike[str]) -> tuple[tuple[str, ...], str]:
    """Find the files of one format that a path, a glob or a directory stands for.

    A directory is searched with its subdirectories; hidden files, and files whose name starts
    with an underscore, are passed over.

    Args:
        where: A path as the user wrote it; "~" is expanded.

    Returns:
        (paths, format): the paths sorted, at least one; the format is "parquet", "csv", "tsv",
        "ndjson" or "arrow".

    Raises:
        SourceError: Nothing is found, a suffix is unknown, or there are several formats.
    """
    written = os.fspath(where)
    path = Path(written).expanduser()
    if path.is_dir():
        found = sorted(_inside(path))
    elif path.exists():
        found = [path]
    else:
        matches = glob(str(path), recursive=True)  # noqa: PTH207 - takes absolute patterns too
        found = sorted(match for match in map(Path, matches) if match.is_file())
    if not found:
        raise _nothing(written, path)
    formats = {str(each): _format(each) for each in found}
    kinds = sorted(set(formats.values()))
    if len(kinds) > 1:
        raise SourceError(
            f"{written} holds files of several formats",
            expected="one format",
            got=", ".join(kinds),
            hint=f'Name one with a glob, for example "{written}/*.{kinds[0]}".',
        )
    return tuple(formats), kinds[0]


def _inside(directory: Path) -> list[Path]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    shown = [path for path in files if not _passed_over(path.relative_to(directory))]
    return [path for path in shown if _suffix(path) in FORMATS]


def _passed_over(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = len(suffixes) > 1 and suffixes[-1] in COMPRESSED
    text = packed and FORMATS.get(suffixes[-2]) in TEXT_FORMATS
    return suffixes[-2] if text else (suffixes[-1] if suffixes else "")


def _format(path: Path) -> str:
    suffix = _suffix(path)
    if suffix not in FORMATS:
        raise SourceError(
            f"{path} is of an unknown format",
            expected=f"one of {', '.join(FORMATS)} (text also with .gz or .zst)",
            got=suffix or "no suffix",
            hint="Rename the file, or write it as Parquet.",
        )
    return FORMATS[suffix]


def _nothing(written: str, path: Path) -> SourceError:
    if path.is_dir() or has_magic(written):
        return SourceError(
            f"{written} matches no file", expected=EXPECTED, hint="Check the path and the suffix."
        )
    return SourceError(f"{written} does not exist", expected=EXPECTED, hint="Check the path.")
