"""An address of the web, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from wane.alert.notify.wording import LINK_CHARACTERS

LONGEST_HOST = 253
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    Attributes:
        scheme: "http" or "https".
        host: A name in ASCII, or an address without brackets, in any spelling.
        port: 1 to 65,535.
        path: Path and query, percent-encoded. It may hold a secret, and is never shown.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> Target | None:
        """Take an address apart; None for what is not http(s), or has a user or password in it."""
        try:
            parts = urlsplit(url.strip())
            host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
        except ValueError:  # UnicodeError is one
            return None
        scheme = parts.scheme.lower()
        if scheme not in DEFAULT_PORTS or port == 0 or parts.username is not None:
            return None
        if not 0 < len(host) <= LONGEST_HOST:
            return None
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        encoded = quote(path.encode("utf-8", "replace"), safe=LINK_CHARACTERS)
        return cls(scheme, host, port or DEFAULT_PORTS[scheme], encoded)

    def joined(self, location: str) -> Target | None:
        """Where a redirect from here leads; None for nowhere."""
        if not location.strip():
            return None
        try:
            return Target.of(urljoin(f"{self.origin}{self.path}", location.strip()))
        except ValueError:
            return None

    @property
    def is_secure(self) -> bool:
        """Whether it is https."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """As in the header `Host`."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        """The address without its path."""
        return f"{self.scheme}://{self.authority}"
