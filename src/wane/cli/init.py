"""`wane init`: a proposed wane.toml."""

from typing import Annotated

import typer

from wane.cli import flags


def init(
    current: Annotated[str, typer.Argument(help="A prediction log: file, glob or directory.")],
    *,
    reference: flags.Reference = None,
    out: Annotated[
        str, typer.Option(help="Where to write it; - only prints.", metavar="FILE")
    ] = "wane.toml",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: flags.Quiet = False,
) -> None:
    """Propose a wane.toml for you to review.

    Roles, types and windows as read from the data, with what was assumed as comments.
    """
    from wane.cli.propose import propose

    propose(current, reference, out=out, force=force, quiet=quiet)
