"""Worker processes: whatever happens to them, the caller gets an answer or an error of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from build_log import log
from wane.engine.local import Workers, started
from wane.errors import SchemaError, SourceError, WaneError
from wane.sources.request import Request, locate

if TYPE_CHECKING:
    from collections.abc import Callable

PROC = Path("/proc")
CLI = "from wane.cli import main; raise SystemExit(main())"
USE = """
import datetime as dt, sys, wane
result = wane.check(sys.argv[1], now=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
print(result.rows.used)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    pq.write_table(log(3, 50, seed=1), path)
    return path


def request_of(path: Path) -> Request:
    paths, kind = locate(path)
    return Request(paths, kind, name=path.name)


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[int]]:
    """Tells the workers that were started since the test began and have not ended."""
    if not PROC.is_dir():
        pytest.skip("there is no way to see processes here")
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv("WANE_TEST_MARK", mark)

    def found() -> set[int]:
        pids = set()
        for entry in PROC.iterdir():
            with suppress(OSError):  # not ours, or gone by now
                if entry.name.isdecimal() and mark.encode() in (entry / "environ").read_bytes():
                    pids.add(int(entry.name))
        return pids

    return found


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something becomes true within ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_jobs_are_done_side_by_side_and_nobody_is_left_behind(
    file: Path, alive: Callable[[], set[int]]
) -> None:
    with Workers(3) as workers:
        looks = [workers.describe(request_of(file), 10) for _ in range(8)]
        assert {look.result().rows for look in looks} == {150}
        assert workers.fields(request_of(file)).result()[0] == "timestamp"
        assert eventually(lambda: len(alive()) == 3)
    assert eventually(lambda: not alive())


def test_an_error_of_a_worker_is_raised_here_and_the_worker_lives_on(
    file: Path, alive: Callable[[], set[int]]
) -> None:
    garbage = file.parent / "garbage.parquet"
    garbage.write_bytes(b"PAR1" + bytes(range(256)) * 4 + b"PAR1")
    with Workers(1) as workers:
        first = alive()
        with pytest.raises(SourceError, match=r"garbage\.parquet"):
            workers.describe(request_of(garbage), 10).result()
        with pytest.raises(SchemaError, match="'idd'"):
            workers.duplicates(request_of(file), "idd").result()
        assert workers.describe(request_of(file), 10).result().rows == 150
        assert alive() == first


def test_an_error_that_nobody_foresaw_carries_where_it_happened(file: Path) -> None:
    with Workers(1) as workers, pytest.raises(WaneError, match="a reader failed") as caught:
        workers.describe(request_of(file), "ten").result()  # type: ignore[arg-type]  # a bug
    assert "Traceback" in caught.value.__notes__[0]
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("processes", [1, 2])
def test_a_worker_that_dies_is_an_error_and_is_replaced(
    file: Path, alive: Callable[[], set[int]], processes: int
) -> None:
    with Workers(processes) as workers:
        looks = [workers.describe(request_of(file), 10) for _ in range(4)]
        assert {look.result().rows for look in looks} == {150}
        assert eventually(lambda: len(alive()) == processes)
        for pid in alive():
            os.kill(pid, signal.SIGKILL)
        for _ in range(processes):
            look = workers.describe(request_of(file), 10)
            with pytest.raises(SourceError, match=r"the reader of log\.parquet ended unexpect"):
                look.result()
        assert workers.describe(request_of(file), 10).result().rows == 150
    assert eventually(lambda: not alive())


def test_a_file_that_explodes_takes_only_its_reader_down(file: Path) -> None:
    bomb = file.parent / "bomb.parquet"
    text = pa.table({"x": ["a" * 300_000_000]})
    pq.write_table(text, bomb, compression="zstd", use_dictionary=False, write_statistics=False)
    assert bomb.stat().st_size < 1_000_000
    with Workers(1, memory_bytes=1 << 30) as workers:
        assert workers.describe(request_of(file), 10).result().rows == 150
        with pytest.raises(SourceError):
            workers.describe(request_of(bomb), 10).result()
        assert workers.describe(request_of(file), 10).result().rows == 150


def test_an_error_here_ends_the_workers(file: Path, alive: Callable[[], set[int]]) -> None:
    def fail() -> None:
        with Workers(2) as workers:
            waiting = [workers.describe(request_of(file), 10) for _ in range(50)]
            waiting[0].result()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert eventually(lambda: not alive())


def test_what_was_not_begun_is_cancelled(file: Path) -> None:
    with Workers(1) as workers:
        waiting = [workers.describe(request_of(file), 10) for _ in range(50)]
    with pytest.raises((CancelledError, SourceError)):
        waiting[-1].result()


def test_what_is_begun_after_the_end_fails_at_once(file: Path) -> None:
    with Workers(1) as workers:
        workers.kill()
        for begun in [workers.describe(request_of(file), 10) for _ in range(3)]:
            with pytest.raises(SourceError, match="ended unexpectedly"):
                begun.result(timeout=30)


def test_given_workers_are_used_and_left_running(file: Path) -> None:
    with Workers(1) as mine:
        with started(mine, needed=True) as workers:
            assert workers is mine
        assert mine.describe(request_of(file), 10).result().rows == 150
    with started(None, needed=False) as none:
        assert none is None


def test_a_script_needs_no_main_guard(file: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(USE)
    assert output_of([str(script), str(file)]) == "150\n"


@pytest.mark.parametrize("closed", ["<&-", "<&- 2>&-"])
def test_closed_standard_streams_do_no_harm(file: Path, closed: str, tmp_path: Path) -> None:
    script, told = tmp_path / "script.py", tmp_path / "told"
    script.write_text(f"{USE}\nopen({str(told)!r}, 'w').write(str(result.rows.used))")
    command = f'"{sys.executable}" "{script}" "{file}" {closed}'
    subprocess.run(["sh", "-c", command], check=False, timeout=60, capture_output=True)  # noqa: S603, S607 - our own command
    assert told.read_text() == "150"


def test_an_interrupt_ends_everything_quietly(
    tmp_path: Path, alive: Callable[[], set[int]]
) -> None:
    """As a terminal does, the whole group of processes is interrupted."""
    big = tmp_path / "big.csv"
    line = "2026-11-01 00:00:00,1.5,web,0.5,1,1\n"
    big.write_text("timestamp,age,channel,score,prediction,label\n" + line * 2_000_000)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CLI, "check", str(big), "-q"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(scratch)},
    )
    assert eventually(lambda: len(alive()) > 1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert eventually(lambda: not alive())
    assert not list(scratch.iterdir())


def output_of(words: list[str]) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *words], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_spooled_rows_are_read_here_and_leave_nothing_behind(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Workers(1) as workers:
        source = workers.spool(request_of(file), ["label", "timestamp"])
        assert list(source.fields()) == ["label", "timestamp"]
        assert sum(batch.num_rows for batch in source.batches(["label"])) == 150
        with pytest.raises(SchemaError, match="no column 'nope'"):
            workers.spool(request_of(file), ["nope"])
    del source
    assert not list(tmp_path.iterdir())
