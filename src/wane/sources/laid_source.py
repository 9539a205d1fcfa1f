"""What sources share whose columns are known from the start and whose rows can all be read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from wane.sources.described import described
from wane.sources.reading import CHECK_THE_PATH
from wane.sources.source import SAMPLE_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from wane.sources.columns import Layout
    from wane.sources.description import Description


class LaidSource(ABC):
    """A name and a layout; what is left to say is where the batches come from."""

    if_empty: ClassVar[str] = CHECK_THE_PATH

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
        return described(self, sample_rows, self.if_empty)

    @abstractmethod
    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """No row is rejected alone."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._layout.notes
