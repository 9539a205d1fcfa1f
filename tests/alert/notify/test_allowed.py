import ipaddress

import pytest

from wane.alert.notify.allowed import NOTHING_INSIDE, Allowed, is_public
from wane.errors import ConfigError

PORTS = frozenset({80, 443})

INSIDE = [
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_not_of_the_open_internet_is_refused(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert not is_public(address)
    denial = NOTHING_INSIDE.denial("hook.example.org", 443, [address], PORTS)
    assert denial is not None
    assert "hook.example.org leads to" in denial
    assert "[alerts] allow" in denial


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_may_be_called(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert is_public(address)
    assert NOTHING_INSIDE.denial("hook.example.org", 443, [address], PORTS) is None


def test_one_address_inside_is_enough_to_refuse_all() -> None:
    both = [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("10.0.0.1")]
    assert NOTHING_INSIDE.denial("h", 443, both, PORTS) is not None
    assert NOTHING_INSIDE.denial("h", 443, both[:1], PORTS) is None


def test_other_ports_are_for_hosts_that_are_allowed() -> None:
    public = [ipaddress.ip_address("8.8.8.8")]
    denial = NOTHING_INSIDE.denial("h.example.org", 22, public, PORTS)
    assert denial is not None
    assert "port 22 of h.example.org is not one of 80, 443" in denial
    assert Allowed.of(["h.example.org"]).denial("h.example.org", 22, public, PORTS) is None
    assert Allowed.of(["8.8.8.0/24"]).denial("h.example.org", 22, public, PORTS) is None


@pytest.mark.parametrize(
    ("entry", "host", "address", "may"),
    [
        ("10.0.0.0/8", "am.internal", "10.1.2.3", True),
        ("10.0.0.0/8", "am.internal", "11.1.2.3", True),  # public
        ("10.0.0.0/8", "am.internal", "192.168.0.1", False),
        ("10.0.0.0/8", "am.internal", "::ffff:10.1.2.3", True),
        ("10.0.0.0/8", "am.internal", "::ffff:127.0.0.1", False),
        ("10.1.2.3/8", "am.internal", "10.9.9.9", True),
        ("localhost", "localhost", "127.0.0.1", True),
        ("localhost", "LocalHost.", "::1", True),
        ("localhost", "localhost.example.org", "127.0.0.1", False),
        ("localhost", "evil.example.org", "127.0.0.1", False),
        ("bücher.intern", "xn--bcher-kva.intern", "10.0.0.1", True),
        ("127.0.0.1", "evil.example.org", "127.0.0.1", True),
        ("127.0.0.1", "h", "127.0.0.2", False),
        ("::1", "h", "::1", True),
        ("fd00::/8", "h", "fd12::1", True),
    ],
)
def test_the_operator_lists_networks_and_hosts(
    entry: str, host: str, address: str, *, may: bool
) -> None:
    denial = Allowed.of([entry]).denial(host, 443, [ipaddress.ip_address(address)], PORTS)
    assert (denial is None) is may


@pytest.mark.parametrize("entry", ["", "http://localhost", "a b", "10.0.0.0/99", "..", "*.org"])
def test_an_entry_that_is_neither_is_an_error(entry: str) -> None:
    with pytest.raises(ConfigError, match=r"\[alerts\] allow"):
        Allowed.of([entry])
