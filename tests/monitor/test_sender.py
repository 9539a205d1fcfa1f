from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from wane.monitor.event import LabelEvent, PredictionEvent
from wane.monitor.limits import Limits
from wane.monitor.parcel import Accepted, Answer, Failed, Form, Kind, Parcel, Refused
from wane.monitor.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Mapping

AWAY = Failed("nobody there", away=True)
BROKEN = Failed("500", away=False)


@dataclass
class Scripted:
    """Gives the answers it was told, then accepts."""

    answers: list[Answer | Exception] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    closed: bool = False
    destination: str = "there"

    def send(self, parcel: Parcel) -> Answer:
        self.parcels.append(parcel)
        answer = self.answers.pop(0) if self.answers else Accepted()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return False


def row(features: Mapping[str, object] | None = None) -> PredictionEvent:
    return PredictionEvent("a", 0, {}, features)


def run(there: Scripted, *rows: PredictionEvent, limits: Limits | None = None) -> Sender:
    """Send rows as one batch, in this thread, to the end."""
    sender = Sender("test", there, limits or Limits(), rest=there.rest, chance=lambda: 0.5)
    for each in rows:
        sender.tally.log(1)
        sender.outbox.put(Kind.PREDICTIONS, each)
    sender.outbox.close()
    sender._run(sender.outbox)
    counts = sender.tally.counts(sender.outbox.pending)
    assert counts.pending == 0
    lost = sum(counts.dropped.values()) + sum(counts.rejected.values())
    assert counts.logged == counts.sent + lost
    assert there.closed
    return sender


def test_a_batch_is_one_parcel_of_lines() -> None:
    there = Scripted()
    run(there, row({"x": 1}), row())
    (parcel,) = there.parcels
    assert (parcel.kind, parcel.form, parcel.rows) == (Kind.PREDICTIONS, Form.NDJSON, 2)
    assert [json.loads(line)["id"] for line in parcel.body().splitlines()] == ["a", "a"]


def test_a_large_batch_is_several_parcels_and_a_row_that_fits_none_is_dropped() -> None:
    there = Scripted()
    rows = [row({"x": "y" * size}) for size in (2_500, 2_500, 9_000, 2_500, 2_500)]
    counts = run(there, *rows, limits=Limits(batch_bytes=6_000)).tally.counts(0)
    assert [parcel.rows for parcel in there.parcels if parcel.rows] == [2, 2]
    assert dict(counts.dropped) == {"row too large": 1}


def test_while_there_is_nobody_it_tries_without_end_and_waits_longer_and_longer() -> None:
    there = Scripted([AWAY] * 12)
    counts = run(there, row()).tally.counts(0)
    assert counts.sent == 1
    assert there.rests == [0.5, 1, 2, 4, 8, 16, *[30] * 6]


def test_waits_differ_by_chance() -> None:
    there = Scripted()
    sender = Sender("test", there, Limits(), chance=lambda: 0.0)
    assert sender._wait_seconds(1, AWAY) == 0.25
    assert sender._wait_seconds(10_000, AWAY) == 15.0


def test_it_waits_as_long_as_it_is_asked_to_within_reason() -> None:
    asked = [Failed("429", away=True, retry_after_seconds=seconds) for seconds in (7.0, 0.1, 1e9)]
    there = Scripted([*asked])
    run(there, row())
    assert there.rests == [7.0, 1.0, 3_600.0]


@pytest.mark.parametrize("answer", [BROKEN, RuntimeError("a bug")])
def test_a_batch_on_which_the_other_side_breaks_is_given_up(answer: Failed | Exception) -> None:
    there = Scripted([answer] * 3)
    counts = run(there, row(), row(), limits=Limits(attempts=3)).tally.counts(0)
    assert dict(counts.dropped) == {"not delivered": 2}
    assert len(there.rests) == 2


def test_what_is_refused_is_not_tried_again() -> None:
    there = Scripted([Refused("forbidden", "no")])
    counts = run(there, row(), row()).tally.counts(0)
    assert dict(counts.rejected) == {"forbidden": 2}
    assert len(there.parcels) == 1
    assert there.rests == []


def test_rows_that_are_rejected_are_counted_by_code_and_the_reason_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    there = Scripted([Accepted(1, {"future": 1}, "the time lies in the future")])
    counts = run(there, row(), row(), row()).tally.counts(0)
    assert (counts.sent, counts.duplicates, dict(counts.rejected)) == (2, 1, {"future": 1})
    assert "the time lies in the future" in caplog.text


def test_drops_are_reported_with_the_next_success_and_once() -> None:
    there = Scripted([BROKEN, Accepted(), AWAY, Accepted(), Accepted()])
    sender = Sender("test", there, Limits(attempts=1, batch_rows=1), rest=there.rest)
    for _ in range(4):
        sender.outbox.put(Kind.PREDICTIONS, row())
    sender.outbox.close()
    sender._run(sender.outbox)
    told = [json.loads(each.body()) for each in there.parcels if each.kind is Kind.CLIENT]
    assert told == [{"dropped": {"not delivered": 1}}] * 2  # the first did not arrive
    kinds = [each.kind for each in there.parcels]
    assert kinds[-1] is Kind.PREDICTIONS


def test_a_reference_that_is_refused_is_an_error() -> None:
    there = Scripted([Refused("bad", "no")])
    sender = Sender("test", there, Limits())
    sender.outbox.put_reference(Parcel(Kind.REFERENCE, Form.PARQUET, (b"x",)))
    sender.outbox.close()
    sender._run(sender.outbox)
    assert sender.tally.counts(0).errors == 1


def test_closed_while_nobody_is_there_it_gives_up_and_counts() -> None:
    there = Scripted([AWAY] * 1_000_000)
    sender = Sender("test", there, Limits(batch_rows=1, first_retry_seconds=1e6))
    sender.start()
    sender.outbox.put(Kind.PREDICTIONS, row())
    sender.outbox.put(Kind.LABELS, LabelEvent("a", 0, 1))
    sender.outbox.put_reference(Parcel(Kind.REFERENCE, Form.PARQUET, (b"x",)))
    assert not sender.close(0.0)
    counts = sender.tally.counts(sender.outbox.pending)
    assert (dict(counts.dropped), counts.errors, counts.pending) == ({"closed": 2}, 1, 0)
    assert sender._thread is not None
    sender._thread.join()
    assert sender.tally.counts(0) == counts


def test_a_foreign_mapping_that_raises_costs_its_row_alone() -> None:
    class Hostile(dict[str, object]):
        def items(self) -> object:  # type: ignore[override]
            raise RuntimeError("no")

    there = Scripted()
    counts = run(there, row(), row(Hostile()), row()).tally.counts(0)
    assert (counts.sent, dict(counts.dropped)) == (2, {"monitor error": 1})


def test_values_that_cannot_be_sent_are_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    counts = run(Scripted(), row({"x": object()}), row({"y": 1j})).tally.counts(0)
    assert (counts.sent, counts.nulled) == (2, 2)
    assert "feature 'x' (object)" in caplog.text


def test_each_kind_of_trouble_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "wane.monitor")
    run(Scripted([AWAY] * 50), row())
    assert len(caplog.records) == 1
