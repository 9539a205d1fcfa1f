"""Counting values by name when there may be millions: keep some names exactly, and say so.

Kept are the `limit` names with the smallest hash. A name among the smallest of a union is among
the smallest of every part that has it, so kept counts are exact and merging is associative and
commutative (the bottom-k idea of Bar-Yossef et al., RANDOM 2002).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 1_000
NO_COUNTS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NameCounts:
    """Rows by name for values without a cell of their own.

    Attributes:
        counts: Name -> rows (or weight), exact for every name present.
        complete: False when there were more than `LIMIT` names and some are left out.
    """

    counts: Mapping[str, float] = field(default_factory=lambda: NO_COUNTS)
    complete: bool = True

    @classmethod
    def of(cls, counts: Mapping[str, float], *, complete: bool = True) -> NameCounts:
        """Keep at most `LIMIT` names, those with the smallest hash."""
        if len(counts) <= LIMIT:
            return cls(dict(counts), complete)
        kept = sorted(counts, key=_hash)[:LIMIT]
        return cls({name: counts[name] for name in kept}, complete=False)

    def __add__(self, other: NameCounts) -> NameCounts:
        if not other.counts:
            return NameCounts(self.counts, self.complete and other.complete)
        merged = dict(self.counts)
        for name, count in other.counts.items():
            merged[name] = merged.get(name, 0.0) + count
        return NameCounts.of(merged, complete=self.complete and other.complete)


NONE = NameCounts()


def _hash(name: str) -> tuple[int, str]:
    """Order of names that has nothing to do with their frequency; ties by the name itself."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass")), name
