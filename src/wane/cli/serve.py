"""`wane serve`: the service."""

from typing import Annotated

import typer

from wane.cli import flags


def serve(
    *,
    data: flags.Data = "wane-data",
    config: Annotated[
        str | None, typer.Option(help="A wane.toml with [alerts]: who is told.", metavar="FILE")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="How others reach the pages, for links.", metavar="URL")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at.", metavar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=1, max=65_535)] = 8321,
    evaluate_every: Annotated[
        float,
        typer.Option(help="Seconds between two evaluations of a model, at least.", min=0.1),
    ] = 60.0,
) -> None:
    """Take predictions and labels over HTTP, evaluate windows as they close, show pages.

    Needs the extra wane[server]. On the first start it prints an administrator's key.
    """
    from wane.cli.run_serve import run_serve

    run_serve(data, config, host=host, port=port, evaluate_seconds=evaluate_every, url=url)
