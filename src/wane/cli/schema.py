"""`wane schema`: the published JSON Schemas."""

from typing import Annotated

import typer


def schema(
    which: Annotated[str, typer.Argument(help="result or config.")] = "result",
) -> None:
    """Print a published JSON Schema.

    Of --format json (result) or of wane.toml (config).
    """
    from wane.cli.publish import publish_schema

    publish_schema(which)
