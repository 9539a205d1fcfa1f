"""A schema on its way to being complete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.schema import Schema
    from wane.sources.glance import Glance


@dataclass(frozen=True, slots=True)
class Finding:
    """What inference knows so far; each of its steps takes one and returns one.

    Attributes:
        schema: The schema so far.
        columns: A glance at every column.
        where: What to call the source in messages.
        assumptions: What was taken for granted, with how to change it.
        questions: What the user should look at.
    """

    schema: Schema
    columns: Mapping[str, Glance]
    where: str
    assumptions: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    def assume(self, sentence: str, **known: Any) -> Finding:  # noqa: ANN401 - any Schema field
        """With fields of the schema filled in, and the sentence that says so."""
        return replace(self.fill(**known), assumptions=(*self.assumptions, sentence))

    def fill(self, **known: Any) -> Finding:  # noqa: ANN401 - any Schema field
        """With fields of the schema filled in that need no word."""
        return replace(self, schema=replace(self.schema, **known))

    def ask(self, sentence: str) -> Finding:
        """With one more question."""
        return replace(self, questions=(*self.questions, sentence))

    def free(self) -> dict[str, Glance]:
        """Columns that play no role and are not given as features.

        Columns whose name ends in _ are bookkeeping and are never offered.
        """
        taken = {*self.schema.roles(), *(column.name for column in self.schema.features or ())}
        return {
            name: glance
            for name, glance in self.columns.items()
            if name not in taken and not name.endswith("_")
        }
