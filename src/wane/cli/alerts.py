"""`wane alerts`: incidents, silences, and who was told."""

from typing import Annotated

import typer

from wane.cli import flags

alerts = typer.Typer(
    help="Incidents of a data directory: list, show, ack, silence, test.", no_args_is_help=True
)
Tenant = Annotated[str, typer.Option(help="Whose models.", metavar="NAME")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The incident, or the begin of its digits.")]
By = Annotated[str, typer.Option("--by", help="Who does it.", metavar="NAME")]


@alerts.command("list")
def list_(
    *,
    data: flags.Data = "wane-data",
    tenant: Tenant = "default",
    all_: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False,
) -> None:
    """List open incidents, the worst first."""
    from wane.cli.run_alerts import list_incidents

    list_incidents(data, tenant, everything=all_)


@alerts.command("show")
def show(incident: Id, *, data: flags.Data = "wane-data", tenant: Tenant = "default") -> None:
    """Show one incident: what happened to it, and who was told."""
    from wane.cli.run_alerts import show_incident

    show_incident(data, tenant, incident)


@alerts.command("ack")
def ack(
    incident: Id, *, by: By = "", data: flags.Data = "wane-data", tenant: Tenant = "default"
) -> None:
    """Say that you look after an incident: reminders stop. The server must not be running."""
    from wane.cli.run_alerts import acknowledge_incident

    acknowledge_incident(data, tenant, incident, by=by)


@alerts.command("silence")
def silence(
    *,
    match: Annotated[
        list[str] | None, typer.Option(help='Label=value, "*" at the end for anything; repeated.')
    ] = None,
    length: Annotated[str, typer.Option("--for", help="How long: 2h, 3d.", metavar="TIME")],
    why: Annotated[str, typer.Option(help="The reason.", metavar="TEXT")],
    by: By = "",
    data: flags.Data = "wane-data",
    tenant: Tenant = "default",
) -> None:
    """Send nothing about what matches, for a while. The server must not be running."""
    from wane.cli.run_alerts import silence_incidents

    silence_incidents(data, tenant, match or [], length=length, why=why, by=by)


@alerts.command("test")
def try_out(
    receiver: Annotated[
        str, typer.Argument(metavar="RECEIVER", help="A name of [alerts.receivers].")
    ],
    *,
    config: flags.Config = None,
) -> None:
    """Send a receiver a message that says it is a test."""
    from wane.cli.run_alerts import test_receiver

    test_receiver(config, receiver)
