from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from alert.notify.receiving import BAD_WAYS, HERE, HURRIED, FakeReceiver, Reply
from wane.alert.notify.allowed import Allowed
from wane.alert.notify.channel import Again, Refused
from wane.alert.notify.outbound import MOST_BYTES, Outbound, resolve
from wane.alert.notify.outbound import Reply as Answer

if TYPE_CHECKING:
    import trustme

    from wane.alert.notify.allowed import Address

BODY = b"body"


class Resolver:
    """Answers that change from one question to the next; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append((host, port))
        texts = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return [ipaddress.ip_address(text) for text in texts]


def test_a_body_arrives_and_the_answer_comes_back(receiver: FakeReceiver) -> None:
    receiver.replies.append(Reply(202, b"taken", {"X-Some": "thing"}))
    answer = HERE.post(f"{receiver.url}/a%20b/ü?c=d e", BODY, {"Content-Type": "text/x"})
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body, answer.headers["x-some"]) == (202, b"taken", "thing")
    (got,) = receiver.got
    assert got.path == "/a%20b/%C3%BC?c=d%20e"
    assert got.body == BODY
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "text/x"


def test_nothing_inside_is_called_unless_it_is_allowed(receiver: FakeReceiver) -> None:
    refused = Outbound().post(receiver.url, BODY, {})
    assert isinstance(refused, Refused)
    assert "127.0.0.1 leads to 127.0.0.1" in refused.reason
    assert receiver.got == []


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
    ],
)
def test_no_spelling_of_an_inner_address_gets_through(host: str, receiver: FakeReceiver) -> None:
    outcome = Outbound(seconds=5).post(f"http://{host}:{receiver.port}/", BODY, {})
    assert isinstance(outcome, Refused), outcome
    assert receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "http://",
        "http:///x",
        "http://user@example.org",
        "http://user:secret@example.org",
        "http://example.org:0",
        "http://example.org:99999",
        "http://example.org:x",
        "http://[::1",
        "http://" + "a" * 64 + ".org",
        "http://" + "a." * 200 + "org",
        "//example.org",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    asked = Resolver(["8.8.8.8"])
    outcome = Outbound(resolver=asked).post(url, BODY, {})
    assert isinstance(outcome, Refused)
    assert "secret" not in outcome.reason
    assert asked.asked == []


def test_a_second_answer_of_the_resolver_changes_nothing(receiver: FakeReceiver) -> None:
    # The name leads to what is allowed when it is checked, and would lead elsewhere afterwards.
    rebinding = Resolver(["127.0.0.1"], ["127.0.0.2"])
    out = replace(HERE, resolver=rebinding)
    assert isinstance(out.post(f"http://rebind.test:{receiver.port}/", BODY, {}), Answer)
    assert rebinding.asked == [("rebind.test", receiver.port)]
    assert receiver.got[0].headers["host"] == f"rebind.test:{receiver.port}"
    assert isinstance(out.post(f"http://rebind.test:{receiver.port}/", BODY, {}), Refused)


def test_all_addresses_of_a_name_are_checked(receiver: FakeReceiver) -> None:
    mixed = replace(HERE, resolver=Resolver(["127.0.0.1", "169.254.169.254"]))
    outcome = mixed.post(f"http://mixed.test:{receiver.port}/", BODY, {})
    assert isinstance(outcome, Refused)
    assert "169.254.169.254" in outcome.reason
    assert receiver.got == []


def test_the_next_address_is_tried_when_one_is_dead(receiver: FakeReceiver) -> None:
    out = replace(
        HERE, resolver=Resolver(["127.0.0.9", "127.0.0.1"]), allowed=Allowed.of(["127.0.0.0/8"])
    )
    assert isinstance(out.post(f"http://two.test:{receiver.port}/", BODY, {}), Answer)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_followed_with_the_same_body(status: int, receiver: FakeReceiver) -> None:
    receiver.replies += [Reply(status, b"", {"Location": "/there?x=1"}), Reply(200, b"here")]
    answer = HERE.post(f"{receiver.url}/first", BODY, {"Authorization": "Bearer x"}, redirects=3)
    assert isinstance(answer, Answer)
    assert answer.body == b"here"
    assert [got.path for got in receiver.got] == ["/first", "/there?x=1"]
    assert [got.body for got in receiver.got] == [BODY, BODY]
    assert receiver.got[1].headers["authorization"] == "Bearer x"


def test_a_redirect_is_an_answer_where_none_is_followed(receiver: FakeReceiver) -> None:
    receiver.replies.append(Reply(302, b"", {"Location": "/there"}))
    answer = HERE.post(receiver.url, BODY, {})
    assert isinstance(answer, Answer)
    assert answer.status == 302
    assert len(receiver.got) == 1


def test_at_most_three_redirects_are_followed(receiver: FakeReceiver) -> None:
    receiver.replies += [Reply(307, b"", {"Location": f"/{n}"}) for n in range(9)]
    assert HERE.post(receiver.url, BODY, {}, redirects=3) == Again("more than 3 redirects")
    assert len(receiver.got) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://2130706434/",
        "//10.0.0.1/",
    ],
)
def test_every_hop_is_checked(location: str, receiver: FakeReceiver) -> None:
    hops = [f"{receiver.url}/next", location]
    receiver.replies += [Reply(308, b"", {"Location": hop}) for hop in hops]
    assert isinstance(HERE.post(receiver.url, BODY, {}, redirects=3), Refused)
    assert len(receiver.got) == 2


@pytest.mark.parametrize("location", ["", "  ", "http://[", "ftp://x.org", "http://u:p@x.org/"])
def test_a_redirect_to_nowhere_is_tried_again_later(location: str, receiver: FakeReceiver) -> None:
    receiver.replies.append(Reply(307, b"", {"Location": location}))
    assert isinstance(HERE.post(receiver.url, BODY, {}, redirects=3), Again)


def test_credentials_do_not_go_to_another_host(receiver: FakeReceiver) -> None:
    with FakeReceiver() as other:
        receiver.replies.append(Reply(307, b"", {"Location": f"{other.url}/x"}))
        headers = {"authorization": "Bearer x", "X-Kept": "y"}
        assert isinstance(HERE.post(receiver.url, BODY, headers, redirects=1), Answer)
        assert receiver.got[0].headers["authorization"] == "Bearer x"
        assert "authorization" not in other.got[0].headers
        assert other.got[0].headers["x-kept"] == "y"


@pytest.mark.parametrize("way", [way for way in BAD_WAYS if not way.isdigit()])
def test_what_is_no_answer_is_tried_again(way: str, receiver: FakeReceiver) -> None:
    receiver.replies.append(BAD_WAYS[way])
    outcome = HERE.post(receiver.url, BODY, {})
    assert isinstance(outcome, Again), outcome
    assert outcome.reason.startswith("127.0.0.1 broke off: ")


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply(drip=True)], ids=["hangs", "drips"])
def test_nobody_is_waited_for_longer_than_the_limit(reply: Reply, receiver: FakeReceiver) -> None:
    receiver.replies.append(reply)
    assert HURRIED.post(receiver.url, BODY, {}) == Again("127.0.0.1 did not answer within 0.5 s")


def test_a_handshake_that_never_comes_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = HURRIED.post(f"https://127.0.0.1:{silent.getsockname()[1]}", BODY, {})
    assert outcome == Again("127.0.0.1 did not answer within 0.5 s")


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    over = threading.Event()

    def slow(host: str, port: int) -> list[Address]:
        over.wait()
        return resolve(host, port)

    outcome = replace(HURRIED, resolver=slow).post("https://slow.test", BODY, {})
    over.set()
    assert outcome == Again("slow.test cannot be resolved in time")


def test_a_name_without_address_is_tried_again() -> None:
    def unknown(*_: object) -> list[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    again = replace(HERE, resolver=unknown).post("https://gone.test", BODY, {})
    assert again == Again("gone.test cannot be resolved: Name or service not known")
    assert isinstance(replace(HERE, resolver=Resolver([])).post("https://x.test", BODY, {}), Again)


def test_nobody_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    outcome = HERE.post(f"http://127.0.0.1:{port}", BODY, {})
    assert isinstance(outcome, Again)
    assert f"cannot be reached on port {port}" in outcome.reason


def test_of_a_huge_answer_the_beginning_is_read(receiver: FakeReceiver) -> None:
    receiver.replies.append(Reply(200, b"x" * 10_000_000))
    answer = HERE.post(receiver.url, BODY, {})
    assert isinstance(answer, Answer)
    assert len(answer.body) == MOST_BYTES


def test_proxies_of_the_environment_are_not_used(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeReceiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert isinstance(HERE.post(receiver.url, BODY, {}), Answer)
        assert (len(receiver.got), proxy.got) == (1, [])


def serving(authority: trustme.CA, *names: str) -> FakeReceiver:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return FakeReceiver(context=context)


def test_a_good_certificate(authority: trustme.CA, trust: ssl.SSLContext) -> None:
    out = replace(HERE, trust=trust, resolver=Resolver(["127.0.0.1"]))
    with serving(authority, "hook.test") as receiver:
        answer = out.post(f"https://hook.test:{receiver.port}/", BODY, {})
        assert isinstance(answer, Answer)
        assert receiver.got[0].headers["host"] == f"hook.test:{receiver.port}"


def test_a_certificate_is_held_against_the_name_not_the_address(
    authority: trustme.CA, trust: ssl.SSLContext
) -> None:
    out = replace(HERE, trust=trust, resolver=Resolver(["127.0.0.1"]))
    with serving(authority, "other.test", "127.0.0.1") as receiver:
        outcome = out.post(f"https://hook.test:{receiver.port}/", BODY, {})
        assert isinstance(outcome, Again)
        assert "hook.test has no good certificate" in outcome.reason
        assert receiver.got == []


def test_a_certificate_that_nobody_knows(authority: trustme.CA) -> None:
    out = replace(HERE, resolver=Resolver(["127.0.0.1"]))
    with serving(authority, "hook.test") as receiver:
        assert isinstance(out.post(f"https://hook.test:{receiver.port}/", BODY, {}), Again)
        assert receiver.got == []


def test_no_redirect_leaves_encryption(
    authority: trustme.CA, trust: ssl.SSLContext, receiver: FakeReceiver
) -> None:
    out = replace(HERE, trust=trust, resolver=Resolver(["127.0.0.1"]))
    with serving(authority, "hook.test") as secure:
        secure.replies.append(Reply(307, b"", {"Location": receiver.url}))
        outcome = out.post(f"https://hook.test:{secure.port}/", BODY, {}, redirects=3)
    assert isinstance(outcome, Refused)
    assert "from https to http" in outcome.reason
    assert receiver.got == []


def test_no_thread_is_left_behind(receiver: FakeReceiver) -> None:
    before = set(threading.enumerate())
    HERE.post(receiver.url, BODY, {})
    until = time.monotonic() + 5
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left
