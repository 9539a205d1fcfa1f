import json

import pytest

from wane.errors import ConfigError, ProfileError, SourceError, StoreError, WaneError
from wane.server.problem import WORDS, Problem, described, internal, problem_of


def body(problem: Problem) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(bytes(problem.response().body))
    return found


def test_every_problem_has_one_shape() -> None:
    assert body(Problem(418, "a_word", "a sentence")) == {
        "error": {"code": "a_word", "message": "a sentence"}
    }


def test_a_time_to_come_back_is_a_header() -> None:
    answer = Problem(503, "later", "later", retry_after=7).response()
    assert answer.headers["retry-after"] == "7"
    assert "retry-after" not in Problem(503, "never", "never").response().headers


def test_who_has_no_key_hears_which_kind() -> None:
    assert Problem(401, "no_key", "send one").response().headers["www-authenticate"] == "Bearer"


def test_problems_are_not_kept_by_caches() -> None:
    assert Problem(404, "gone", "gone").response().headers["cache-control"] == "no-store"


def test_halves_of_surrogate_pairs_can_be_told() -> None:
    assert body(Problem(400, "bad", "a \ud800 b"))["error"]["message"] == "a ? b"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SourceError("no array"), 400, "bad_request"),
        (ConfigError("no such key"), 400, "bad_request"),
        (StoreError("disk full"), 503, "store_unavailable"),
        (ProfileError("mixed"), 500, "internal"),
        (WaneError("unforeseen"), 500, "internal"),
    ],
)
def test_errors_of_the_library_become_problems(error: WaneError, status: int, code: str) -> None:
    found = problem_of(error)
    assert (found.status, found.code) == (status, code)


def test_what_senders_did_wrong_is_told() -> None:
    assert "no array" in problem_of(SourceError("no array")).message


@pytest.mark.parametrize("kind", [StoreError, ProfileError, WaneError])
def test_what_is_wrong_here_is_not(kind: type[WaneError]) -> None:
    told = problem_of(kind("the store lies somewhere", got="a secret"))
    assert "somewhere" not in told.message
    assert "secret" not in told.message


def test_who_meets_a_full_disk_hears_when_to_come_back() -> None:
    assert problem_of(StoreError("disk full")).retry_after == 5


def test_every_status_is_described_with_the_shape() -> None:
    found = described(*WORDS)
    schemas = [one["content"]["application/json"]["schema"] for one in found.values()]
    assert schemas == [{"$ref": "#/components/schemas/Refusal"}] * len(WORDS)


def test_internal_errors_tell_nothing() -> None:
    assert internal().status == 500
