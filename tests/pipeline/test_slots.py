import datetime as dt

from wane.pipeline.slots import slots_of, start_of
from wane.store.records import SLOT, Kind, RawFile
from wane.window import DAY

FIRST = dt.date(2026, 11, 26)


def file(day: dt.date) -> RawFile:
    return RawFile(1, Kind.PREDICTION, day, f"{day}.parquet", 1, 9)


def test_every_slot_of_a_day_comes_once_and_in_order() -> None:
    files = [file(FIRST + dt.timedelta(days=2)), file(FIRST), file(FIRST)]
    begin = start_of(FIRST)
    assert slots_of(files) == [
        *range(begin, begin + DAY, SLOT),
        *range(begin + 2 * DAY, begin + 3 * DAY, SLOT),
    ]
    assert slots_of([]) == []
