import pytest

from wane.server.problem import Problem
from wane.server.rate import MOST_BUCKETS, RateLimit


def allowed(limit: RateLimit, key: str, at: float, most: int = 1_000) -> int:
    """How many requests are let through at a moment."""
    for n in range(most):
        try:
            limit.take(key, at)
        except Problem:
            return n
    return most


def test_a_burst_is_let_through_and_then_no_more() -> None:
    assert allowed(RateLimit(per_second=10, burst=25), "a", 0.0) == 25


def test_the_bucket_fills_at_a_steady_rate_up_to_the_burst() -> None:
    limit = RateLimit(per_second=10, burst=25)
    allowed(limit, "a", 0.0)
    assert allowed(limit, "a", 0.5) == 5
    assert allowed(limit, "a", 1.5) == 10
    assert allowed(limit, "a", 1_000.0) == 25


def test_keys_do_not_share_a_bucket() -> None:
    limit = RateLimit(per_second=10, burst=25)
    allowed(limit, "a", 0.0)
    assert allowed(limit, "b", 0.0) == 25


def test_who_asks_too_often_hears_when_to_come_back() -> None:
    limit = RateLimit(per_second=0.1, burst=1)
    limit.take("a", 0.0)
    with pytest.raises(Problem) as caught:
        limit.take("a", 0.0)
    assert (caught.value.status, caught.value.code) == (429, "rate_limited")
    assert caught.value.retry_after == 10
    limit.take("a", 10.0)


def test_buckets_are_bounded() -> None:
    limit = RateLimit()
    for n in range(MOST_BUCKETS + 10):
        limit.take(f"key{n}", 0.0)
    assert len(limit._buckets) <= MOST_BUCKETS
