"""What the false-alarm budget allows each detector of each stream, and each base of a loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use

from wane.detect.detector import Detector
from wane.stats.cusum import threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]

DETECTORS = (Detector.SPIKE, Detector.SHIFT, Detector.LOSS)
SPIKE, SHIFT, LOSS = range(3)
BASE_WINDOWS = 30
"""Windows of a stream's budget that the base of its losses may cost by being wrong."""


def allowed_alarms(streams: Streams, rate: float) -> Floats:
    """[S] false alarms in a window that one detector of a stream may expect.

    Args:
        streams: Whose weights share the budget.
        rate: False alarms in one window of all streams.
    """
    return np.asarray(rate * streams.weight / len(DETECTORS))


@dataclass(frozen=True, slots=True)
class Limits:
    """What the budget allows; [S] each.

    Attributes:
        spike: Probability of a false spike, in a window and on one side.
        chart: Height of a CUSUM chart that is an alarm.
        log_evidence: Logarithm of the evidence that proves a loss.
    """

    spike: Floats
    chart: Floats
    log_evidence: Floats

    @classmethod
    def of(cls, streams: Streams, rate: float) -> Limits:
        """A third of the stream's part for each detector; both sides share it where both harm."""
        allowed = allowed_alarms(streams, rate)
        one_sided = np.where(streams.harm == 0, allowed / 2, allowed)
        return cls(one_sided, threshold(1 / one_sided), -np.log(allowed))

    def unsure(self, freedom: Floats) -> Floats:
        """[S] standard errors that a base is moved by, given their degrees of freedom [S].

        It is wrong as rarely as the budget lets `BASE_WINDOWS` windows be.
        """
        wrong = np.minimum(BASE_WINDOWS * self.spike, 0.025)
        return np.asarray(scipy.special.stdtrit(np.maximum(freedom, 1), 1 - wrong))
