"""What `wane init` does once its flags are read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from wane.cli.say import emit, log
from wane.config import Settings, to_toml
from wane.errors import UsageError
from wane.pipeline.propose import propose as propose_settings
from wane.report.outputs import write_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.schema import Schema

PRINT = "-"


class Proposal(Protocol):
    """What a look at the data suggests."""

    @property
    def schema(self) -> Schema:
        """Roles and types."""

    @property
    def every(self) -> str | None:
        """The window, as text."""

    @property
    def assumptions(self) -> Sequence[str]:
        """What was inferred."""

    @property
    def questions(self) -> Sequence[str]:
        """What only the user can know."""


def propose(current: str, reference: str | None, *, out: str, force: bool, quiet: bool) -> None:
    """Look at the data, print a wane.toml, and write it unless `out` is "-".

    Raises:
        UsageError: The file is there and `force` is not given, or it cannot be written.
    """
    if out != PRINT and not force and Path(out).exists():
        raise UsageError(
            f"{out} is there already", hint="Add --force to replace it, or --out - to only print."
        )
    proposal = propose_settings(current, reference=reference)
    text = proposed_toml(proposal, current, reference, directory=Path(out).parent)
    if out != PRINT:
        write_bytes(out, text.encode())
    emit(text)
    if not quiet:
        log(f"assumed: {sentence}" for sentence in proposal.assumptions)
        log(f"please check: {question}" for question in proposal.questions)
        log([] if out == PRINT else [f"written to {out}"])


def proposed_toml(
    proposal: Proposal, current: str, reference: str | None, *, directory: Path
) -> str:
    """The proposal as a wane.toml that lies in `directory`."""
    paths = {"current": current, "reference": reference}
    given = {key: _from(path, directory) for key, path in paths.items() if path is not None}
    settings = Settings.from_schema(proposal.schema, every=proposal.every, **given)
    notes = [f"Assumed: {sentence}" for sentence in proposal.assumptions]
    notes += [f"Please check: {question}" for question in proposal.questions]
    return to_toml(settings, notes=notes)


def _from(path: str, directory: Path) -> str:
    """A path as it is written in a file that lies in `directory`."""
    return path if "://" in path else os.path.relpath(path, directory)
