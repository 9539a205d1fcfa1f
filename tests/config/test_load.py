from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from wane.config import (
    CostSettings,
    DetectionSettings,
    FeatureSettings,
    LabelSettings,
    Settings,
    from_toml_text,
    json_schema,
    load,
    merge,
)
from wane.errors import ConfigError
from wane.schema import Column, Kind, Schema, Task

if TYPE_CHECKING:
    from pathlib import Path

FULL = """
model = "credit-risk"
current = ["logs/*.parquet", "s3://bucket/x.parquet"]
reference = "train.parquet"
where = "country = 'AT'"
task = "binary"
timestamp = "at"
id = "key"
score = "p"
label = "repaid"
features = ["age", {name = "zip", kind = "categorical"}]
segment = "channel"
version_column = "model_version"
classes = ["yes", "no"]
positive = "yes"
threshold = 0.4
top_k = [1, 3]
every = "1h"
timezone = "Europe/Vienna"
rules = ["accuracy < 0.90", {rule = "f1 drops 5%", for = 2, severity = "warning"}]
out = "out"
format = "json"
fail_on = "warning"
[derive]
ratio = "debt / income"
[labels]
path = "labels.csv"
id = "key"
[cost]
tp = 10
fn = -50.5
[detection]
false_alarms = "2 per month"
tolerance = {accuracy = 0.01, volume = 1}
holidays = [2026-12-25, "2027-01-01"]
"""


def test_every_key_is_read() -> None:
    settings = from_toml_text(FULL)
    assert settings.segment == ("channel",)
    assert settings.features == ("age", FeatureSettings(name="zip", kind="categorical"))
    assert settings.labels == LabelSettings(path="labels.csv", id="key")
    assert settings.cost == CostSettings(tp=10, fn=-50.5)
    assert settings.derive == {"ratio": "debt / income"}
    assert settings.top_k == (1, 3)


def test_how_often_learned_limits_may_be_wrong_is_read() -> None:
    detection = from_toml_text(FULL).detection
    assert detection == DetectionSettings(
        false_alarms="2 per month",
        tolerance={"accuracy": 0.01, "volume": 1},
        holidays=(dt.date(2026, 12, 25), dt.date(2027, 1, 1)),
    )
    assert from_toml_text("").detection is None
    assert from_toml_text("[detection]").detection == DetectionSettings()


def test_schema_puts_the_positive_class_last() -> None:
    schema = from_toml_text(FULL).to_schema()
    assert schema.task is Task.BINARY
    assert schema.classes == ("no", "yes")
    assert schema.features == (Column("age"), Column("zip", Kind.CATEGORICAL))
    assert schema.segments == ("channel",)
    assert schema.version == "model_version"


def test_nothing_set_is_an_empty_schema() -> None:
    assert from_toml_text("").to_schema() == Schema()


def test_settings_say_what_a_schema_says() -> None:
    schema = from_toml_text(FULL).to_schema()
    assert Settings.from_schema(schema, every="1d").to_schema() == schema
    assert Settings.from_schema(Schema()).model_fields_set == frozenset()


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "wane.toml").write_text(FULL)
    settings = load(tmp_path / "wane.toml")
    assert settings.reference == str(tmp_path / "train.parquet")
    assert settings.out == str(tmp_path / "out")
    assert settings.current == (str(tmp_path / "logs/*.parquet"), "s3://bucket/x.parquet")
    assert isinstance(settings.labels, LabelSettings)
    assert settings.labels.path == str(tmp_path / "labels.csv")
    (tmp_path / "wane.toml").write_text('labels = "y.csv"')
    assert load(tmp_path / "wane.toml").labels == str(tmp_path / "y.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('modle = "x"', ["wane.toml", "'modle'", "Did you mean 'model'?"]),
        ('"version-column" = "v"', ["'version-column'", "'version_column'"]),
        ('every = "3 days"', ["`every`", "'3 days'", '"1d"']),
        ('timezone = "Mars/Base"', ["time zone", "Mars/Base"]),
        ('fail_on = "critcal"', ["fail_on", "'critcal'", "Did you mean 'critical'?"]),
        ("threshold = 2", ["threshold", "at most 1", "got 2"]),
        ('threshold = "0.5"', ["threshold", "a number", "'0.5'"]),
        ("threshold = nan", ["threshold"]),
        ("top_k = [0]", ["top_k entry 1", "at least 1"]),
        ("top_k = [true]", ["top_k entry 1", "a whole number"]),
        ("features = [1]", ["features entry 1", "text or a table"]),
        ('features = [{name = "x", kind = "num"}]', ["features entry 1 key kind", "'numeric'"]),
        ('features = [{nam = "x"}]', ["'nam' in features entry 1", "Did you mean 'name'?"]),
        ('rules = [{rule = "x", fro = 2}]', ["'fro' in rules entry 1", "Did you mean 'for'?"]),
        ('labels = {id = "k"}', ["labels key path", "this key"]),
        ("labels = 3", ["labels", "text or a table"]),
        ('cost = {tn = "x"}', ["cost key tn", "a number"]),
        ("derive = {a = 1}", ["derive key a", "text in quotes"]),
        ("detection = 3", ["detection"]),
        ("[detection]\ntolerance = {f1 = -1}", ["detection key tolerance key f1", "at least 0"]),
        ("[detection]\ntolerance = {f1 = nan}", ["detection key tolerance key f1"]),
        ("[detection]\nholidays = ['christmas']", ["detection key holidays entry 1"]),
        ('classes = ["a", "a"]', ["twice"]),
        ('task = "binary"\nclasses = ["a", "b", "c"]', ["two"]),
        ('positive = "x"\nclasses = ["a", "b"]', ["'x'", "'a' or 'b'"]),
        ('positive = "x"', ["'x'", "set `classes` to both"]),
        ('reference = ""', ["reference", "not empty"]),
        ("model = 1\nout = 2", ["model", "Also wrong: out."]),
        ("a = \nb = 1", ["not valid TOML", "line 1"]),
    ],
)
def test_errors_name_key_allowed_and_given(text: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        from_toml_text(text)
    for word in words:
        assert word in str(caught.value)


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("model = 1")
    with pytest.raises(ConfigError, match=r"my\.toml: model: expected text"):
        load(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(path)
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_flags_win_and_absent_flags_do_not() -> None:
    settings = merge(from_toml_text(FULL), fail_on="critical", model=None, segment=())
    assert settings.fail_on == "critical"
    assert settings.model == "credit-risk"
    assert settings.segment == ("channel",)


def test_a_labels_flag_keeps_the_rest_of_the_table() -> None:
    settings = merge(from_toml_text(FULL), labels="other.csv")
    assert settings.labels == LabelSettings(path="other.csv", id="key")
    assert merge(Settings(), labels="other.csv").labels == "other.csv"


def test_errors_of_flags_spell_the_flag() -> None:
    with pytest.raises(ConfigError, match=r"--fail-on: expected .*'warnin'.* mean 'warning'"):
        merge(Settings(), fail_on="warnin")
    with pytest.raises(ConfigError, match="--version-column"):
        merge(Settings(), version_column="")


def test_the_published_schema_accepts_what_is_read_and_refuses_the_rest() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    written = from_toml_text(FULL).model_dump_json(by_alias=True, exclude_unset=True)
    assert validator.is_valid(json.loads(written))
    assert validator.is_valid({"segment": "channel", "labels": "x.csv"})
    assert not validator.is_valid({"modle": "x"})
    assert not validator.is_valid({"features": [{"kind": "numeric"}]})
    assert not validator.is_valid({"fail_on": "sometimes"})


@pytest.mark.parametrize("key", ["model", "out"])
def test_settings_are_frozen(key: str) -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(Settings(), key, "x")


def test_a_mistyped_key_of_detection_is_told() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'false_alarms'"):
        from_toml_text('[detection]\nfalse_alarm = "1 per day"')


@pytest.mark.parametrize(
    ("text", "place", "known"),
    [
        ('[service]\ngrce = "1h"\n', "in service", "grace"),
        ("[alerts]\nfoo = 1\n", "in alerts", "keep_firing"),
        (
            '[[alerts.route]]\nreceiver = "a"\nfoo = 1\n[alerts.receivers.a]\nslack = {}\n',
            "in alerts key route entry 1",
            "group_wait",
        ),
    ],
)
def test_an_unknown_key_of_any_table_is_told_with_those_there_are(
    text: str, place: str, known: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        from_toml_text(text)
    assert place in str(raised.value)
    assert known in str(raised.value)
