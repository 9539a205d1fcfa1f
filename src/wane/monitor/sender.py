"""The thread that takes parcels from the outbox and delivers them."""

from __future__ import annotations

import json
import random
import threading
from itertools import count
from typing import TYPE_CHECKING

from wane.errors import DataError, WaneError
from wane.monitor.complaints import Complaints
from wane.monitor.counts import Drop, Tally
from wane.monitor.outbox import Left, Outbox
from wane.monitor.pack import pack
from wane.monitor.parcel import Accepted, Failed, Form, Kind, Parcel, Refused
from wane.monitor.process import process

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wane.monitor.limits import Limits
    from wane.monitor.pack import Batch
    from wane.monitor.parcel import Answer, Transport

LONGEST_WAIT_SECONDS = 3_600.0
"""Whatever the other side asks for."""
SHOWN = 3
"""Lost values named in one message."""


class Sender:
    """Owns outbox, counts and thread; in a forked child it has fresh ones.

    Args:
        name: What to call it: names the thread, and begins its messages.
        transport: Where parcels go.
        limits: How long and how often.
        rest: Waits so many seconds; true when it was told to give up. None: until `close`.
        chance: A number in [0, 1), for the jitter.
    """

    def __init__(
        self,
        name: str,
        transport: Transport,
        limits: Limits,
        *,
        rest: Callable[[float], bool] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._name = name
        self._transport = transport
        self._limits = limits
        self._given_rest = rest
        self._chance = chance
        self.renew()

    def renew(self) -> None:
        """Start from nothing, as a child process: what its parent holds, the parent sends."""
        self.outbox = Outbox(self._limits)
        self.tally = Tally()
        self.complaints = Complaints(self._name)
        self._given_up = threading.Event()
        self._rest = self._given_rest or self._given_up.wait
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, if it does not run yet; it ends with the process or `close`."""
        if self._thread is not None:
            return
        with self._starting:
            if self._thread is None:
                process.watch_over(self)
                thread = threading.Thread(
                    target=self._run, args=(self.outbox,), name=self._name, daemon=True
                )
                thread.start()
                self._thread = thread

    def retire(self) -> None:
        """Take nothing more, and end the thread when everything is sent; does not wait."""
        self.outbox.close()

    def close(self, timeout: float | None) -> bool:
        """Take nothing more; wait for delivery, then give up the rest. Whether there was none."""
        self.outbox.close()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        self._given_up.set()
        left = self.outbox.abandon()
        why = "the monitor was closed before that"
        if left.rows:
            self._lose("rows", left.rows, Drop.CLOSED, why)
        if left.references:
            self._lose(Kind.REFERENCE, 0, Drop.CLOSED, why)
        return left == Left(0, 0)

    def end(self) -> None:
        """Close, without holding up the end of the process for long."""
        self.close(self._limits.exit_seconds)

    def say_lost(self, lost: Sequence[str]) -> None:
        """Count values that are sent as missing, and say so."""
        if lost:
            self.tally.null(len(lost))
            self.complaints.say("nulled", lost_error(lost))

    def _run(self, outbox: Outbox) -> None:
        while (taken := outbox.take()) is not None:
            try:
                for parcel in self._parcels(outbox, taken):
                    self._deliver(outbox, parcel)
            except Exception as error:  # noqa: BLE001 - the thread must outlive any fault
                self._fail(outbox, taken, error)
            outbox.settle()
        self._transport.close()

    def _parcels(self, outbox: Outbox, taken: Batch | Parcel) -> Sequence[Parcel]:
        """What was taken, written out; rows that cannot be are dropped."""
        if isinstance(taken, Parcel):
            return (taken,)
        packed = pack(taken, self._limits.batch_bytes)
        outbox.weigh(taken.rows, sum(parcel.size for parcel in packed.parcels))
        self.say_lost(packed.lost)
        for reason, rows in packed.dropped.items():
            if outbox.claim(rows):
                why = repr(packed.error) if reason is Drop.MONITOR_ERROR else "its size"
                self._lose(taken.kind, rows, reason, why)
        return packed.parcels

    def _fail(self, outbox: Outbox, taken: Batch | Parcel, error: Exception) -> None:
        """An error of ours: whatever was not yet delivered of what was taken is lost."""
        self.tally.fail()
        rows = outbox.under_way
        if outbox.claim(rows):
            self._lose(taken.kind, rows, Drop.MONITOR_ERROR, repr(error))

    def _deliver(self, outbox: Outbox, parcel: Parcel) -> None:
        """Try until the parcel has arrived, is refused, or there is no point in more."""
        for attempt in count(1):
            if self._given_up.is_set():
                return  # `close` has counted it
            answer = self._send(parcel)
            outbox.struggle(struggling=isinstance(answer, Failed))
            if isinstance(answer, Accepted):
                if outbox.claim(parcel.rows):
                    self._count(parcel, answer)
                self._report_drops()
                return
            if isinstance(answer, Refused):
                if outbox.claim(parcel.rows):
                    self._refuse(parcel, answer)
                return
            self.complaints.say("delivery", self._trouble(answer))
            if not answer.away and attempt >= self._limits.attempts:
                if outbox.claim(parcel.rows):
                    self._lose(parcel.kind, parcel.rows, Drop.NOT_DELIVERED, answer.reason)
                return
            if self._rest(self._wait_seconds(attempt, answer)):
                return

    def _send(self, parcel: Parcel) -> Answer:
        try:
            return self._transport.send(parcel)
        except Exception as error:  # noqa: BLE001 - whatever a transport does not foresee
            return Failed(f"{type(error).__name__}: {error}", away=False)

    def _wait_seconds(self, attempt: int, answer: Failed) -> float:
        """Exponential, half of it by chance, and not before the other side wants."""
        limits = self._limits
        mean = limits.first_retry_seconds * 2.0 ** min(attempt - 1, 30)
        wait = min(mean, limits.longest_retry_seconds) * (0.5 + self._chance())
        return min(max(wait, answer.retry_after_seconds or 0.0), LONGEST_WAIT_SECONDS)

    def _count(self, parcel: Parcel, answer: Accepted) -> None:
        rejected = sum(answer.rejected.values())
        self.tally.send(parcel.rows - rejected, answer.duplicates, answer.rejected)
        if rejected:
            codes = ", ".join(f"{code}: {rows:,}" for code, rows in answer.rejected.items())
            self.complaints.say(
                "rejected",
                DataError(
                    f"{self._transport.destination} did not take {rejected:,} of {parcel.rows:,} "
                    f"{parcel.kind} ({codes})",
                    got=answer.reason or None,
                ),
            )

    def _refuse(self, parcel: Parcel, answer: Refused) -> None:
        if parcel.rows:
            self.tally.send(0, 0, {answer.code: parcel.rows})
        else:
            self.tally.fail()
        what = f"{parcel.rows:,} {parcel.kind}" if parcel.rows else f"the {parcel.kind}"
        self.complaints.say(
            "refused",
            DataError(
                f"{self._transport.destination} refused {what} ({answer.code})", got=answer.reason
            ),
        )

    def _lose(self, kind: str, rows: int, reason: Drop, why: str) -> None:
        if rows:
            self.tally.drop(reason, rows)
        else:
            self.tally.fail()
        what = f"{kind} are lost ({reason}; rows: {rows:,})" if rows else f"the {kind} is lost"
        self.complaints.say(reason.value, DataError(what, got=why))

    def _trouble(self, answer: Failed) -> WaneError:
        return DataError(
            f"{self._transport.destination} takes nothing at the moment",
            got=answer.reason,
            hint="Rows wait, and are sent when it does again.",
        )

    def _report_drops(self) -> None:
        """Tell what was dropped; once more with the next parcel when this does not arrive."""
        unreported = self.tally.unreported()
        if not unreported:
            return
        told = Parcel(Kind.CLIENT, Form.JSON, (json.dumps({"dropped": unreported}).encode(),))
        if not isinstance(self._send(told), Failed):
            self.tally.report(unreported)


def lost_error(lost: Sequence[str]) -> DataError:
    """What is to be said of values that cannot be sent."""
    shown = ", ".join(lost[:SHOWN])
    more = f" and {len(lost) - SHOWN:,} more" if len(lost) > SHOWN else ""
    return DataError(
        f"sent as missing: {shown}{more}",
        expected="finite numbers, booleans, times and texts of at most 65,536 characters",
    )
