"""How much a mean rose between two sets of rows, and how sure that is.

Sums of rows are [S, E]: S sums of each of E sets of rows, which add up when sets are joined.
"""

from typing import NamedTuple

import numpy as np

from wane.stats.array import Bools, Floats

LEAST_ROWS = 50
LEAST_BAD = 5


class Rise(NamedTuple):
    """Of each set of rows; [E].

    Attributes:
        change: Mean now less mean before; 0 where a side has no rows.
        rows: Rows now.
        variance: Of the change, by chance, > 0.
        likelihood: Logarithm of how much likelier the rows are if the mean rose than if it is as
            it was; 0 where it did not rise.
        enough: Whether there are rows enough to say anything.
    """

    change: Floats
    rows: Floats
    variance: Floats
    likelihood: Floats
    enough: Bools

    @property
    def excess(self) -> Floats:
        """What the change adds over all rows now."""
        return self.change * self.rows


def rate_rise(sums: Floats, least_rows: float = LEAST_ROWS, least_bad: float = LEAST_BAD) -> Rise:
    """The rise of a rate, such as that of wrong answers.

    The likelihood is that of two binomials against one. The variance adds half a bad row of one to
    each side (Jeffreys), so that none in ten rows is not sure.

    Args:
        sums: [4, E]: rows before, bad ones among them, rows now, bad ones among them.
        least_rows: Rows that each side must have.
        least_bad: Bad rows that must be there now.
    """
    rows_before, bad_before, rows, bad = sums
    before, now = _mean(bad_before, rows_before), _mean(bad, rows)
    apart = _binomial(bad_before, rows_before) + _binomial(bad, rows)
    together = _binomial(bad_before + bad, rows_before + rows)
    both = (rows_before > 0) & (rows > 0)
    change = np.where(both, now - before, 0.0)
    return Rise(
        change=change,
        rows=rows,
        variance=_rate_variance(bad_before, rows_before) + _rate_variance(bad, rows),
        likelihood=np.where(change > 0, np.maximum(apart - together, 0.0), 0.0),
        enough=(np.minimum(rows_before, rows) >= least_rows) & (bad >= least_bad),
    )


def mean_rise(sums: Floats, least_rows: float = LEAST_ROWS) -> Rise:
    """The rise of a mean, such as that of absolute errors.

    The likelihood is that of a normal mean with the variance that each side shows, to which one
    row that varies as both do is added, so that equal rows are not sure.

    Args:
        sums: [6, E]: rows before, sum and sum of squares of their values, and the same now.
        least_rows: Rows that each side must have.
    """
    rows_before, total_before, squares_before, rows, total, squares = sums
    both = (rows_before > 0) & (rows > 0)
    all_rows = rows_before + rows
    centre = _mean(total_before + total, all_rows)
    overall = np.maximum(_mean(squares_before + squares, all_rows) - centre**2, 0.0)
    variance = np.zeros_like(rows)
    for n, sum_of, square in (
        (rows_before, total_before, squares_before),
        (rows, total, squares),
    ):
        within = np.maximum(_mean(square, n) - _mean(sum_of, n) ** 2, 0.0)
        variance += (within * n + overall) / (n + 1) / np.maximum(n, 1.0)
    variance = np.maximum(variance, np.finfo(np.float64).tiny)
    change = np.where(both, _mean(total, rows) - _mean(total_before, rows_before), 0.0)
    return Rise(
        change=change,
        rows=rows,
        variance=variance,
        likelihood=np.where(change > 0, change**2 / variance / 2, 0.0),
        enough=np.minimum(rows_before, rows) >= least_rows,
    )


def _mean(total: Floats, rows: Floats) -> Floats:
    """The mean of each set; 0 for one without rows."""
    return np.divide(total, rows, out=np.zeros_like(total), where=rows > 0)


def _rate_variance(bad: Floats, rows: Floats) -> Floats:
    rate = (bad + 0.5) / (rows + 1)
    return rate * (1 - rate) / (rows + 1)


def _binomial(bad: Floats, rows: Floats) -> Floats:
    """Largest log-likelihood of so many bad rows, but for what does not depend on their rate."""
    good = rows - bad
    return _times_log(bad, _mean(bad, rows)) + _times_log(good, _mean(good, rows))


def _times_log(count: Floats, share: Floats) -> Floats:
    """Count * log(share), and 0 for a count of 0."""
    log = np.zeros_like(share)
    np.log(share, out=log, where=share > 0)
    return count * log
