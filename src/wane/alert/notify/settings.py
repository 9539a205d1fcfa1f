"""What the settings of all channels share."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from wane.alert.notify.secret import PLACES
from wane.alert.notify.target import Target
from wane.config.settings import Section, listed

T = TypeVar("T")
OneOrMore = Annotated[tuple[T, ...], BeforeValidator(listed), Field(min_length=1)]
"""A list that is not empty, or the one thing in it."""


class ChannelSettings(Section):
    """A table of a channel. Errors do not quote what was given, for it may be a secret."""

    model_config = ConfigDict(hide_input_in_errors=True)


def _address(text: str) -> str:
    if not text.startswith(PLACES) and Target.of(text) is None:
        raise ValueError(
            "an address begins with https:// or http://, and has no user or password in it; one "
            'that is a secret is named: "env:NAME" or "file:PATH"'
        )
    return text


Url = Annotated[str, AfterValidator(_address)]
"""An address of the web, or where it is kept (see `Reference`)."""
