"""Series whose windows remember the one before."""

import numpy as np
import scipy.signal
from numpy.typing import NDArray


def autoregressive(rho: float, streams: int, windows: int, seed: int = 0) -> NDArray[np.float64]:
    """Series of variance 1 whose windows k apart have the correlation rho^k."""
    noise = np.random.default_rng(seed).normal(size=(streams, windows))
    noise[:, 1:] *= np.sqrt(1 - rho**2)
    return np.asarray(scipy.signal.lfilter([1], [1, -rho], noise, axis=1), dtype=np.float64)
