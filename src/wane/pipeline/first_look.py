"""The first look at the rows of a model that is remembered: how they are counted from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.engine.deal import add_up
from wane.pipeline.clocked import clocked
from wane.pipeline.count import counting_reference, reference_effects
from wane.pipeline.look import look

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wane.engine.messages import Counted
    from wane.pipeline.asked import Asked
    from wane.pipeline.look import Looked


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What was seen, and the profiles of the reference; None without one.

    Attributes:
        looked: The look.
        reference: The profiles.
        effects: What its features tell of labels, see `profile.effects`.
    """

    looked: Looked
    reference: Counted | None
    effects: NDArray[np.float64] | None


def first_look(asked: Asked) -> FirstLook:
    """Look at both sides, and count the reference.

    Args:
        asked: What is asked; nothing was looked at yet.

    Raises:
        ConfigError: Windows are not cut by time.
        DataError: A side cannot be read, or has no rows.
        SchemaError: A column that settings name is missing.
    """
    sides = [side for side in (asked.current, asked.reference) if side is not None]
    looked = look(replace(asked, looks=tuple(side.describe() for side in sides)))
    clocked(looked.every if looked.schema.timestamp else None)  # an error here, before counting
    waiting = counting_reference(looked)
    effects = reference_effects(looked)
    return FirstLook(looked, None if waiting is None else add_up(waiting), effects)
