"""Arrow columns of any origin, brought to the few types that are monitored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from wane.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BATCH_ROWS = 65_536
BATCH_CELLS = 8_388_608
"""Wide tables are cut into shorter batches: 64 MiB of float64."""
SAMPLE_CELLS = 33_554_432
TEXT = {pa.string(), pa.large_string()}


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that one or more files hand on: name -> type, with notes for the user."""

    fields: Mapping[str, pa.DataType]
    notes: tuple[str, ...] = ()


def select(
    fields: Mapping[str, pa.DataType], columns: Iterable[str], *, where: str
) -> dict[str, pa.DataType]:
    """The types of the named columns, each once, in this order.

    Raises:
        SchemaError: A column does not exist.
    """
    wanted = list(columns)
    for column in wanted:
        if column not in fields:
            raise SchemaError.missing_column(
                column, role="a column to read", where=where, available=fields
            )
    return {column: fields[column] for column in wanted}


def batch_rows(columns: int) -> int:
    """Rows per batch for a number of columns."""
    return max(1_024, min(BATCH_ROWS, BATCH_CELLS // max(columns, 1)))


def bounded_sample(sample_rows: int, columns: int) -> int:
    """`sample_rows`, fewer where the table is so wide that the sample would not fit in memory."""
    return max(1, min(sample_rows, max(2_048, SAMPLE_CELLS // max(columns, 1))))


def unique_names(names: Sequence[str]) -> list[str]:
    """The names with repeated ones told apart: x, x (2), x (3)."""
    taken = set(names)
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen.get(name, 0) + 1
        candidate = name if count == 1 else f"{name} ({count})"
        while count > 1 and candidate in taken:
            count += 1
            candidate = f"{name} ({count})"
        seen[name] = count
        taken.add(candidate)
        unique.append(candidate)
    return unique


def repeated_note(names: Sequence[str]) -> tuple[str, ...]:
    """A sentence about column names that occur twice; none when all differ."""
    twice = sorted({name for name in names if names.count(name) > 1}) if _repeats(names) else []
    return tuple(
        f"column {name!r} occurs more than once: the next is {name + ' (2)'!r}" for name in twice
    )


def _repeats(names: Sequence[str]) -> bool:
    return len(set(names)) != len(names)


def monitored_type(kind: pa.DataType) -> pa.DataType | None:
    """The type a column is handed on as; None when such values are not monitored."""
    inner = _inner_type(kind)
    if inner is not None:
        return monitored_type(inner)
    if pa.types.is_decimal(kind):
        return pa.int64() if kind.scale == 0 and kind.precision <= 18 else pa.float64()
    if pa.types.is_dictionary(kind):
        return kind if kind.value_type in TEXT else pa.dictionary(kind.index_type, pa.string())
    simple = {pa.float16(): pa.float32(), pa.string_view(): pa.string()}
    return simple.get(kind, kind if family(kind) != "other" else None)


def _inner_type(kind: pa.DataType) -> pa.DataType | None:
    """The type inside an extension, a run-end encoding or a dictionary of other than text."""
    if isinstance(kind, pa.BaseExtensionType):
        return kind.storage_type
    if pa.types.is_run_end_encoded(kind) or (
        pa.types.is_dictionary(kind) and kind.value_type not in {*TEXT, pa.string_view()}
    ):
        return kind.value_type
    return None


def family(kind: pa.DataType) -> str:
    """number, text, boolean, time, null or other: types of one family convert to each other."""
    tests = {
        "number": (pa.types.is_integer, pa.types.is_floating),
        "text": (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary),
        "boolean": (pa.types.is_boolean,),
        "time": (pa.types.is_timestamp, pa.types.is_date),
        "null": (pa.types.is_null,),
    }
    return next((name for name, ways in tests.items() if any(is_a(kind) for is_a in ways)), "other")


def conform(array: pa.Array, target: pa.DataType) -> pa.Array:
    """The array as `target`; all null when its family does not convert to that of the target."""
    if array.type == target:
        return array
    if pa.types.is_dictionary(array.type) and pa.types.is_dictionary(target):
        values = array.dictionary.cast(target.value_type)
        return pa.DictionaryArray.from_arrays(array.indices.cast(target.index_type), values)
    plain = _unpacked(array)
    kind = monitored_type(plain.type)
    if kind is None or not converts(kind, target):
        return pa.nulls(len(array), target)
    if pa.types.is_dictionary(target):
        return plain.cast(target.value_type).dictionary_encode().cast(target)
    return plain.cast(target, safe=False)


def _unpacked(array: pa.Array) -> pa.Array:
    """Plain values out of extensions, run-end encodings and dictionaries."""
    if isinstance(array.type, pa.BaseExtensionType):
        return _unpacked(array.storage)
    if pa.types.is_run_end_encoded(array.type):
        return _unpacked(pc.run_end_decode(array))
    if not pa.types.is_dictionary(array.type):
        return array
    values = monitored_type(array.dictionary.type) or array.dictionary.type
    return array.dictionary.cast(values).take(array.indices)


def converts(kind: pa.DataType, target: pa.DataType) -> bool:
    """Whether values of a monitored type can be read as another."""
    pair = (family(kind), family(target))
    return pair[0] == pair[1] or pair in {("null", pair[1]), ("boolean", "number")}


def checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch, once its texts are known to be texts: readers trust what a file says of them.

    Raises:
        pyarrow.ArrowException: An offset or a dictionary index points outside, or a text is not
            UTF-8.
    """
    batch.validate()
    for array in batch.columns:
        if family(array.type) == "text":
            array.validate(full=True)
    return batch


def pick(batch: pa.RecordBatch, fields: Mapping[str, pa.DataType]) -> pa.RecordBatch:
    """The columns `fields` of a batch as read from a file; null where the file has none."""
    names = batch.schema.names
    if names == list(fields) and batch.schema.types == list(fields.values()):
        return batch
    have = dict(zip(unique_names(names), batch.columns, strict=True))
    arrays = [
        conform(have[name], kind) if name in have else pa.nulls(batch.num_rows, kind)
        for name, kind in fields.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(fields))


def lay_out(files: Sequence[tuple[str, pa.Schema]], *, any_file: bool = False) -> Layout:
    """One layout for files that should hold the same columns. The first file rules.

    Integers and floats are promoted to the wider of the two, a column that is empty in the
    first file takes its type from a later one. What does not fit is read as null and noted.

    Args:
        files: (name, schema) of each file, at least one.
        any_file: Whether later files add columns. That files lack some is then as it should be.
    """
    first_name, first = files[0]
    fields, notes = _monitored(first)
    notes += repeated_note(first.names)
    for name, schema in files[1:]:
        others, _ = _monitored(schema)
        if any_file:
            notes += _clashes(first_name, fields, name, others)
            fields = {**fields, **{c: k for c, k in others.items() if c not in fields}}
        else:
            notes += _differences(first_name, fields, name, others)
        fields |= {
            column: _promoted(kind, others[column])
            for column, kind in fields.items()
            if column in others
        }
    return Layout(fields, tuple(dict.fromkeys(notes)))


def _monitored(schema: pa.Schema) -> tuple[dict[str, pa.DataType], tuple[str, ...]]:
    kinds = {
        name: (field.type, monitored_type(field.type))
        for name, field in zip(unique_names(schema.names), schema, strict=True)
    }
    fields = {name: kind for name, (_, kind) in kinds.items() if kind is not None}
    notes = [
        f"column {name!r} holds {told}, which is not monitored"
        for name, (told, kind) in kinds.items()
        if kind is None
    ]
    return fields, tuple(notes)


def _promoted(kind: pa.DataType, other: pa.DataType) -> pa.DataType:
    if kind == other or pa.types.is_null(other):
        return kind
    if pa.types.is_null(kind):
        return other
    if family(kind) == family(other) == "number":
        both_whole = pa.types.is_integer(kind) and pa.types.is_integer(other)
        return pa.int64() if both_whole else pa.float64()
    if {family(kind), family(other)} == {"boolean", "number"}:
        return other if family(other) == "number" else kind
    if family(kind) == family(other) == "time":
        return pa.timestamp("us", "UTC" if getattr(kind, "tz", None) else None)
    return kind


def _differences(
    first: str, fields: Mapping[str, pa.DataType], other: str, others: Mapping[str, pa.DataType]
) -> tuple[str, ...]:
    missing = [column for column in fields if column not in others]
    extra = [column for column in others if column not in fields]
    notes = []
    if missing:
        notes.append(f"{other} has no column {listed(missing)}: missing there")
    if extra:
        notes.append(f"{other} has a column {listed(extra)} that {first} has not: not read")
    return (*notes, *_clashes(first, fields, other, others))


def _clashes(
    first: str, fields: Mapping[str, pa.DataType], other: str, others: Mapping[str, pa.DataType]
) -> tuple[str, ...]:
    clash = [
        column
        for column, kind in others.items()
        if column in fields
        and not converts(kind, fields[column])
        and not converts(fields[column], kind)
    ]
    return tuple(
        f"column {column!r} holds {fields[column]} in {first} and {others[column]} in {other}: "
        "missing there"
        for column in clash
    )


def listed(names: Sequence[str], shown: int = 5) -> str:
    """Quoted names with commas, the rest counted."""
    text = ", ".join(repr(name) for name in names[:shown])
    return text if len(names) <= shown else f"{text} and {len(names) - shown} more"
