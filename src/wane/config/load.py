"""Reading wane.toml, and laying the flags of a command line over it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from wane.config.problem import as_config_error
from wane.config.settings import LabelSettings, Settings
from wane.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def load(path: str | Path) -> Settings:
    """Read a wane.toml; paths in it are taken relative to the file.

    Raises:
        ConfigError: The file cannot be read, is not TOML, or holds a key or value that is not
            allowed; names file, key, what is allowed and what was given.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read as a configuration",
            expected="a TOML file in UTF-8",
            got=getattr(error, "strerror", None) or str(error),
            hint="`wane init` proposes one.",
        ) from error
    settings = from_toml_text(text, source=str(path))
    return _relative_to(settings, path.parent)


def from_toml_text(text: str, *, source: str = "wane.toml") -> Settings:
    """Settings from the text of a wane.toml; `source` is how errors call it.

    Raises:
        ConfigError: As for `load`.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source} is not valid TOML: {error}") from error
    return _validated(values, source, spelled=str)


def merge(settings: Settings, **flags: object) -> Settings:
    """Settings with flags laid over them; a flag that is None or empty was not given.

    A path given as `labels` replaces only the path of a [labels] table.

    Raises:
        ConfigError: A flag has a value that is not allowed.
    """
    given = {key: value for key, value in flags.items() if value not in (None, (), [], {})}
    if isinstance(settings.labels, LabelSettings) and isinstance(given.get("labels"), str):
        given["labels"] = {**settings.labels.model_dump(), "path": given["labels"]}
    before = settings.model_dump(exclude_unset=True)
    return _validated({**before, **given}, None, spelled=_as_flag)


def _validated(
    values: Mapping[str, Any], source: str | None, spelled: Callable[[str], str]
) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise as_config_error(error, source, spelled) from error


def _as_flag(key: str) -> str:
    """`version_column` as it is typed: `--version-column`."""
    return "--rule" if key == "rules" else f"--{key.replace('_', '-')}"


def _relative_to(settings: Settings, directory: Path) -> Settings:
    """Settings with their paths resolved against the directory of the file they came from."""
    changes: dict[str, Any] = {
        key: _resolved(getattr(settings, key), directory)
        for key in ("reference", "out")
        if getattr(settings, key) is not None
    }
    if settings.current:
        changes["current"] = tuple(_resolved(path, directory) for path in settings.current)
    if isinstance(settings.labels, str):
        changes["labels"] = _resolved(settings.labels, directory)
    elif settings.labels is not None:
        path = _resolved(settings.labels.path, directory)
        changes["labels"] = settings.labels.model_copy(update={"path": path})
    return settings.model_copy(update=changes)


def _resolved(path: str, directory: Path) -> str:
    """A path seen from the working directory; addresses (s3://...) stay as they are."""
    return path if "://" in path else str(directory / path)
