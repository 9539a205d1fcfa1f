"""wane: see a model's performance wane before its users do."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.alert.alert import Alert
    from wane.detect.rule import Rule
    from wane.detect.severity import Severity
    from wane.diagnose.decide import Action
    from wane.diagnose.verdict import State, Verdict
    from wane.metrics.measurement import Measurement, Measurements, Series, SeriesKey
    from wane.monitor.monitor import Monitor
    from wane.pipeline.backtest import backtest
    from wane.pipeline.check import check
    from wane.pipeline.compare import Comparison, compare
    from wane.pipeline.propose import propose
    from wane.pipeline.retraining import Retraining, would_retraining_help
    from wane.pipeline.series import series
    from wane.profile.codec import decode, encode
    from wane.profile.profile import Ledger, Profile, merge
    from wane.report.result import Result

from wane.errors import (
    ConfigError,
    DataError,
    ProfileError,
    SchemaError,
    SourceError,
    UsageError,
    WaneError,
)
from wane.schema import Column, Kind, Role, Schema, Task

__version__ = "0.1.0"
__all__ = [
    "Action",
    "Alert",
    "Column",
    "Comparison",
    "ConfigError",
    "DataError",
    "Kind",
    "Ledger",
    "Measurement",
    "Measurements",
    "Monitor",
    "Profile",
    "ProfileError",
    "Result",
    "Retraining",
    "Role",
    "Rule",
    "Schema",
    "SchemaError",
    "Series",
    "SeriesKey",
    "Severity",
    "SourceError",
    "State",
    "Task",
    "UsageError",
    "Verdict",
    "WaneError",
    "backtest",
    "check",
    "compare",
    "decode",
    "encode",
    "merge",
    "propose",
    "series",
    "would_retraining_help",
]

_HOMES = {
    "Action": "wane.diagnose.decide",
    "Comparison": "wane.pipeline.compare",
    "compare": "wane.pipeline.compare",
    "Retraining": "wane.pipeline.retraining",
    "would_retraining_help": "wane.pipeline.retraining",
    "Alert": "wane.alert.alert",
    "Ledger": "wane.profile.profile",
    "Measurement": "wane.metrics.measurement",
    "Measurements": "wane.metrics.measurement",
    "Monitor": "wane.monitor.monitor",
    "Profile": "wane.profile.profile",
    "Result": "wane.report.result",
    "Rule": "wane.detect.rule",
    "Series": "wane.metrics.measurement",
    "SeriesKey": "wane.metrics.measurement",
    "Severity": "wane.detect.severity",
    "State": "wane.diagnose.verdict",
    "Verdict": "wane.diagnose.verdict",
    "backtest": "wane.pipeline.backtest",
    "check": "wane.pipeline.check",
    "decode": "wane.profile.codec",
    "encode": "wane.profile.codec",
    "merge": "wane.profile.profile",
    "propose": "wane.pipeline.propose",
    "series": "wane.pipeline.series",
}
"""Where names live that are only loaded when used, so that `import wane` stays quick."""


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
