import ssl
from collections.abc import Iterator

import pytest
import trustme

from alert.notify.receiving import FakeReceiver


@pytest.fixture
def receiver() -> Iterator[FakeReceiver]:
    with FakeReceiver() as started:
        yield started


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """Trusts what the tests' own authority has signed."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
