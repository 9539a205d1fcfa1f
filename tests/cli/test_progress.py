from __future__ import annotations

import pytest

from wane.cli.progress import Progress, bar


@pytest.mark.parametrize(
    ("share", "line"),
    [
        (0.0, "reading [............................]   0 %"),
        (0.5, "reading [##############..............]  50 %"),
        (1.0, "reading [############################] 100 %"),
        (7.0, "reading [############################] 100 %"),
        (-1.0, "reading [............................]   0 %"),
    ],
)
def test_bar(share: float, line: str) -> None:
    assert bar("reading", share) == line


def test_nothing_is_drawn_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(quiet=False) as progress:
        for step in range(1000):
            progress("reading", step / 1000)
    assert capsys.readouterr().err == ""
