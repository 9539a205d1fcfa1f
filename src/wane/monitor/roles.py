"""Names that mean something on the wire, and so cannot be names of features."""

from __future__ import annotations

from functools import lru_cache

from wane.schema import Role

ROLES = (
    *("prediction", "score", "scores", "label", "id", "timestamp", "weight", "version"),
    *("latency", "error", "query", "item", "rank", "relevance"),
)
"""What an event can say besides its features."""
SCORES = "scores."
"""What the names of columns with the probability of one class begin with."""
LONGEST_NAME = 256
RESERVED = frozenset(role.value for role in Role if role not in (Role.FEATURE, Role.SEGMENT)) | {
    *ROLES,
    "features",
    "received",
    "revision",
}


@lru_cache(maxsize=10_000)
def unfit_name(name: str) -> str | None:
    """Why a feature cannot have this name, as the end of a sentence; None when it can."""
    if name in RESERVED or name.startswith(SCORES):
        return "has a name that is kept for a role: rename it"
    if not 1 <= len(name) <= LONGEST_NAME:
        return f"has a name of {len(name):,} characters: 1 to {LONGEST_NAME} are possible"
    return None
