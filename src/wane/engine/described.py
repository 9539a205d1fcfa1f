"""Descriptions as bytes.

Importing this loads little, so that a worker can look at files as soon as it has started.
"""

from __future__ import annotations

import pyarrow as pa

from wane.engine.envelope import joined, split
from wane.sources.description import Description


def pack_description(description: Description) -> bytes:
    """A description as bytes: JSON header, then the sample as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, description.sample.schema) as writer:
        writer.write_table(description.sample)
    header = {
        "name": description.name,
        "rows": description.rows,
        "ranges": {name: list(limits) for name, limits in description.ranges.items()},
        "notes": list(description.notes),
    }
    return joined(header, sink.getvalue())


def unpack_description(data: bytes) -> Description:
    """The inverse of `pack_description`."""
    header, rest = split(data)
    return Description(
        name=header["name"],
        rows=header["rows"],
        sample=pa.ipc.open_stream(rest).read_all(),
        ranges={name: (low, high) for name, (low, high) in header["ranges"].items()},
        notes=tuple(header["notes"]),
    )
