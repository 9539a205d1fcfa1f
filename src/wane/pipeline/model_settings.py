"""The settings of a model, as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from wane.config import Settings
from wane.errors import ConfigError

if TYPE_CHECKING:
    from wane.store.records import Model


def settings_of(model: Model) -> Settings:
    """The settings of a model.

    Raises:
        ConfigError: What is stored is no valid wane.toml.
    """
    try:
        return Settings.model_validate_json(model.settings)
    except ValidationError as error:
        raise ConfigError(
            f"the settings of {model.name!r} cannot be read", got=str(error).splitlines()[0]
        ) from error
