"""The names of what raises findings."""

from enum import StrEnum


class Detector(StrEnum):
    """What raised a finding; the first three share the false-alarm budget."""

    SPIKE = "spike"
    SHIFT = "shift"
    LOSS = "loss"
    DRIFT = "drift"
    TREND = "trend"
