from collections.abc import Iterator
from pathlib import Path

import pytest

from server.served import THEIRS, Served, sent, serving
from wane.server.keys import Scope


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path / "data") as found:
        yield found


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with a model of each of two tenants, evaluated; tests only look at it."""
    with serving(tmp_path_factory.mktemp("watched") / "data") as served:
        sent(served, "churn")
        sent(served, "secret", days=3, tenant=THEIRS)
        rules = {"rules": [{"rule": "latency_p50 > 0.001", "min_n": 10}]}
        headers = served.headers(Scope.ADMIN)
        served.client.put("/v1/models/churn/settings", json=rules, headers=headers)
        served.service.operator.attend_all()
        assert served.service.operator.failures == {}
        yield served
