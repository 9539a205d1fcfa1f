import pytest

from wane.engine.failure import pack_failure, unpack_failure
from wane.errors import ConfigError, DataError, ProfileError, SchemaError, SourceError, WaneError


@pytest.mark.parametrize("kind", [ConfigError, DataError, SchemaError, SourceError, WaneError])
def test_an_error_comes_back_with_its_notes(kind: type[WaneError]) -> None:
    error = kind("log.csv fails", expected="rows", got="none", hint="Look.")
    error.add_note("where it happened")
    back = unpack_failure(pack_failure(error))
    assert type(back) is kind
    assert str(back) == "log.csv fails: expected rows, got none. Look."
    assert back.__notes__ == ["where it happened"]


def test_an_error_that_readers_do_not_raise_is_an_internal_one() -> None:
    back = unpack_failure(pack_failure(ProfileError("bytes")))
    assert type(back) is WaneError
    assert back.exit_code == 4
