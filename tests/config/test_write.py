from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wane.config import Settings, from_toml_text, to_toml

names = st.text(min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
features = st.one_of(
    names,
    st.fixed_dictionaries(
        {"name": names}, optional={"kind": st.sampled_from(["numeric", "categorical"])}
    ),
)
rules = st.one_of(
    names,
    st.fixed_dictionaries(
        {"rule": names},
        optional={"for": st.integers(1, 99), "severity": st.sampled_from(["info", "critical"])},
    ),
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "model": names,
        "current": st.lists(names, max_size=3),
        "timestamp": names,
        "features": st.lists(features, max_size=20),
        "segment": st.lists(names, max_size=2),
        "scores": st.dictionaries(names, names, min_size=1, max_size=3),
        "derive": st.dictionaries(names, names, min_size=1, max_size=3),
        "labels": st.one_of(names, st.fixed_dictionaries({"path": names, "id": names})),
        "cost": st.fixed_dictionaries({}, optional={"tp": numbers, "fn": numbers}),
        "threshold": st.floats(0, 1),
        "top_k": st.lists(st.integers(1, 1000), min_size=1),
        "every": st.sampled_from(["1h", "5000 rows"]),
        "rules": st.lists(rules, max_size=3),
        "fail_on": st.sampled_from(["info", "never"]),
    },
)


@given(settings, st.lists(st.text(), max_size=3))
def test_what_is_written_reads_back_the_same(values: dict[str, Any], notes: list[str]) -> None:
    written = Settings.model_validate(values)
    assert from_toml_text(to_toml(written, notes=notes)) == written


def test_unset_keys_are_commented_examples() -> None:
    text = to_toml(Settings(timestamp="at"))
    assert 'timestamp = "at"\n' in text
    assert '# latency = "latency_ms"   # Column: time taken' in text
    assert from_toml_text(text) == Settings(timestamp="at")


def test_examples_are_valid_when_uncommented() -> None:
    lines = to_toml(Settings()).splitlines()
    examples = [line.removeprefix("# ") for line in lines if " = " in line]
    assert len(examples) > 10
    from_toml_text("\n".join(examples))


def test_notes_stay_comments() -> None:
    text = to_toml(Settings(), notes=['Assumed: "a\nmodel = 1" is a column'])
    assert '# Assumed: "a?model = 1" is a column' in text


def test_long_lists_take_several_lines() -> None:
    text = to_toml(Settings(features=tuple(f"feature_{i}" for i in range(40))))
    assert '\n  "feature_7",\n' in text


def test_learned_limits_are_written() -> None:
    text = (
        '[detection]\nfalse_alarms = "1 per day"\ntolerance = {f1 = 0.02}\nholidays = [2026-12-25]'
    )
    settings = from_toml_text(text)
    assert from_toml_text(to_toml(settings)) == settings
