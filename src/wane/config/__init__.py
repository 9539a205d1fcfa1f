"""wane.toml: one frozen model of everything a run can be told, read, merged and written."""

from wane.config.load import from_toml_text, load, merge
from wane.config.settings import (
    UNTIL_NOW,
    CostSettings,
    DetectionSettings,
    FeatureSettings,
    LabelSettings,
    RuleSettings,
    Settings,
    json_schema,
)
from wane.config.write import to_toml

__all__ = [
    "UNTIL_NOW",
    "CostSettings",
    "DetectionSettings",
    "FeatureSettings",
    "LabelSettings",
    "RuleSettings",
    "Settings",
    "from_toml_text",
    "json_schema",
    "load",
    "merge",
    "to_toml",
]
