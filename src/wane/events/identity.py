"""Ids for predictions that came without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.events.decode import Decoded
    from wane.events.event import Prediction


def identify(decoded: Decoded[Prediction], name: Callable[[int], str]) -> None:
    """Give each prediction without an id one, in place.

    Args:
        decoded: The rows of a batch that can be taken.
        name: Called with the place of the row in its batch; gives an id that nobody else has. When
            the same batch may come again, it must give the same ids again.
    """
    for event, index in zip(decoded.events, decoded.indexes, strict=True):
        if event.id is None:
            event.id = name(index)
