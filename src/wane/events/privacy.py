"""Personal data: values that are hashed or left out before anything is written."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from wane.classes import class_text
from wane.events.policy import Privacy

if TYPE_CHECKING:
    from wane.events.event import Prediction, Scalar
    from wane.events.policy import Policy

DIGITS = 32
"""Hex digits kept of a hash: 128 bits."""


def protect(event: Prediction, policy: Policy) -> None:
    """Hash or drop the private features of an event, in place."""
    for name, how in policy.private.items():
        if name not in event.features:
            continue
        if how is Privacy.DROP:
            del event.features[name]
        elif how is Privacy.HMAC:
            event.features[name] = hashed(event.features[name], policy.secret)


def hashed(value: Scalar, secret: bytes) -> str | None:
    """A keyed hash (HMAC-SHA-256, RFC 2104) of a value; a missing value stays missing.

    Equal values have equal hashes: 1 that of 1.0, but not that of "1" or of true.
    """
    if value is None:
        return None
    kind = "text" if isinstance(value, str) else "boolean" if isinstance(value, bool) else "number"
    text = f"{kind}:{class_text(value)}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:DIGITS]
