from wane.report.words import (
    format_metric,
    full_name,
    metric_title,
    per_window,
    readable,
    sentence_case,
    shorten,
)
from wane.window import Every


def test_a_name_that_is_not_in_the_catalogue_keeps_its_words() -> None:
    assert metric_title("avg_basket_size") == "avg basket size"


def test_long_names_keep_their_beginning_and_end() -> None:
    name = "a" * 5000 + "z" * 5000
    assert len(shorten(name)) == 48
    assert shorten(name).startswith("aaa")
    assert shorten(name).endswith("zzz")
    assert shorten("income") == "income"


def test_a_tooltip_says_how_long_the_name_is() -> None:
    assert full_name("n" * 10_000).endswith("(10,000 characters)")
    assert full_name("n" * 300) == "n" * 300


def test_sentences_lose_only_their_endless_words() -> None:
    assert readable("income drifted") == "income drifted"
    assert len(readable(f"{'n' * 10_000} drifted")) < 60


def test_counts_are_counts() -> None:
    assert format_metric("volume", 1234.0) == "1,234"
    assert format_metric("volume", None) == "\u2013"


def test_case_and_units() -> None:
    assert sentence_case("mean confidence") == "Mean confidence"
    assert sentence_case("") == ""
    assert per_window(Every.parse("1d")) == "a day"
    assert per_window(Every.parse("15min")) == "per 15min"
    assert per_window(None) == "per window"
