from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import wane
from wane.errors import UsageError
from wane.monitor.address import Address
from wane.monitor.directory import DirectoryTransport
from wane.monitor.http import HttpTransport

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:8321", "http://localhost:8321"),
        (" https://wane.example/ ", "https://wane.example:443"),
        ("HTTP://Wane.Example/below/", "http://wane.example:80/below"),
        ("http://[::1]:8321", "http://[::1]:8321"),
    ],
)
def test_addresses(url: str, shown: str) -> None:
    assert Address.parse(url).url == shown


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8321",
        "ftp://localhost",
        "http://",
        "http://host:port",
        "http://host:99999",
        "http://[::1",
        "http://me:secret@host",
        "http://host/?key=secret",
        "http://host/#x",
        "http://host/a b",
        "http://host/\r\nX: y",
        "http://ho st",
        "",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        Address.parse(url)
    assert "me:secret" not in raised.value.message


@pytest.mark.parametrize("key", ["a b", "a\r\nX-Evil: 1", "ключ"])
def test_a_key_that_is_none_is_not_told(key: str) -> None:
    with pytest.raises(UsageError) as raised:
        Address.parse("http://host", key)
    assert key not in raised.value.message


def test_the_key_is_never_shown() -> None:
    monitor = wane.Monitor("churn", url="http://host", key="top-secret")
    transport = monitor._transport
    assert isinstance(transport, HttpTransport)
    assert transport._address.key == "top-secret"
    shown = repr(monitor) + repr(transport) + repr(transport._address) + transport.destination
    assert "top-secret" not in shown


def test_the_environment_names_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANE_URL", "http://host:1")
    monkeypatch.setenv("WANE_KEY", "of-the-environment\n")
    transport = wane.Monitor("churn")._transport
    assert isinstance(transport, HttpTransport)
    assert transport._address.key == "of-the-environment"
    assert isinstance(wane.Monitor("churn", data="here")._transport, DirectoryTransport)
    given = wane.Monitor("churn", url="http://other:2", key="given")._transport
    assert isinstance(given, HttpTransport)
    assert (given._address.url, given._address.key) == ("http://other:2", "given")


def test_without_a_server_there_is_a_directory(tmp_path: Path) -> None:
    there = str(tmp_path / "wane-data" / "spool" / "churn")
    assert repr(wane.Monitor("churn", version="1")) == (
        f"Monitor('churn', version='1', to={there!r})"
    )


def test_one_place() -> None:
    with pytest.raises(UsageError, match="one place"):
        wane.Monitor("churn", data="here", url="http://host")
