"""What `wane series` does once its flags are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.cli.settle import detection_of_table, rules_of, settled
from wane.cli.show import finish
from wane.pipeline.series import series

if TYPE_CHECKING:
    from collections.abc import Mapping


def run_series(
    table: str, config: str | None, keys: Mapping[str, object], *, date: str | None, quiet: bool
) -> None:
    """Read a table of metrics, hold it against the rules, print.

    Args:
        table: Path of a CSV or Parquet file.
        config: Path of a wane.toml whose rules and outputs apply.
        keys: Flags that are keys of wane.toml; None where not given.
        date: Name of the date column; None: found.
        quiet: Whether to keep stderr for errors.

    Raises:
        WaneError: What cannot be done, with its exit code.
    """
    settings = settled(config, keys)
    result = series(
        table,
        rules=rules_of(settings),
        date=date,
        model=settings.model,
        earlier=settings.out,
        **detection_of_table(settings),
    )
    finish(result, settings, quiet=quiet)
