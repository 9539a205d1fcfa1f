"""Foreign errors, told as ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from wane.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator


CHECK_THE_PATH = "Check the path, or wait until there is data."


@contextmanager
def reading(
    name: str, *, expected: str, foreign: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Turn an error of pyarrow, the file system or `foreign` into a SourceError about `name`.

    Raises:
        SourceError: With the first line of the original message, chained to it.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError(f"{name} does not exist", hint="Check the path.") from error
    except PermissionError as error:
        raise SourceError(f"{name} may not be read", hint="Check its permissions.") from error
    except (pa.ArrowException, OSError, UnicodeError, *foreign) as error:
        raise SourceError(
            f"{name} cannot be read",
            expected=expected,
            got=first_line(error),
            hint="The file may be cut short, damaged or of another format: write it again.",
        ) from error


def first_line(error: BaseException) -> str:
    """The first line of a foreign message, at most 300 characters, without its final stop."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(". ")[:300]


def no_rows(name: str, hint: str = CHECK_THE_PATH) -> SourceError:
    """The error of a source that is readable but empty."""
    return SourceError(f"{name} has no rows", expected="at least one row", hint=hint)
