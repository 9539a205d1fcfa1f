"""The pipeline: the one room that knows every other."""

from wane.pipeline.backtest import backtest
from wane.pipeline.check import check
from wane.pipeline.propose import Proposal, propose
from wane.pipeline.series import series

__all__ = ["Proposal", "backtest", "check", "propose", "series"]
