"""The data directory: where everything of one monitor lies, and who may write there."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from wane.errors import StoreError
from wane.store.durable import UNFINISHED, make_directory, stray, sync

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has another way of locking
    fcntl = None  # type: ignore[assignment]

SECRET_BYTES = 32


class DataDirectory:
    """Paths of a data directory. Only what is made by `hold` is written by this process.

    Layout: state.db (the store), raw/ (Parquet files of events), references/, spool/ (events
    that processes left here, to be picked up), backups/, stray/ (what was set aside), secret (key
    of hashed columns), lock.

    Args:
        path: The directory; made by `hold` when it is not there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self._lock: int | None = None

    @property
    def state(self) -> Path:
        """The database."""
        return self.path / "state.db"

    @property
    def raw(self) -> Path:
        """Raw events."""
        return self.path / "raw"

    @property
    def references(self) -> Path:
        """Reference data."""
        return self.path / "references"

    @property
    def spool(self) -> Path:
        """Events that other processes left here."""
        return self.path / "spool"

    @property
    def stray(self) -> Path:
        """What was set aside because it did not belong, or could not be read."""
        return stray(self.raw)

    @property
    def backups(self) -> Path:
        """Copies of the database."""
        return self.path / "backups"

    def hold(self) -> Self:
        """Make the directory, and be the one process that writes to it until `release`.

        Raises:
            StoreError: It cannot be made or written to, or another process holds it.
        """
        try:
            for part in (self.path, self.raw, self.references, self.spool, self.backups):
                make_directory(part)
            handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"the data directory {self.path} cannot be used",
                expected="a directory that can be written to",
                got=error.strerror or str(error),
                hint="Choose another one with --data.",
            ) from error
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace")
            os.close(handle)
            raise StoreError(
                f"another process holds the data directory {self.path}",
                expected="one `wane serve` or `wane run` at a time",
                got=f"process {holder or 'unknown'}",
                hint="A running server evaluates by itself; stop it, or ask it over HTTP.",
            ) from error
        except OSError as error:
            os.close(handle)
            raise StoreError(
                f"the data directory {self.path} cannot be locked", got=str(error)
            ) from error
        self._lock = handle
        return self

    def release(self) -> None:
        """Let others write."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self.hold()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def secret(self) -> bytes:
        """The key of hashed columns: made once, readable by the owner alone.

        Raises:
            StoreError: It cannot be read or made.
        """
        path = self.path / "secret"
        try:
            if not path.exists():
                self._make_secret(path)
            found = path.read_bytes()
        except OSError as error:
            raise StoreError(f"the secret {path} cannot be read", got=str(error)) from error
        if len(found) < SECRET_BYTES:
            raise StoreError(
                f"the secret {path} is cut off",
                expected=f"{SECRET_BYTES} bytes",
                got=f"{len(found)}",
                hint="Restore it from a backup; with another one, hashed columns would not match.",
            )
        return found

    def _make_secret(self, path: Path) -> None:
        """Write a new secret under another name first: a crash must not leave half of one."""
        unfinished = path.with_name(f"{UNFINISHED}{path.name}-{os.getpid()}")
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)  # unlike a rename, leaves a secret that is there alone
        unfinished.unlink()
        sync(self.path)
