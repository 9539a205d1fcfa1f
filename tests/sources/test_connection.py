from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.sources.connection import connection, identifier, literal_path, text

if TYPE_CHECKING:
    from pathlib import Path


def test_only_the_named_files_can_be_read(tmp_path: Path) -> None:
    for name in ("a [1].csv", "b.csv"):
        (tmp_path / name).write_text("x\n1\n")
    allowed = literal_path(str(tmp_path / "a [1].csv"))
    with connection(paths=[allowed, str(tmp_path / "a [1].csv")]) as session:
        assert session.execute(f"FROM read_csv({text(allowed)})").fetchall() == [(1,)]
        for other in ("FROM read_csv('{}/b.csv')", "FROM read_text('/etc/hostname')"):
            with pytest.raises(duckdb.Error):
                session.execute(other.format(tmp_path)).fetchall()


@pytest.mark.parametrize(
    "statement",
    [
        "SET enable_external_access = true",
        "SET memory_limit = '99GB'",
        "SET lock_configuration = false",
        "INSTALL httpfs",
        "ATTACH 'x.db'",
        "COPY (SELECT 1) TO 'x.csv'",
    ],
)
def test_the_settings_are_locked(statement: str) -> None:
    with connection() as session, pytest.raises(duckdb.Error):
        session.execute(statement).fetchall()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_quoting(value: str) -> None:
    with duckdb.connect() as session:
        relation = session.execute(f"SELECT {text(value)} AS {identifier(value or 'x')}")
        assert relation.description is not None
        assert relation.description[0][0] == (value or "x")
        assert relation.fetchall() == [(value,)]
