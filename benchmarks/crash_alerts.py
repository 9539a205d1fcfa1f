"""Kill whoever tells people, at every point where something is sent or stored, and look what came.

    .venv/bin/python benchmarks/crash_alerts.py [--kills 200] [--seed 1]

A child evaluates one day after the other, in which conditions come, get worse, go and are revised,
and tells a receiver what is due. It is killed (SIGKILL, by itself) before or after a message
leaves, before, in or after a transaction, and a new child goes on with what is stored. At last one
is let finish, and

- every step that people should hear of has arrived, at least once, under its own name;
- a message that came twice says the same both times;
- messages of one incident come in order, and none says what never was;
- in the end the receiver takes for open what is open, and nothing else.

A killed process leaves the page cache behind, so this says nothing of a loss of power.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wane.alert.incident import Cause, State
from wane.alert.life import step
from wane.alert.message import News
from wane.alert.notify.channel import Delivered
from wane.alert.route import Route
from wane.alert.signal import Signal, Waiting, fingerprint
from wane.detect.severity import Severity
from wane.pipeline.desk import Desk
from wane.pipeline.notify import notify
from wane.store.records import Evaluated
from wane.store.sqlite import SqliteStore
from wane.window import DAY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

    from wane.alert.incident import Transition
    from wane.alert.message import Group
    from wane.alert.notify.channel import Outcome

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NEXT = dt.timedelta(days=1)
DAYS = 60
CONDITIONS = 5
TOLD = {
    Cause.RAISED: News.FIRING,
    Cause.ESCALATED: News.FIRING,
    Cause.RECOVERED: News.RESOLVED,
    Cause.WITHDRAWN: News.RESOLVED,
}
"""What people hear of a step."""
POINTS = 300
"""A child dies at one of its first so many points."""


class MortalStore(SqliteStore):
    """A store that says when it is about to begin a transaction, and when it has made one."""

    def __init__(self, path: Path, point: Callable[[], None]) -> None:
        self.point = point
        super().__init__(path)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self.point()
        with super()._writing() as write:
            yield write
            self.point()
        self.point()


@dataclass(frozen=True)
class Pipe:
    """A receiver that hears of each message in a line."""

    out: int
    point: Callable[[], None]
    pause_seconds: float = 0.0
    refresh_seconds: float = 0.0
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """See `Channel.send`."""
        del now
        self.point()
        for one in group.messages:
            line = f"{one.fingerprint} {one.sequence} {one.state} {one.severity}\n"
            os.write(self.out, line.encode())
        self.point()
        return Delivered()


def signals_of(seed: int, day: int) -> list[Signal]:
    """What an evaluation says on a day: of each condition, on which days it held so far."""
    found = []
    for condition in range(CONDITIONS):
        chance = random.Random(f"{seed} {condition}")  # noqa: S311
        held = [chance.random() < 0.45 for _ in range(DAYS)]
        revised = random.Random(f"{seed} {condition} {day}")  # noqa: S311
        days = [
            at for at in range(day + 1) if held[at] and (at < day - 2 or revised.random() < 0.9)
        ]
        if not days:
            continue
        since = days[-1]
        while since - 1 in days:
            since -= 1
        earlier = [at for at in days if at < since]
        rank = random.Random(f"{seed} {condition} {days[-1]}").random()  # noqa: S311
        rule = f"rule {condition}"
        found.append(
            Signal(
                fingerprint=fingerprint("default", "churn", rule, ("accuracy", None, None)),
                rule=rule,
                metric="accuracy",
                column=None,
                segment=None,
                severity=Severity.CRITICAL if rank < 0.5 else Severity.WARNING,
                windows=tuple(at * DAY for at in days),
                since=since * DAY,
                gap=since - earlier[-1] - 1 if earlier else 0,
                quiet=day - days[-1],
                waiting=Waiting.NOTHING,
                value=0.8,
                threshold=0.9,
                reason="accuracy 0.8 is below 0.9",
            )
        )
    return found


def live(path: Path, seed: int, dies_at: int | None, out: int) -> None:
    """A child: from the day that is stored on, tell what is due, then evaluate the next one."""
    passed = 0

    def point() -> None:
        nonlocal passed
        passed += 1
        if passed == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    store = MortalStore(path, point)
    model = store.open_model("default", "churn", START)
    desk = Desk(
        (
            Route(
                "pipe",
                group_by=("rule",),
                group_wait=dt.timedelta(0),
                group_interval=dt.timedelta(0),
            ),
        ),
        {"pipe": {"line": Pipe(out, point)}},
    )
    while True:
        stored = store.result(model.id, "day")
        day = -1 if stored is None else int(stored.body)
        now = START + (day + 1) * NEXT
        while notify(store, desk, now):
            pass
        if day == DAYS - 1:
            return
        known = [kept.incident for kept in store.alerts.incidents(model.id)]
        done = step(known, signals_of(seed, day + 1), now)
        outcome = Evaluated("", {}, (), {}, {"day": str(day + 1).encode()})
        store.evaluated(model.id, outcome, now, done)


@dataclass
class Receiver:
    """What arrived.

    Attributes:
        lines: In order: fingerprint, sequence, news.
        open: Fingerprints that it takes for open.
    """

    lines: list[tuple[str, int, News]] = field(default_factory=list)
    open: set[str] = field(default_factory=set)

    def hear(self, text: str) -> None:
        """One line."""
        name, sequence, news, _ = text.split()
        self.lines.append((name, int(sequence), News(news)))
        (self.open.discard if news == News.RESOLVED else self.open.add)(name)


def story(path: Path, seed: int, chance: random.Random, kills: int) -> tuple[Receiver, int]:
    """The days once, with some kills on the way; what arrived, and how many kills there were."""
    receiver, killed = Receiver(), 0
    while True:
        dies_at = chance.randrange(1, POINTS) if killed < kills else None
        mouth, out = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(mouth)
            code = 1
            try:
                live(path, seed, dies_at, out)
                code = 0
            finally:
                os._exit(code)
        os.close(out)
        with os.fdopen(mouth) as lines:
            for line in lines:
                receiver.hear(line)
        _, status = os.waitpid(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        if ended == 0:
            return receiver, killed
        if ended != -signal.SIGKILL:
            raise AssertionError(f"a child ended with {ended} after {killed} kills")
        killed += 1


def check(path: Path, receiver: Receiver) -> int:
    """Compare what arrived with what happened; how many steps people should hear of.

    Raises:
        AssertionError: Something was lost, contradicts itself, or never was.
    """
    store = SqliteStore(path)
    (model,) = store.models()
    steps = {(one.fingerprint, one.sequence): one for one in store.alerts.transitions(model.id)}
    heard: dict[tuple[str, int], News] = {}
    last: dict[str, int] = {}
    for name, sequence, news in receiver.lines:
        assert (name, sequence) in steps, f"{name} {sequence} never was"
        assert heard.setdefault((name, sequence), news) == news, (
            f"{name} {sequence} says two things"
        )
        assert sequence >= last.get(name, 0), f"{name} {sequence} came after {last[name]}"
        after = steps[name, sequence].after
        assert (news is News.RESOLVED) == (after is State.RESOLVED), f"{name} {sequence} lies"
        last[name] = sequence
    wanted = {key: TOLD[one.cause] for key, one in steps.items() if one.cause in TOLD}
    lost = [
        key for key, news in wanted.items() if heard.get(key) is not news and _is_news(key, steps)
    ]
    assert not lost, f"nobody heard of {lost[:3]}"
    is_open = {
        k.incident.fingerprint for k in store.alerts.incidents(model.id) if k.incident.is_told
    }
    assert receiver.open == is_open, f"{receiver.open ^ is_open} are taken for what they are not"
    store.close()
    return len(wanted)


def _is_news(key: tuple[str, int], steps: Mapping[tuple[str, int], Transition]) -> bool:
    """Whether a step is not overtaken by another one of the same evaluation."""
    name, sequence = key
    follows = steps.get((name, sequence + 1))
    return follows is None or follows.at != steps[key].at


def main() -> None:
    """Stories until there were enough kills."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311
    begin, killed, told, came, seed = time.perf_counter(), 0, 0, 0, given.seed
    while killed < given.kills:
        with tempfile.TemporaryDirectory() as box:
            path = Path(box) / "state.db"
            receiver, more = story(path, seed, chance, min(10, given.kills - killed))
            told += check(path, receiver)
        killed, came, seed = killed + more, came + len(receiver.lines), seed + 1
    sys.stdout.write(
        f"{killed} kills in {time.perf_counter() - begin:.0f} s: {told:,} steps to tell of, "
        f"{came:,} messages came; none was lost, none contradicts what was\n"
    )


if __name__ == "__main__":
    main()
