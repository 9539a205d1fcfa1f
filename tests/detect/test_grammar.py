from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.detect.grammar import parse_rule
from wane.detect.rule import EVERY, Against, Operator, Rule, check_metrics, rule_text
from wane.detect.severity import Severity
from wane.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("accuracy < 0.90", Rule("accuracy", Operator.BELOW, Decimal("0.90"))),
        ("accuracy<=0.9", Rule("accuracy", Operator.AT_MOST, Decimal("0.9"))),
        ("  f1   >=  .5 ", Rule("f1", Operator.AT_LEAST, Decimal("0.5"))),
        ("bias > -1e-3", Rule("bias", Operator.ABOVE, Decimal("-0.001"))),
        ("missing_share > 10%", Rule("missing_share", Operator.ABOVE, Decimal("0.1"))),
        ("psi(income) > 0.2", Rule("psi", Operator.ABOVE, Decimal("0.2"), column="income")),
        ("psi( net income ) > 1", Rule("psi", Operator.ABOVE, Decimal(1), column="net income")),
        (
            'psi(a"; drop table x; --) > 1',
            Rule("psi", Operator.ABOVE, Decimal(1), column='a"; drop table x; --'),
        ),
        (
            r'psi("f(x) \"y\"") > 1',
            Rule("psi", Operator.ABOVE, Decimal(1), column='f(x) "y"'),
        ),
        (
            "missing_share(*) > 0.1",
            Rule("missing_share", Operator.ABOVE, Decimal("0.1"), column=EVERY),
        ),
        ("ndcg@10 < 0.3", Rule("ndcg@10", Operator.BELOW, Decimal("0.3"))),
        ('"avg confidence" < 0.88', Rule("avg confidence", Operator.BELOW, Decimal("0.88"))),
        ("f1 drops 0.05", Rule("f1", Operator.BELOW, Decimal("0.05"), Against.REFERENCE)),
        ("f1 drops by 5 %", None),
        (
            "f1 drops by 5%",
            Rule("f1", Operator.BELOW, Decimal("0.05"), Against.REFERENCE_SHARE),
        ),
        (
            "latency_p95 rises 50%",
            Rule("latency_p95", Operator.ABOVE, Decimal("0.5"), Against.REFERENCE_SHARE),
        ),
        (
            "f1 < 1 on channel=mobile",
            Rule("f1", Operator.BELOW, Decimal(1), segment="channel=mobile"),
        ),
        (
            'f1 < 1 on region="north east"',
            Rule("f1", Operator.BELOW, Decimal(1), segment="region=north east"),
        ),
        (
            'f1 < 1 on "my region=north east"',
            Rule("f1", Operator.BELOW, Decimal(1), segment="my region=north east"),
        ),
        ("f1 < 1 per channel", Rule("f1", Operator.BELOW, Decimal(1), segment="channel")),
        ("f1 < 1 per segment", Rule("f1", Operator.BELOW, Decimal(1), segment=EVERY)),
        ('f1 < 1 per "segment"', Rule("f1", Operator.BELOW, Decimal(1), segment="segment")),
        (
            "f1 drops 5% per channel for 2 as warning with 500 rows",
            Rule(
                "f1",
                Operator.BELOW,
                Decimal("0.05"),
                Against.REFERENCE_SHARE,
                segment="channel",
                severity=Severity.WARNING,
                for_windows=2,
                min_n=500,
            ),
        ),
        (
            "f1 < 1 with 1,500 rows as info surely for 3 windows",
            Rule(
                "f1",
                Operator.BELOW,
                Decimal(1),
                severity=Severity.INFO,
                for_windows=3,
                min_n=1500,
                sure=True,
            ),
        ),
    ],
)
def test_sentences(text: str, rule: Rule | None) -> None:
    if rule is None:
        with pytest.raises(ConfigError):
            parse_rule(text)
        return
    assert parse_rule(text) == rule
    assert parse_rule(text).text == text.strip()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["not a rule"]),
        ("< 3", ["not a rule"]),
        ("accuracy", ["does not say what breaks it", "nothing"]),
        ("f1 dorps 5%", ["'dorps'", "Did you mean 'drops'?"]),
        ("avg confidence < 1", ["'confidence'", "double quotes"]),
        ("f1 <", ["no number", "nothing"]),
        ("f1 < high", ["no number", "'high'"]),
        ("f1 < nan", ["no number"]),
        ("f1 < 1e999999", ["no number"]),
        ("f1 < 1e-999999", ["no number"]),
        ("f1 drops -5%", ["not negative"]),
        ("f1 < 1 fro 2", ["'fro'", "Did you mean 'for'?"]),
        ("f1 < 1 for", ["ends after 'for'"]),
        ("f1 < 1 for 0", ["from 1", "'0'"]),
        ("f1 < 1 for two", ["from 1", "'two'"]),
        ("f1 < 1 as criticl", ["severity", "Did you mean 'critical'?"]),
        ("f1 < 1 on mobile", ["not a segment", "channel=mobile"]),
        ('f1 < 1 on "x', ["quote"]),
        ("f1 < 1 and f2 < 1", ["'and'"]),
    ],
)
def test_what_does_not_read_says_where(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rule(text)
    for word in words:
        assert word in str(caught.value)


def test_a_table_wins_over_its_sentence() -> None:
    table: dict[str, Any] = {
        "rule": "f1 < 0.90 as info",
        "severity": "warning",
        "for": 2,
        "min_n": 500,
        "segment": "region=north east",
    }
    rule = parse_rule(table)
    assert rule.severity is Severity.WARNING
    assert (rule.for_windows, rule.min_n, rule.segment) == (2, 500, "region=north east")
    assert rule.text == 'f1 < 0.90 on "region=north east" for 2 as warning with 500 rows'


def test_an_unknown_key_of_a_table() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'severity'"):
        parse_rule({"rule": "f1 < 1", "sevrity": "info"})


names = st.text(min_size=1, max_size=10).filter(lambda name: name != EVERY)
segments = st.one_of(
    st.none(),
    st.just(EVERY),
    names.filter(lambda name: "=" not in name),
    st.builds(lambda a, b: f"{a}={b}", names.filter(lambda name: "=" not in name), names),
)
written_rules = st.builds(
    Rule,
    metric=names,
    operator=st.sampled_from(Operator),
    threshold=st.decimals(-1000, 1000, places=4),
    column=st.one_of(st.none(), st.just(EVERY), names),
    segment=segments,
    severity=st.sampled_from(Severity),
    for_windows=st.integers(1, 100),
    min_n=st.integers(0, 10**9),
    sure=st.booleans(),
)
relative_rules = st.builds(
    Rule,
    metric=names,
    operator=st.sampled_from([Operator.BELOW, Operator.ABOVE]),
    threshold=st.decimals(0, 1000, places=4),
    against=st.sampled_from([Against.REFERENCE, Against.REFERENCE_SHARE]),
)


@given(st.one_of(written_rules, relative_rules))
def test_the_text_of_a_rule_reads_as_the_same_rule(rule: Rule) -> None:
    assert parse_rule(rule_text(rule)) == rule


@given(st.text(max_size=40))
def test_any_text_is_a_rule_or_an_error(text: str) -> None:
    try:
        rule = parse_rule(text)
    except ConfigError:
        return
    assert parse_rule(rule_text(rule)) == rule


def test_unknown_metrics_are_named() -> None:
    rules = [parse_rule("accuracy < 1"), parse_rule("accurcy < 1")]
    check_metrics(rules[:1], {"accuracy"})
    with pytest.raises(ConfigError, match="Did you mean 'accuracy'"):
        check_metrics(rules, {"accuracy", "f1"})


def test_counts_of_a_rule_are_counts() -> None:
    with pytest.raises(ConfigError):
        Rule("f1", Operator.BELOW, Decimal(1), for_windows=0)
