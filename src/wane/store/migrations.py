"""The tables of the SQLite backend, step by step. A step that was released is never changed."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from wane.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = """
CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  name TEXT NOT NULL,
  created INTEGER NOT NULL,
  rows_since INTEGER,
  UNIQUE (tenant, name)
);
CREATE TABLE settings (
  model INTEGER NOT NULL REFERENCES models,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  made INTEGER NOT NULL,
  PRIMARY KEY (model, version)
) WITHOUT ROWID;
CREATE TABLE events (
  model INTEGER NOT NULL,
  id TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (model, id)
) WITHOUT ROWID;
CREATE TABLE labels (
  model INTEGER NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  received INTEGER NOT NULL,
  PRIMARY KEY (model, id)
) WITHOUT ROWID;
CREATE TABLE inbox (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  model INTEGER NOT NULL,
  kind TEXT NOT NULL,
  received INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX inbox_of_model ON inbox (model, sequence);
CREATE TABLE parked (
  model INTEGER NOT NULL,
  id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  position INTEGER NOT NULL,
  received INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (model, id, sequence, position)
) WITHOUT ROWID;
CREATE TABLE files (
  name TEXT PRIMARY KEY,
  model INTEGER NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  rows INTEGER NOT NULL,
  size INTEGER NOT NULL,
  damage TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_of_model ON files (model, kind, day);
CREATE TABLE retired (
  name TEXT PRIMARY KEY
) WITHOUT ROWID;
CREATE TABLE changed (
  model INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (model, slot)
) WITHOUT ROWID;
CREATE TABLE reference_data (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  model INTEGER NOT NULL,
  name TEXT NOT NULL,
  rows INTEGER NOT NULL,
  given INTEGER NOT NULL
);
CREATE INDEX reference_of_model ON reference_data (model, number);
CREATE TABLE plans (
  model INTEGER NOT NULL,
  id TEXT NOT NULL,
  body BLOB NOT NULL,
  made INTEGER NOT NULL,
  current INTEGER NOT NULL,
  PRIMARY KEY (model, id)
);
CREATE TABLE windows (
  model INTEGER NOT NULL,
  plan TEXT NOT NULL,
  start INTEGER NOT NULL,
  body BLOB NOT NULL,
  counted INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (model, plan, start)
);
CREATE TABLE results (
  model INTEGER NOT NULL,
  name TEXT NOT NULL,
  body BLOB NOT NULL,
  made INTEGER NOT NULL,
  PRIMARY KEY (model, name)
);
CREATE TABLE keys (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  digest TEXT NOT NULL,
  scopes TEXT NOT NULL,
  note TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER
) WITHOUT ROWID;
CREATE TABLE counts (
  model INTEGER NOT NULL,
  name TEXT NOT NULL,
  count INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  PRIMARY KEY (model, name)
) WITHOUT ROWID;
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL
) WITHOUT ROWID;
"""

ALERTS = """
CREATE TABLE incidents (
  model INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  ended INTEGER,
  body BLOB NOT NULL,
  PRIMARY KEY (model, fingerprint)
) WITHOUT ROWID;
CREATE TABLE transitions (
  model INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (model, fingerprint, sequence)
) WITHOUT ROWID;
CREATE TABLE told (
  receiver TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (receiver, fingerprint)
) WITHOUT ROWID;
CREATE TABLE memories (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE troubles (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE attempts (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE TABLE silences (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  starts INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  body BLOB NOT NULL
) WITHOUT ROWID;
"""

ANNOTATIONS = """
CREATE TABLE annotations (
  model INTEGER PRIMARY KEY REFERENCES models,
  body TEXT NOT NULL,
  given INTEGER NOT NULL
);
"""

STEPS = (FIRST, ALERTS, ANNOTATIONS)


def migrate(connection: sqlite3.Connection, backup: Callable[[int], object]) -> None:
    """Bring the tables to the newest form.

    Args:
        connection: In autocommit mode.
        backup: Called with the old version before an older database is changed.

    Raises:
        StoreError: The database was written by a newer release.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        raise StoreError(
            "this data directory was written by a newer release of wane",
            expected=f"tables of version {len(STEPS)} or older",
            got=f"version {version}",
            hint="Install that release, or start with another directory.",
        )
    if 0 < version < len(STEPS):
        backup(version)
    for number, step in enumerate(STEPS[version:], start=version + 1):
        script = f"BEGIN IMMEDIATE;\n{step}\nPRAGMA user_version = {number};\nCOMMIT;"
        try:
            connection.executescript(script)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
