"""What sources share whose columns are known from the start and whose rows can all be read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from wane.sources.columns import bounded_sample
from wane.sources.description import Description
from wane.sources.reading import no_rows
from wane.sources.source import SAMPLE_ROWS
from wane.sources.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from wane.sources.columns import Layout


class LaidSource(ABC):
    """A name and a layout; what is left to say is where the batches come from."""

    if_empty: ClassVar[str] = "Check the path, or wait until there is data."

    def __init__(self, name: str, layout: Layout) -> None:
        self._name = name
        self._layout = layout

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return self._layout.fields

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`. Reads every row once."""
        fields = self.fields()
        seen = survey(self.batches(list(fields)), fields, bounded_sample(sample_rows, len(fields)))
        if seen.rows == 0:
            raise no_rows(self.name, self.if_empty)
        return Description(self.name, seen.rows, seen.sample, seen.ranges, self.notes())

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """No row is rejected alone."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._layout.notes
