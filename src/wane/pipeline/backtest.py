"""`wane.backtest`: what a run says of the rules and limits it was held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.diagnose.replay import replay

if TYPE_CHECKING:
    from wane.diagnose.replay import Backtest
    from wane.report.result import Result


def backtest(result: Result) -> Backtest:
    """How often each rule and each detector fired, how many a month, and when.

    Each window was judged by what was known before it, so a run over a history is that history
    replayed.

    Args:
        result: Of `wane.check` or `wane.series` over the history.
    """
    return replay(result.rules, result.alerts, result.found, result.measurements.windows)
