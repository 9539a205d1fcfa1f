"""From what a receiver answered to what comes of it."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.secret import hide
from wane.alert.notify.wording import cut

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from wane.alert.notify.outbound import Reply

LONGEST_QUOTE = 200
LONGEST_PAUSE_SECONDS = 86_400.0
"""Whoever asks for more than a day has made a mistake."""
GONE = 410
NOT_NOW = frozenset({408, 429})
"""Statuses between 400 and 499 that say: later."""


def outcome_of(
    answer: Reply | Again | Refused, now: dt.datetime, secrets: Iterable[str] = ()
) -> Outcome:
    """What an answer means, by its status alone.

    Args:
        answer: Of `Outbound.post`.
        now: The time, against which a date in `Retry-After` counts.
        secrets: Never quoted, should the receiver send them back.

    Returns:
        2xx: delivered. 408, 429, 5xx, and redirects that were not followed: again. Other 4xx:
        refused.
    """
    if isinstance(answer, Again | Refused):
        return replace(answer, reason=hide(answer.reason, secrets))
    if 200 <= answer.status < 300:
        return Delivered()
    told = quoted(answer, secrets)
    if answer.status == GONE:
        return Refused(f"{told}. The receiver is gone for good: take it out of [alerts.receivers]")
    if 400 <= answer.status < 500 and answer.status not in NOT_NOW:
        return Refused(told)
    return Again(told, retry_after(answer.headers.get("retry-after"), now))


def quoted(answer: Reply, secrets: Iterable[str] = ()) -> str:
    """Status and the beginning of the answer as one line, without secrets."""
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "an unknown status"
    body = hide(answer.body.decode("utf-8", "replace"), secrets)
    said = cut(re.sub(r"<[^>]*>", " ", body), LONGEST_QUOTE)
    return f"{answer.status} {phrase}" + (f": {said}" if said else "")


def retry_after(text: str | None, now: dt.datetime) -> float | None:
    """Seconds to wait, from a number or a date; None where nothing, or nonsense, was said.

    Between 0 and one day.
    """
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            # TypeError: a date without a zone
            return None
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
