from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from wane.monitor.counts import Drop
from wane.monitor.event import LabelEvent, PredictionEvent
from wane.monitor.limits import Limits
from wane.monitor.outbox import ROW_BYTES, Left, Outbox
from wane.monitor.pack import Batch
from wane.monitor.parcel import Form, Kind, Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

ROW = PredictionEvent("a", 0, {}, None)
LABEL = LabelEvent("a", 0, 1)
LONG = 3_600.0


def parcel(rows: int = 1, size: int = 10, kind: Kind = Kind.PREDICTIONS) -> Parcel:
    return Parcel(kind, Form.ARROW, (b"x" * size,), rows)


def outbox(clock: Callable[[], float] = lambda: 0.0, **limits: float) -> Outbox:
    return Outbox(Limits(batch_seconds=LONG, **limits), clock)  # type: ignore[arg-type]


def fill(box: Outbox, rows: int) -> list[Drop | None]:
    return [box.put(Kind.PREDICTIONS, ROW) for _ in range(rows)]


def rows_of(box: Outbox) -> int:
    taken = box.take()
    assert taken is not None
    return taken.rows


def test_so_many_rows_are_a_batch() -> None:
    box = outbox(batch_rows=3)
    fill(box, 7)
    assert [rows_of(box), rows_of(box)] == [3, 3]
    assert box.pending == 1 + 3  # the last batch is under way


def test_so_many_bytes_are_a_batch() -> None:
    box = outbox(batch_bytes=2 * ROW_BYTES)
    fill(box, 2)
    assert rows_of(box) == 2


def test_rows_weigh_what_the_last_ones_weighed() -> None:
    box = outbox(batch_bytes=1_000, queue_bytes=2_000)
    box.weigh(10, 5_000)
    assert fill(box, 5) == [None, None, None, None, Drop.QUEUE_FULL]
    assert rows_of(box) == 2


def test_so_much_time_makes_a_batch() -> None:
    time = [0.0]
    box = outbox(clock=lambda: time[0])
    fill(box, 2)
    time[0] = LONG
    assert rows_of(box) == 2


def test_a_sender_that_waits_is_woken() -> None:
    box, taken = outbox(batch_rows=2), list[Batch | Parcel | None]()
    thread = threading.Thread(target=lambda: taken.append(box.take()))
    thread.start()
    fill(box, 2)
    thread.join()
    assert isinstance(taken[0], Batch)


def test_labels_and_predictions_go_apart_in_the_order_in_which_they_were_cut() -> None:
    box = outbox(batch_rows=2)
    box.put(Kind.LABELS, LABEL)
    fill(box, 2)
    box.put(Kind.LABELS, LABEL)
    box.put_parcel(parcel(5))
    kinds = [taken.kind for taken in (box.take(), box.take(), box.take()) if taken]
    assert kinds == [Kind.PREDICTIONS, Kind.LABELS, Kind.PREDICTIONS]


def test_a_full_outbox_refuses_and_has_room_again() -> None:
    box = outbox(queue_rows=2, batch_rows=2)
    assert fill(box, 3) == [None, None, Drop.QUEUE_FULL]
    box.take()
    assert fill(box, 1) == [None]


def test_parcels_use_half_of_the_bytes_and_rows_the_rest() -> None:
    box = outbox(queue_bytes=10 * ROW_BYTES)
    assert box.put_parcel(parcel(100, 3 * ROW_BYTES)) is None
    assert box.put_parcel(parcel(100, 3 * ROW_BYTES)) is Drop.QUEUE_FULL
    assert fill(box, 8) == [*[None] * 7, Drop.QUEUE_FULL]
    box.take()
    assert fill(box, 1) == [None]


def test_a_parcel_larger_than_the_outbox_is_taken_when_that_is_empty() -> None:
    box = outbox(queue_bytes=10)
    assert box.put_parcel(parcel(1, 100)) is None
    assert box.put_parcel(parcel(1, 1)) is Drop.QUEUE_FULL


def test_patience_waits_for_room() -> None:
    box, refusals = outbox(queue_bytes=10), list[Drop | None]()
    box.put_parcel(parcel())
    thread = threading.Thread(target=lambda: refusals.append(box.put_parcel(parcel(), LONG)))
    thread.start()
    box.take()
    thread.join()
    assert refusals == [None]


def test_patience_ends_when_nothing_gets_through() -> None:
    box, refusals = outbox(queue_bytes=10), list[Drop | None]()
    box.put_parcel(parcel())
    thread = threading.Thread(target=lambda: refusals.append(box.put_parcel(parcel(), LONG)))
    thread.start()
    box.struggle(struggling=True)
    thread.join()
    assert refusals == [Drop.QUEUE_FULL]


def test_patience_ends_with_the_outbox() -> None:
    box = outbox()
    box.close()
    assert box.put_parcel(parcel(), LONG) is Drop.CLOSED


def test_a_reference_needs_no_room_and_replaces_the_one_before() -> None:
    box = outbox(queue_bytes=10)
    box.put_parcel(parcel())
    old, new = (parcel(0, size, Kind.REFERENCE) for size in (7, 8))
    assert box.put_reference(old) is None
    assert box.put_reference(new) is None
    assert [box.take(), box.take()] == [parcel(), new]


def test_drain_waits_for_what_is_here() -> None:
    box, done = outbox(), list[bool]()
    fill(box, 1)
    thread = threading.Thread(target=lambda: done.append(box.drain(LONG)))
    thread.start()
    assert rows_of(box) == 1
    box.settle()
    thread.join()
    assert done == [True]


def test_drain_tells_when_time_is_up() -> None:
    box = outbox()
    assert box.drain(0.0)
    fill(box, 1)
    assert not box.drain(0.0)


def test_closed_it_takes_nothing_and_gives_what_it_has() -> None:
    box = outbox()
    fill(box, 2)
    box.close()
    assert fill(box, 1) == [Drop.CLOSED]
    assert box.put_parcel(parcel()) is Drop.CLOSED
    assert box.put_reference(parcel(0, 1, Kind.REFERENCE)) is Drop.CLOSED
    assert rows_of(box) == 2
    assert box.take() is None


def test_what_is_abandoned_is_counted_once() -> None:
    box = outbox(batch_rows=3)
    fill(box, 4)
    box.take()
    assert box.claim(1)
    box.put_reference(parcel(0, 1, Kind.REFERENCE))
    assert box.abandon() == Left(rows=3, references=1)
    assert not box.claim(2)
    assert box.pending == 0
    assert box.drain(0.0)
    assert box.take() is None


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_rows_under_way_are_pending_until_claimed(rows: int) -> None:
    box = outbox()
    box.put_parcel(parcel(5))
    box.take()
    box.claim(rows)
    assert box.pending == box.under_way == 5 - rows
