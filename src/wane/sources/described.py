"""A source described by reading every row of it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.sources.columns import bounded_sample
from wane.sources.description import Description
from wane.sources.reading import CHECK_THE_PATH, no_rows
from wane.sources.survey import survey
from wane.sources.wrong_cells import numbers_only

if TYPE_CHECKING:
    from wane.sources.source import Source


def described(source: Source, sample_rows: int, if_empty: str = CHECK_THE_PATH) -> Description:
    """What `Source.describe` answers, by way of `Source.batches`.

    Args:
        source: What to read.
        sample_rows: At most so many rows are in the sample.
        if_empty: What to do when there are no rows.

    Raises:
        SourceError: The source cannot be read or has no rows.
    """
    fields = source.fields()
    rows = numbers_only(source.batches(list(fields)), fields)
    seen = survey(rows, fields, bounded_sample(sample_rows, len(fields)))
    if seen.rows == 0:
        raise no_rows(source.name, if_empty)
    return Description(source.name, seen.rows, seen.sample, seen.ranges, source.notes())
