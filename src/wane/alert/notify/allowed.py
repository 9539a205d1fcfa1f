"""Where messages may go: no address inside the operator's own network, unless it is allowed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wane.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Self

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # the host of a virtual machine at Azure, which looks public
        "192.0.0.0/24",  # set aside for protocols; some clouds have their metadata service there
        "192.88.99.0/24",  # relays into IPv6
        "::ffff:0:0/96",  # IPv4 written as IPv6: those of IPv4 are held against IPv4's own rules
        "::/96",
        "64:ff9b::/96",  # NAT64: any IPv4 address, the metadata service among them
        "64:ff9b:1::/48",
        "2001::/32",  # Teredo and 6to4: the same
        "2002::/16",
        "fec0::/10",
    )
)
"""Networks that lead inside although they look global to Python's `ipaddress`."""


@dataclass(frozen=True)
class Allowed:
    """The operator's list of internal receivers.

    Attributes:
        entries: Networks ("10.0.0.0/8", "::1") and names of hosts ("localhost"). A name allows
            whatever it stands for, on every port; a network allows its addresses on every port.
    """

    entries: tuple[str, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """The list as it stands in `[alerts] allow`.

        Raises:
            ConfigError: An entry is neither a network nor the name of a host.
        """
        made = cls(tuple(entries))
        for entry in made.entries:
            if _network(entry) is None and not _is_name(entry):
                raise ConfigError(
                    "[alerts] allow has an entry that is neither a network nor a host",
                    expected='for example "10.0.0.0/8" or "alertmanager.internal"',
                    got=repr(entry),
                )
        return made

    def denial(
        self, host: str, port: int, addresses: Iterable[Address], ports: Collection[int]
    ) -> str | None:
        """Why nothing may be sent to a host; None if it may.

        Args:
            host: As written.
            port: Of the connection.
            addresses: All that the host stands for: one that is inside is enough to refuse it.
            ports: Those that are usual, and allowed everywhere.
        """
        if _bare(host) in self._hosts:
            return None
        for address in addresses:
            if self._holds(address):
                continue
            if not is_public(address):
                wrong = f"{host} leads to {address}, which is not a public address"
            elif port not in ports:
                usual = ", ".join(map(str, sorted(ports)))
                wrong = f"port {port} of {host} is not one of {usual}"
            else:
                continue
            return f'{wrong}. If it is meant, put "{host}" or its network into [alerts] allow'
        return None

    def _holds(self, address: Address) -> bool:
        """Whether the address is in one of the networks; IPv4 written as IPv6 as what it is."""
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in network for network in self._networks)

    @cached_property
    def _networks(self) -> tuple[Network, ...]:
        return tuple(network for entry in self.entries if (network := _network(entry)) is not None)

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(_bare(entry) for entry in self.entries if _network(entry) is None)


NOTHING_INSIDE = Allowed()
"""Public addresses alone."""


def is_public(address: Address) -> bool:
    """Whether the address is one of the open internet, for a single receiver."""
    inside = any(address in network for network in INSIDE)
    return address.is_global and not (address.is_multicast or address.is_reserved or inside)


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _is_name(entry: str) -> bool:
    """Labels of letters, digits and hyphens, as names of hosts are made."""
    labels = _bare(entry).split(".")
    return all(label and label.replace("-", "").replace("_", "").isalnum() for label in labels)


def _bare(host: str) -> str:
    """The name as it is asked for: ASCII, without capitals and the dot at its end."""
    try:
        return host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return host.rstrip(".").lower()
