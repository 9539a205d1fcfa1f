from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from wane.alert.notify.channel import Again
from wane.alert.notify.secret import Reference, Secret, hide, read_all, value_of

CANARY = "canary-5f3a9"


def test_a_secret_is_read_when_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    secrets = Secret("env:WANE_TEST_KEY"), Secret(f"file:{path}")
    assert all(isinstance(secret.read(), Again) for secret in secrets)
    monkeypatch.setenv("WANE_TEST_KEY", f" {CANARY}\n")
    path.write_text(f"{CANARY}\n", encoding="utf-8")
    assert [secret.read() for secret in secrets] == [CANARY, CANARY]
    assert CANARY not in repr(secrets)


def test_what_is_missing_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    told = [
        Secret(reference).read()
        for reference in (
            "env:WANE_NOT_SET",
            f"file:{tmp_path}/none",
            f"file:{tmp_path}/empty",
            f"file:{tmp_path}/binary",
            f"file:{tmp_path}",
        )
    ]
    reasons = [one.reason for one in told if isinstance(one, Again)]
    assert len(reasons) == 5
    assert reasons[0] == "the environment variable WANE_NOT_SET is not set"
    assert "No such file" in reasons[1]
    assert reasons[2].endswith("is empty")
    assert "UTF-8" in reasons[3]
    assert "directory" in reasons[4]


def test_the_first_that_is_missing_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANE_TEST_KEY", CANARY)
    assert read_all(["env:WANE_TEST_KEY"] * 2) == (CANARY, CANARY)
    assert isinstance(read_all(["env:WANE_TEST_KEY", "env:WANE_NOT_SET"]), Again)
    assert value_of("https://plain") == "https://plain"
    assert value_of("env:WANE_TEST_KEY") == CANARY


@pytest.mark.parametrize("text", [CANARY, "", "env:", "file: ", "ENV:X", "https://x/canary-5f3a9"])
def test_what_is_no_reference_is_not_quoted(text: str) -> None:
    class_ = TypeAdapter(Reference, config={"hide_input_in_errors": True})
    with pytest.raises(ValidationError) as caught:
        class_.validate_python(text)
    assert "is not written here, but named" in str(caught.value)
    assert CANARY not in str(caught.value)


def test_hiding() -> None:
    assert hide("a secret/x and secret%2Fx", ["secret/x"]) == "a *** and ***"
    assert hide("longer first: abcdef abcd", ["abcd", "abcdef"]) == "longer first: *** ***"
    assert hide("ab is too short to be one", ["ab", ""]) == "ab is too short to be one"
    address = "https://x.org/hooks/T0/abcdefgh?token=12345678"
    assert hide("POST /hooks/T0/abcdefgh?token=12345678", [address]) == "POST /***"
    assert hide("no hook abcdefgh at x.org", [address]) == "no hook *** at x.org"
    assert hide("abcDEF.example.org", ["ABCdef"]) == "***.example.org"
