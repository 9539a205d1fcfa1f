"""Kill a service at random moments, start it again, and look for what was lost or counted twice.

    .venv/bin/python benchmarks/crash.py [--kills 200] [--seed 1]

A child appends batches of predictions and labels, moves them to files, evaluates, merges files and
forgets old rows, in random order. It tells of a batch when the store has returned; the parent
writes that to a ledger, on the disk, before it counts. Then SIGKILL, at a random moment, and a new
child goes on where the ledger ends. At last one is let finish, and

- every batch in the ledger whose rows are still kept lies in the inbox or a file, once;
- no row lies in two places;
- the stored profile of every window says what plain Python counts of the same batches, and has the
  same counts in all cells as one of a store to which they came undisturbed.

A killed process leaves the page cache behind, so this says nothing of a loss of power.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wane.engine.work import count_source
from wane.events.event import Label, Prediction
from wane.pipeline.attend import keep
from wane.pipeline.evaluate import evaluate
from wane.pipeline.standing import Standing, unpack
from wane.pipeline.upkeep import upkeep
from wane.sources.request import Request, open_request
from wane.store.directory import DataDirectory
from wane.store.move import prepare, sweep
from wane.store.records import Delivery, Kind, StoredReference
from wane.store.sqlite import SqliteStore
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.engine.local import Workers
    from wane.engine.messages import Counted, Plan
    from wane.profile.summarise import Share
    from wane.sources.description import Description
    from wane.store.records import Model

T = TypeVar("T")
START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
STEP = dt.timedelta(minutes=5)
"""Between batches."""
HOUR = dt.timedelta(hours=1)
ROWS = 20
LABELS_AFTER = 6
"""Batches until the labels of one come; some come twice, some corrected."""
SETTINGS = (
    '{"task": "binary", "classes": ["0", "1"], "every": "1h", '
    '"service": {"keep_rows": "12h", "keep_profiles": "400d"}}'
)
LEAST_BATCHES_LEFT = 30
"""The last child has something to do, too."""


STILLBORN = 0.1
"""Share of children whose time runs before they are ready."""


class Here:
    """What `Workers` do, done in this process: the child has no time to start others."""

    processes = 1

    def describe(self, request: Request, sample_rows: int) -> Future[Description]:
        """See `Workers.describe`."""
        return _done(lambda: open_request(request).describe(sample_rows))

    def fields(self, request: Request) -> Future[tuple[str, ...]]:
        """See `Workers.fields`."""
        return _done(lambda: tuple(open_request(request).fields()))

    def count(
        self, request: Request, plan: Plan, share: Share, seen: Callable[[int], None]
    ) -> Future[Counted]:
        """See `Workers.count`."""
        return _done(lambda: count_source(open_request(request), plan, share, seen))


def _done(work: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - the future carries it
        future.set_exception(error)
    return future


HERE = cast("Workers", Here())


def time_of(batch: int) -> dt.datetime:
    """When a batch comes."""
    return START + batch * STEP


def predictions_of(batch: int) -> list[Prediction]:
    """The predictions of a batch: mostly of its own time, a few from an hour before."""
    chance = random.Random(batch)  # noqa: S311
    events = []
    for i in range(ROWS):
        late = HOUR if i == 0 and batch * STEP >= HOUR else dt.timedelta(0)
        events.append(
            Prediction(
                id=f"{batch:06d}-{i}",
                timestamp=time_of(batch) - late + i * dt.timedelta(seconds=1),
                prediction=chance.randrange(2),
                score=chance.random(),
                features={"x": chance.random(), "kind": chance.choice("abc")},
            )
        )
    return events


def labels_of(batch: int) -> list[Label]:
    """The labels that come with a batch: of an earlier one, and corrections of one before."""
    labels = []
    for age, share in ((LABELS_AFTER, 0.8), (2 * LABELS_AFTER, 0.3)):
        of = batch - age
        chance = random.Random(f"{of} {age}")  # noqa: S311
        labels += [
            Label(id=f"{of:06d}-{i}", label=chance.randrange(2), timestamp=time_of(batch))
            for i in range(ROWS if of >= 0 else 0)
            if chance.random() < share
        ]
    return labels


def expected(batches: int) -> dict[int, Counter[tuple[int, int | None]]]:
    """Window -> (prediction, label) -> rows, by what was sent."""
    answers = {label.id: label.label for k in range(batches) for label in labels_of(k)}
    found: dict[int, Counter[tuple[int, int | None]]] = {}
    for k in range(batches):
        for event in predictions_of(k):
            at = to_microseconds(event.timestamp or START)
            start = at // (3600 * 1_000_000) * (3600 * 1_000_000)
            label = answers.get(event.id or "")
            pair = cast("tuple[int, int | None]", (event.prediction, label))
            found.setdefault(start, Counter())[pair] += 1
    return found


def prepare_directory(path: Path) -> None:
    """A directory whose model has a reference, so that its plan does not depend on chance."""
    with DataDirectory(path) as directory:
        store = SqliteStore(directory.state)
        model = store.open_model("default", "churn", START)
        store.configure(model.id, SETTINGS, START)
        events = [event for k in range(20) for event in predictions_of(k)]
        table = pa.table(
            {
                "prediction": [event.prediction for event in events],
                "score": [event.score for event in events],
                "label": [i % 2 for i in range(len(events))],
                "x": [event.features["x"] for event in events],
                "kind": [event.features["kind"] for event in events],
            }
        )
        pq.write_table(table, directory.references / "r.parquet")
        store.put_reference(model.id, StoredReference("r.parquet", len(events), START))
        store.close()


class Child:
    """The service, as one process sees it."""

    def __init__(self, path: Path, tell: Callable[[str], object]) -> None:
        self.directory = DataDirectory(path).hold()
        self.store = SqliteStore(self.directory.state)
        sweep(self.store, self.directory.raw)
        self.tell = tell
        tell("ready 0")

    @property
    def model(self) -> Model:
        """The model as it is now."""
        return self.store.models()[0]

    def work(self, first: int, last: int, chance: random.Random) -> None:
        """Append batches from `first` on, with everything else in between."""
        batch = first
        while batch < last:
            self.append(batch)
            batch += 1
            if chance.random() < 0.3:
                chance.choice([*[self.move] * 5, self.attend, self.keep_up])(time_of(batch))
        self.keep_up(time_of(last) + 2 * HOUR)

    def append(self, batch: int) -> None:
        """Accept a batch, and say so once it is on the disk."""
        now, number = time_of(batch), self.model.id
        self.store.append(
            [
                Delivery(number, now, predictions=predictions_of(batch)),
                Delivery(number, now, labels=labels_of(batch)),
            ]
        )
        self.tell(f"accepted {batch}")

    def move(self, _now: dt.datetime) -> None:
        """Move some of the inbox."""
        if moved := prepare(self.store, self.directory.raw, self.model.id, 5):
            self.store.moved(self.model.id, moved)

    def attend(self, now: dt.datetime) -> None:
        """Move all, evaluate, store; pages are left out, which only take time."""
        while self.store.inbox(self.model.id, 1):
            self.move(now)
        found = evaluate(self.store, self.directory, self.model, HERE, now)
        if found is not None:
            keep(self.store, self.model, found.outcome, now)

    def keep_up(self, now: dt.datetime) -> None:
        """Delete, forget and merge; rows are counted before they are forgotten."""
        self.attend(now)
        done = upkeep(self.store, self.directory, now)
        if done.failures:
            raise AssertionError(done.failures)


def nursery(path: Path) -> None:
    """Fork children on demand: "first last seed" on standard input; one at a time."""
    out = sys.stdout.fileno()
    for line in sys.stdin:
        first, last, seed = map(int, line.split())
        child = os.fork()
        if child == 0:
            _live(path, first, last, seed, out)
        os.write(out, f"born {child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(out, f"dead {os.waitstatus_to_exitcode(status)}\n".encode())


def _live(path: Path, first: int, last: int, seed: int, out: int) -> None:
    """A child's life; it never returns."""
    code = 1
    try:
        child = Child(path, lambda text: os.write(out, f"{text}\n".encode()))
        child.work(first, last, random.Random(seed))  # noqa: S311
        code = 0
    finally:
        if code:
            import traceback  # noqa: PLC0415

            traceback.print_exc()
        os._exit(code)


@dataclass
class Parent:
    """Who kills, and keeps the ledger."""

    path: Path
    chance: random.Random
    accepted: int = 0
    """Batches in the ledger: those before this number."""
    longest_life_seconds: float = 0.5
    kills: int = 0
    finished: int = 0
    """Children that were done before they were killed."""

    def run(self, kills: int, batches: int) -> None:
        """Have `batches` appended, with so many kills on the way."""
        with (
            (self.path / "ledger").open("a") as ledger,
            subprocess.Popen(  # noqa: S603 - this file
                [sys.executable, __file__, "--nursery", str(self.path / "data")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
            ) as children,
        ):
            while self.kills < kills or self.accepted < batches or not self.finished:
                mortal = self.kills < kills
                last = batches - LEAST_BATCHES_LEFT if mortal else batches
                self._one(children, ledger, max(last, self.accepted + 1), mortal=mortal)
            if children.stdin is not None:
                children.stdin.close()

    def _one(self, children: Any, ledger: Any, last: int, *, mortal: bool) -> None:  # noqa: ANN401
        """One child from birth to death."""
        seed = self.chance.randrange(1 << 30)
        children.stdin.write(f"{self.accepted} {last} {seed}\n")
        awaited = {"born"} if self.chance.random() < STILLBORN else {"born", "ready"}
        while awaited:  # the child may speak before the nursery does
            word, number = children.stdout.readline().split()
            awaited.discard(word)
            if word == "born":
                pid = int(number)
            self._note(ledger, word, number)
        if mortal:
            time.sleep(self.chance.random() * self.longest_life_seconds)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for line in children.stdout:
            word, number = line.split()
            if word == "dead":
                break
            self._note(ledger, word, number)
        if number == str(-signal.SIGKILL):
            self.kills += 1
        elif number != "0":
            raise AssertionError(f"a child ended with {number} after {self.kills} kills")
        elif not mortal:
            self.finished += 1

    def _note(self, ledger: Any, word: str, number: str) -> None:  # noqa: ANN401
        """Write into the ledger that a batch was accepted, if that is what was said."""
        if word != "accepted":
            return
        ledger.write(f"{number}\n")
        ledger.flush()
        os.fsync(ledger.fileno())
        self.accepted = max(self.accepted, int(number) + 1)


def check(path: Path, calm: Path, batches: int) -> Counter[str]:
    """Compare what is stored with what was sent, and with a run without kills."""
    with DataDirectory(path) as directory, DataDirectory(calm) as quiet:
        store, other = SqliteStore(directory.state), SqliteStore(quiet.state)
        rows = _rows(store, directory)
        repeated = [key for key, count in rows.items() if count > 1]
        assert not repeated, f"{len(repeated)} rows lie in two places, such as {repeated[0]}"
        since = store.models()[0].rows_since or 0
        kept = {
            event.id
            for k in range(batches)
            for event in predictions_of(k)
            if to_microseconds(event.timestamp or START) >= since
        }
        lost = sorted(kept - rows.keys())  # type: ignore[type-var]
        assert not lost, f"{len(lost)} accepted rows are gone, such as {lost[0]}"
        found, calmly = _windows(store), _windows(other)
        assert found.keys() == calmly.keys() == expected(batches).keys()
        for start, table in expected(batches).items():
            assert found[start].table == table, f"window {start}: {found[start].table} != {table}"
            assert np.array_equal(found[start].cells, calmly[start].cells), start
        sizes = Counter(
            batches=batches,
            windows=len(found),
            kept_rows=len(kept),
            files=len(store.files(1)),
            strays=sum(1 for each in directory.stray.rglob("*.parquet")),
        )
        store.close()
        other.close()
    return sizes


def _rows(store: SqliteStore, directory: DataDirectory) -> Counter[str]:
    """Id -> times it lies in the inbox or a file."""
    found: Counter[str] = Counter()
    for batch in store.inbox(1, 1 << 30):
        if batch.kind is Kind.PREDICTION:
            found.update(event["id"] for event in msgspec.json.decode(batch.body))
    for file in store.files(1, Kind.PREDICTION):
        found.update(pq.read_table(directory.raw / file.name, columns=["id"])["id"].to_pylist())
    return found


@dataclass(frozen=True)
class Window:
    """What the profile of a window says."""

    table: Counter[tuple[int, int | None]]
    cells: Any


def _windows(store: SqliteStore) -> dict[int, Window]:
    stored = store.plan(1)
    assert stored is not None
    plan = Standing.decode(stored.body).plan
    found = {}
    for window in store.windows(1):
        counters = unpack(window.body, plan).summarised.whole.counters
        table = counters.score[0, :, :, :, 0].sum(axis=0)
        counts = Counter(
            {
                (answer, label): int(table[answer, place])
                for answer in (0, 1)
                for place, label in enumerate((0, 1, None))
            }
        )
        found[window.start] = Window(+counts, counters.cells[0])
    return found


def main() -> None:
    """Run, check, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--batches", type=int, help="default: four for each kill, and a few more")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--life", type=float, default=0.5, help="seconds until a kill, at most")
    parser.add_argument("--nursery", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.nursery is not None:
        nursery(given.nursery)
        return
    batches = given.batches or 100 + 4 * given.kills
    path = Path(tempfile.mkdtemp(prefix="wane-crash-"))
    began = time.monotonic()
    for name in ("data", "calm"):
        prepare_directory(path / name)
    chance = random.Random(given.seed)  # noqa: S311
    parent = Parent(path, chance, longest_life_seconds=given.life)
    parent.run(given.kills, batches)
    calm = Child(path / "calm", lambda _text: None)
    for batch in range(parent.accepted):
        calm.append(batch)
    calm.attend(time_of(parent.accepted) + 2 * HOUR)
    calm.store.close()
    calm.directory.release()
    sizes = check(path / "data", path / "calm", parent.accepted)
    told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sizes.items())
    print(
        f"{parent.kills} kills in {time.monotonic() - began:.0f} s: {told}; nothing was lost, "
        "nothing counted twice"
    )
    shutil.rmtree(path)


if __name__ == "__main__":
    main()
