"""The address of a server and the key to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from wane.errors import UsageError

EXPECTED = "http://host:port or https://host, perhaps with a path"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        secure: Whether to speak https.
        host: Name or number.
        port: TCP port.
        path: What comes before /v1, without a slash at its end.
        key: Sent as the bearer token; never shown.
    """

    secure: bool
    host: str
    port: int
    path: str = ""
    key: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str, key: str | None = None) -> Address:
        """Read what the user wrote.

        Raises:
            UsageError: The URL or the key cannot be used. The key is not told.
        """
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise UsageError("the server's address is no URL", expected=EXPECTED) from error
        if parts.username is not None or parts.password is not None:
            raise UsageError(
                "the server's address holds a password",
                expected=EXPECTED,
                hint="Give the key as `key` or in WANE_KEY.",
            )
        if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(
                "the server's address cannot be used", expected=EXPECTED, got=repr(url)
            )
        path = parts.path.rstrip("/")
        if not _visible(path) or not _visible(parts.hostname):
            raise UsageError(
                "the server's address has spaces or special characters in it",
                expected=EXPECTED,
                got=repr(url),
            )
        secure = parts.scheme == "https"
        return cls(secure, parts.hostname, port or PORTS[parts.scheme], path, _checked(key))

    @property
    def url(self) -> str:
        """The address without the key."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.secure else ''}://{host}:{self.port}{self.path}"


def _checked(key: str | None) -> str | None:
    plain = (key or "").strip()
    if not _visible(plain):
        raise UsageError(
            "the server's key has spaces or special characters in it",
            expected="the key as `wane` printed it",
            hint="Look for a line break that was copied along.",
        )
    return plain or None


def _visible(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)
