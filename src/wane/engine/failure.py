"""Errors as bytes, to be raised in another process."""

from __future__ import annotations

import json

from wane.errors import ConfigError, DataError, SchemaError, SourceError, WaneError

ERRORS = {kind.__name__: kind for kind in (ConfigError, DataError, SchemaError, SourceError)}


def pack_failure(error: WaneError) -> bytes:
    """An error as bytes, with its notes."""
    facts = (error.what, error.expected, error.got, error.hint)
    return json.dumps([type(error).__name__, *facts, getattr(error, "__notes__", [])]).encode()


def unpack_failure(data: bytes) -> WaneError:
    """The error that `pack_failure` was given."""
    name, what, expected, got, hint, notes = json.loads(data)
    error = ERRORS.get(name, WaneError)(what, expected=expected, got=got, hint=hint)
    for note in notes:
        error.add_note(note)
    return error
