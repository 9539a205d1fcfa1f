"""What senders had to drop: counted by the reason they give, as far as names are bounded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from wane.store.store import Store

MOST_COUNTERS = 500
"""Counters of a model; reasons beyond are counted together."""
LONGEST_REASON = 60
OTHER = "dropped_by_sender:other"


def count_lost(store: Store, model: int, dropped: Mapping[str, int], now: dt.datetime) -> None:
    """Count lost events by reason; names of senders' making must not fill the disk.

    Args:
        store: Where.
        model: Number of the model.
        dropped: Reason -> events; what is no number of events is passed over.
        now: The time.
    """
    known = store.counts(model)
    room = MOST_COUNTERS - len(known)
    counts: Counter[str] = Counter()
    for reason, count in dropped.items():
        if not 0 < count < 2**53:
            continue
        name = f"dropped_by_sender:{reason[:LONGEST_REASON]}"
        if name not in known and name not in counts:
            room -= 1
            name = name if room > 0 else OTHER
        counts[name] += count
    if counts:
        store.count(model, counts, now)
