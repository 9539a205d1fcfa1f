"""The commands, and the one place where errors become messages and exit codes.

Exit codes: 0 healthy, 1 alerts at or above --fail-on, 2 usage or configuration, 3 data,
4 internal. (`wane.cli.start`: 130 interrupted.)
"""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

import typer

from wane.cli.alerts import alerts
from wane.cli.backtest import backtest
from wane.cli.check import check
from wane.cli.compare import compare
from wane.cli.export import export
from wane.cli.init import init
from wane.cli.keys import keys
from wane.cli.metrics import metrics
from wane.cli.run import run as run_command
from wane.cli.schema import schema
from wane.cli.series import series
from wane.cli.serve import serve
from wane.cli.upkeep import backup, doctor, rebuild, report
from wane.cli.version import show_version
from wane.errors import WaneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.engine.local import Workers

INTERNAL = 4
DEBUG = "--debug"
HELP = """See a model's performance wane before its users do.

Exit codes: 0 healthy, 1 alerts at or above --fail-on, 2 usage or configuration, 3 data,
4 internal. Data goes to stdout, everything else to stderr. --debug, anywhere, shows where an
error came from.
"""

app = typer.Typer(
    name="wane",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(show_version)
for command in (check, series, backtest, compare, init, export, schema, metrics, serve):
    app.command()(command)
app.command("run")(run_command)
for tool in (report, backup, rebuild, doctor):
    app.command()(tool)
app.add_typer(keys, name="keys")
app.add_typer(alerts, name="alerts")


def run(application: typer.Typer, arguments: Sequence[str], workers: Workers | None = None) -> int:
    """Run an application, every ending as an exit code and every error as one message on stderr.

    Args:
        application: Its commands.
        arguments: Without the program's name.
        workers: Reader processes that are running already, for the command to use.
    """
    debug = DEBUG in arguments
    words = [word for word in arguments if word != DEBUG]
    try:
        application(args=words, prog_name="wane", obj=workers)
    except SystemExit as ending:
        return _code(ending)
    except WaneError as error:
        return _failed(f"wane: {error}", error.exit_code, debug=debug)
    except Exception as error:  # noqa: BLE001 - the process edge: one clean line and exit code 4
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        text = f"wane: internal error: {what}. Please report it; {DEBUG} shows where it happened."
        return _failed(text, INTERNAL, debug=debug)
    return 0


def _failed(message: str, code: int, *, debug: bool) -> int:
    """Say what happened on stderr, with the way there if asked."""
    if debug:
        traceback.print_exc()
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr.write(f"{message.encode(encoding, 'replace').decode(encoding)}\n")
    return code


def _code(ending: SystemExit) -> int:
    """What a `SystemExit` stands for."""
    if isinstance(ending.code, int):
        return ending.code
    return 0 if ending.code is None else INTERNAL
