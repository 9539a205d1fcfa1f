"""Forks, ends and sudden deaths of processes that log. Each runs in an interpreter of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from monitor.fake_server import FakeServer

NO_WAIT = "limits=Limits(batch_seconds=3_600)"
BEGIN = "import os, sys, threading, wane\nfrom wane.monitor.limits import Limits\n"


def run(code: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


def spooled(kind: str = "predictions") -> list[dict[str, Any]]:
    files = sorted(Path("wane-data/spool/churn").glob(f"*.{kind}.*"))
    return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


def test_the_end_of_the_process_sends_what_is_left() -> None:
    run(f"wane.Monitor('churn', {NO_WAIT}).log(id='a')")
    assert [row["id"] for row in spooled()] == ["a"]


def test_the_end_is_not_held_up_by_a_server_that_is_away() -> None:
    said = subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            BEGIN + "limits = Limits(exit_seconds=0.001, first_retry_seconds=3_600)\n"
            "wane.Monitor('churn', url='http://127.0.0.1:9', limits=limits).log()",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "rows are lost (closed; rows: 1)" in said


FORK = """
monitor = wane.Monitor('churn', {limits} {where})
for i in range(5):
    monitor.log(id=f'parent-{{i}}')
if {flush}:
    monitor.flush(60)
children = []
for c in range(3):
    pid = os.fork()
    if pid == 0:
        assert monitor.counts.logged == 0
        for i in range(5):
            monitor.log(id=f'child-{{c}}-{{i}}')
        monitor.label(id=f'child-{{c}}-0', label=1)
        sys.exit(0 if monitor.close(60) and monitor.counts.sent == 6 else 1)
    children.append(pid)
for pid in children:
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
for i in range(5, 10):
    monitor.log(id=f'parent-{{i}}')
assert monitor.close(60)
assert monitor.counts.sent == 10
"""
EVERY_ID = sorted(
    [f"parent-{i}" for i in range(10)] + [f"child-{c}-{i}" for c in range(3) for i in range(5)]
)


@pytest.mark.parametrize("flush", [True, False])
def test_forked_processes_send_their_own_and_nothing_twice(*, flush: bool) -> None:
    run(FORK.format(limits=NO_WAIT + ",", where="", flush=flush))
    assert sorted(row["id"] for row in spooled()) == EVERY_ID
    assert len(spooled("labels")) == 3


@pytest.mark.parametrize("flush", [True, False])
def test_forked_processes_have_connections_of_their_own(server: FakeServer, *, flush: bool) -> None:
    where = f"url={server.url!r}"
    run(FORK.format(limits=NO_WAIT + ",", where=where, flush=flush))
    assert sorted(row["id"] for row in server.rows()) == EVERY_ID
    assert server.connections == 4


def test_a_fork_while_every_lock_is_busy_does_not_hang() -> None:
    run("""
import logging
logging.disable()  # rows that find the queue full are dropped
monitor = wane.Monitor('churn')
busy = threading.Event()
def serve():
    while not busy.is_set():
        monitor.log(features={'x': 1})
threads = [threading.Thread(target=serve) for _ in range(2)]
for thread in threads: thread.start()
for c in range(10):
    pid = os.fork()
    if pid == 0:
        monitor.log(id=f'child-{c}')
        os._exit(0 if monitor.close(60) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
busy.set()
for thread in threads: thread.join()
monitor.close(60)
""")
    ids = [row["id"] for row in spooled()]
    assert len(set(ids)) == len(ids)
    assert {f"child-{c}" for c in range(10)} <= set(ids)


def test_children_of_multiprocessing_send_what_is_left() -> None:
    run(f"""
import multiprocessing
def work(name, monitor=None):
    (monitor or wane.Monitor('churn', {NO_WAIT})).log(id=name)
def start(*given):
    child = multiprocessing.get_context('fork').Process(target=work, args=given)
    child.start(); child.join()
    assert child.exitcode == 0
start('fresh')
monitor = wane.Monitor('churn', {NO_WAIT})
monitor.log(id='parent')
start('inherited', monitor)
""")
    assert sorted(row["id"] for row in spooled()) == ["fresh", "inherited", "parent"]


@pytest.mark.parametrize("after", [1, 7, 30])
def test_killed_at_any_moment_it_leaves_whole_files(after: int) -> None:
    """Killed once `after` files are there; what is not whole has a name that says so."""
    code = """
import logging
logging.disable()
monitor = wane.Monitor('churn', limits=Limits(batch_rows=50))
row = 0
while True:
    monitor.log(features={'x': row, 'pad': 'y' * 500}, id=str(row))
    row += 1
    if row % 50 == 0:
        monitor.flush(60)
"""
    spool = Path("wane-data/spool/churn")
    with subprocess.Popen([sys.executable, "-c", BEGIN + code]) as child:  # noqa: S603 - as above
        while len(list(spool.glob("*.ndjson"))) < after:
            assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        child.wait()
    names = [path.name for path in spool.iterdir()]
    whole = (".predictions.ndjson", ".client.json")
    assert [n for n in names if not n.startswith(".tmp-") and not n.endswith(whole)] == []
    files = sorted(spool.glob("*.ndjson"))
    rows = [[json.loads(line) for line in path.read_bytes().splitlines()] for path in files]
    assert {len(each) for each in rows} == {50}
    ids = [int(row["id"]) for each in rows for row in each]
    assert ids == sorted(set(ids))


def test_several_processes_log_to_one_directory() -> None:
    code = "monitor = wane.Monitor('churn', limits=Limits(batch_rows=3))\n"
    code += "[monitor.log(id=f'{sys.argv[1]}-{i}') for i in range(30)]"
    children = [
        subprocess.Popen([sys.executable, "-c", BEGIN + code, str(each)])  # noqa: S603 - as above
        for each in range(3)
    ]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert len({row["id"] for row in spooled()}) == 90


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9"])
def test_rows_need_neither_numpy_nor_pyarrow(url: str) -> None:
    where = f"url={url!r}, limits=Limits(exit_seconds=0.001)" if url else "data='wane-data'"
    out = run(f"""
import logging
logging.disable()
monitor = wane.Monitor('churn', {where})
monitor.log(features={{'x': 1}}, prediction=1)
monitor.label(id='a', label=1)
monitor.watch(lambda row: 1)({{'x': 1}})
monitor.flush(0.0)
heavy = {{'numpy', 'pyarrow', 'scipy', 'duckdb', 'pydantic', 'pandas'}}
print(sorted(heavy & set(sys.modules)))
""")
    assert out.strip() == "[]"


def test_importing_wane_does_not_load_the_monitor() -> None:
    assert run("print('wane.monitor' in sys.modules)").strip() == "True"
    code = "import sys, wane; print('wane.monitor' in sys.modules, 'msgspec' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False False"
