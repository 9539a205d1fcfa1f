"""Odd and broken input through the library."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import wane
from build_log import START, log
from pipeline.logs import DAY, LOG, ROWS, TRAIN, check, put, spoilt
from sound import shown
from wane.diagnose.fault import FaultKind

NAN, INF = float("nan"), float("inf")
ODD: dict[str, pa.Table] = {
    "null column": put(LOG, age=pa.nulls(ROWS)),
    "null numbers": put(LOG, age=pa.nulls(ROWS, pa.float64())),
    "null labels": put(LOG, label=pa.nulls(ROWS, pa.int64())),
    "null scores": put(LOG, score=pa.nulls(ROWS, pa.float64())),
    "null predictions": put(LOG, prediction=pa.nulls(ROWS, pa.int64())),
    "constant": put(LOG, age=[7.0] * ROWS, channel=["web"] * ROWS),
    "one class": put(LOG, label=[0] * ROWS),
    "one class in a window": spoilt("label", dict.fromkeys(range(100, 200), 0)),
    "a window without labels": spoilt("label", dict.fromkeys(range(100, 200))),
    "newest labels missing": spoilt("label", dict.fromkeys(range(600, 800))),
    "impossible scores": spoilt("score", {5: 1.5, 6: -2.0}),
    "infinite": spoilt("age", {3: INF, 4: -INF, 7: NAN}),
    "all infinite": put(LOG, age=[INF] * ROWS),
    "huge": spoilt("age", {3: 1e150, 9: -1e150, 11: 1e15}),
    "numbers as text": put(LOG, age=[str(age) for age in LOG["age"].to_pylist()]),
    "mixed text": put(LOG, age=[str(i) if i % 2 else "n/a" for i in range(ROWS)]),
    "a name for each row": put(LOG, channel=[f"u{i}" for i in range(ROWS)]),
    "booleans": put(LOG, prediction=[bool(p) for p in LOG["prediction"].to_pylist()]),
    "nested": put(LOG, age=[[1, 2]] * ROWS),
    "bytes": put(LOG, channel=[b"\xff"] * ROWS),
    "dates": put(LOG, age=[dt.date(2026, 1, 1)] * ROWS),
    "one row": LOG.slice(0, 1),
    "three rows": LOG.slice(0, 3),
    "a row for each window": LOG.take(list(range(0, ROWS, 100))),
    "two windows": LOG.slice(0, 200),
    "no labels": LOG.drop_columns(["label"]),
    "no scores": LOG.drop_columns(["score"]),
    "no predictions": LOG.drop_columns(["prediction"]),
    "no timestamps": LOG.drop_columns(["timestamp"]),
    "features alone": LOG.select(["age", "channel"]),
    "timestamps alone": LOG.select(["timestamp"]),
    "wide": put(LOG.slice(0, 60), **{f"f{i}": np.arange(60) * i for i in range(60)}),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("reference", [None, TRAIN], ids=["alone", "against"])
def test_odd_input_gives_a_result_with_reasons(name: str, reference: pa.Table | None) -> None:
    found = shown(check(ODD[name], reference=reference))
    assert found["rows"]["used"] == ODD[name].num_rows
    assert found["measurements"]


def test_one_bad_column_does_not_cost_the_others() -> None:
    bad = put(LOG, age=pa.nulls(ROWS, pa.float64()), more=[[1]] * ROWS)
    found, plain = (
        check(table, reference=TRAIN).measurements.to_arrow().to_pylist() for table in (bad, LOG)
    )
    for column in ("channel", "score", None):
        assert [one for one in found if one["column"] == column] == [
            one for one in plain if one["column"] == column
        ]


def test_impossible_scores_are_counted_where_the_role_is_given() -> None:
    found = check(ODD["impossible scores"], schema=wane.Schema(score="score"))
    invalid = found.measurements.get("invalid_share", "score")
    assert invalid is not None
    assert invalid.values[0] == 0.02
    auc = found.measurements.get("roc_auc")
    assert auc is not None
    assert np.isfinite(auc.values).all()


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (pa.nulls(ROWS, pa.timestamp("us", "UTC")), "timestamp is missing"),
        (pa.array([START + 3000 * DAY] * ROWS), "timestamp is in the future"),
    ],
)
def test_no_usable_time_is_an_error(times: pa.Array, reason: str) -> None:
    with pytest.raises(wane.DataError, match=f"frame has no usable rows.*800 rows: {reason}"):
        check(put(LOG, timestamp=times))


def test_rows_without_a_usable_time_are_counted() -> None:
    found = shown(check(spoilt("timestamp", {0: None, 1: START + 3000 * DAY, 2: None})))
    assert found["rows"]["used"] == ROWS - 3
    assert {(one["reason"], one["count"]) for one in found["rows"]["rejected"]} == {
        *(("timestamp is missing", 2), ("timestamp is in the future", 1))
    }


def test_negative_weights_are_rejected_and_others_count() -> None:
    weighted = put(LOG, weight=[-1.0, NAN, *[2.0] * (ROWS - 2)])
    found = check(weighted, schema=wane.Schema(weight="weight"))
    assert shown(found)["rows"]["used"] == ROWS - 2
    plain = check(LOG.slice(2))
    for metric in ("accuracy", "f1", "brier"):
        left, right = (each.summary[metric].mean for each in (found, plain))
        assert left == pytest.approx(right)


def test_duplicate_ids_are_told() -> None:
    notes = check(put(LOG, id=[i // 2 for i in range(ROWS)])).notes
    assert "400 rows repeat an id in 'id'; they are counted like the others" in notes


WORDS = [("DOWN", "UP"), ("no", "yes"), ("False", "True"), ("bad", "good")]


@pytest.mark.parametrize("words", WORDS, ids="/".join)
def test_classes_may_be_words(words: tuple[str, str]) -> None:
    named = {
        name: [words[one] for one in LOG[name].to_pylist()] for name in ("label", "prediction")
    }
    found, plain = check(put(LOG, **named)), check(LOG)
    for metric in ("accuracy", "f1", "roc_auc", "brier"):
        assert found.summary[metric] == plain.summary[metric]


def test_booleans_are_the_classes_0_and_1() -> None:
    found, plain = (check(table, reference=TRAIN) for table in (ODD["booleans"], LOG))
    assert found.summary == plain.summary


def test_a_reference_with_other_columns_compares_what_there_is() -> None:
    other = TRAIN.drop_columns(["age"])
    found = check(put(LOG, version=["v2"] * ROWS, latency_ms=[5.0] * ROWS), reference=other)
    assert "the reference lacks 'age'; drift of these is not measured" in found.notes
    for metric in ("psi", "out_of_range_share"):
        age = found.measurements.get(metric, "age")
        assert age is not None
        assert np.isnan(age.values).all()
        assert age.reasons[0] is not None
    channel = found.measurements.get("psi", "channel")
    assert channel is not None
    assert np.isfinite(channel.values).all()
    assert {alert.key.column for alert in found.alerts}.isdisjoint({"age", "version"})


def test_a_reference_that_has_nothing_in_common() -> None:
    found = shown(check(LOG, reference=pa.table({"x": [1.0, 2.0], "y": ["a", "b"]})))
    assert found["rows"]["used"] == ROWS


@pytest.mark.parametrize(
    "columns",
    [
        {"age": [str(age) for age in TRAIN["age"].to_pylist()]},
        {"age": ["old"] * 700, "channel": list(range(700))},
        {"label": ["yes" if one else "no" for one in TRAIN["label"].to_pylist()]},
        {"score": [str(score) for score in TRAIN["score"].to_pylist()]},
    ],
    ids="+".join,
)
def test_a_reference_with_other_types(columns: dict[str, list[object]]) -> None:
    shown(check(LOG, reference=put(TRAIN, **columns)))


def kind_of(found: wane.Result, name: str) -> wane.Kind | None:
    assert found.schema is not None
    kinds = {column.name: column.kind for column in found.schema.features or ()}
    return kinds[name]


def test_a_feature_is_counted_as_it_was_in_the_reference() -> None:
    """Numbers that come as texts are read as numbers; what is none of them is of a wrong type."""
    words = put(LOG, age=[str(value) for value in LOG["age"].to_pylist()])
    same = check(words, reference=TRAIN)
    assert any("'age' had values of another kind" in note for note in same.notes)
    assert kind_of(same, "age") is wane.Kind.NUMERIC
    drift = same.measurements.get("psi", column="age")
    plain = check(LOG, reference=TRAIN).measurements.get("psi", column="age")
    assert drift is not None
    assert plain is not None
    np.testing.assert_allclose(drift.values, plain.values)
    spelled = put(TRAIN, age=[str(value) for value in TRAIN["age"].to_pylist()])
    assert kind_of(check(LOG, reference=spelled), "age") is wane.Kind.NUMERIC
    unique = check(put(LOG, age=[f"row {at}" for at in range(ROWS)]), reference=TRAIN)
    wrong = unique.measurements.get("wrong_type_share", column="age")
    assert wrong is not None
    np.testing.assert_allclose(wrong.values, 1.0)


def test_the_log_as_its_own_reference_does_not_drift() -> None:
    found = check(LOG, reference=LOG)
    assert found.alerts == ()
    assert not any(change.drifted for change in found.changes)


def test_too_few_rows_are_no_reference() -> None:
    found = check(LOG.take(list(range(0, ROWS, 100))))
    assert (found.reference.kind, found.alerts) == ("none", ())
    assert found.verdict.state == "not enough data"


@pytest.mark.parametrize(
    ("every", "windows"), [("1d", 8), ("12h", 16), ("1w", 2), ("300 rows", 3), ("1000 rows", 1)]
)
def test_windows(every: str, windows: int) -> None:
    found = check(LOG, every=every)
    assert len(found.measurements.windows) == windows
    volume = found.measurements.get("volume")
    assert volume is not None
    assert volume.values.sum() == ROWS


def test_days_of_a_zone_with_daylight_saving() -> None:
    """Vienna's clocks go back on 25 October 2026: that day has 25 hours."""
    start = dt.datetime(2026, 10, 23, tzinfo=dt.UTC)
    times = [start + dt.timedelta(hours=hour) for hour in range(24 * 5)]
    table = pa.table({"timestamp": times, "x": np.arange(len(times))})
    volume = check(table, every="1d", timezone="Europe/Vienna").measurements.get("volume")
    assert volume is not None
    assert volume.values.tolist() == [22, 24, 25, 24, 24, 1]


def test_many_small_windows() -> None:
    small = log(60, 20, seed=4, first_day=-60)
    found = check(small, every="1h")
    assert len(found.measurements.windows) > 700
    assert found.rows.used == 1200


MISTAKES: dict[str, tuple[object, dict[str, Any], type[wane.WaneError], str]] = {
    "nothing": (None, {}, wane.SourceError, "got NoneType"),
    "a number": (5, {}, wane.SourceError, "got int"),
    "no paths": ([], {}, wane.UsageError, "an empty list"),
    "no rows": (LOG.slice(0, 0), {}, wane.SourceError, "frame has no rows"),
    "ragged": ({"a": [1, 2], "b": [1]}, {}, wane.SourceError, "expected length 2"),
    "column": (LOG, {"schema": wane.Schema(label="lable")}, wane.SchemaError, "'label'"),
    "window": (LOG, {"every": "soon"}, wane.ConfigError, "not a window size"),
    "zone": (LOG, {"timezone": "Mars/X"}, wane.ConfigError, "unknown time zone"),
    "rule": (LOG, {"rules": ["f1 less than 1"]}, wane.ConfigError, "does not say what breaks it"),
    "metric": (LOG, {"rules": ["acuracy < 1"]}, wane.ConfigError, "'accuracy'"),
    "cost": (LOG, {"cost": {"tpp": 1}}, wane.ConfigError, "`cost` names an unknown outcome"),
    "reference": (LOG, {"reference": TRAIN.slice(0, 0)}, wane.SourceError, "reference has no rows"),
    "derived": (LOG, {"derive": {"x": "agee + 1"}}, wane.ConfigError, "Did you mean 'age'"),
    "labels": (LOG, {"labels": "none.csv"}, wane.SourceError, "none.csv does not exist"),
    "times": (LOG, {"schema": wane.Schema(timestamp="channel")}, wane.SchemaError, "no times"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_what_to_do(name: str) -> None:
    given, arguments, kind, words = MISTAKES[name]
    with pytest.raises(kind, match=words):
        check(given, **arguments)


def test_a_rule_that_speaks_of_nothing_is_told() -> None:
    rules = ["psi(agee) > 1", "accuracy < 0.1 per chanel", "mae > 3"]
    found = check(LOG, rules=rules, schema=wane.Schema(segments=("channel",)))
    assert found.notes[0].endswith("psi is not measured for column 'agee'. Did you mean 'age'?")
    assert any("mae is not measured here" in note for note in found.notes)


def test_costs_left_out_are_nothing() -> None:
    found = check(LOG, cost={"tp": 2}).measurements.get("cost")
    whole = check(LOG, cost={"tp": 2, "fp": 0, "fn": 0, "tn": 0}).measurements.get("cost")
    assert found is not None
    assert whole is not None
    assert found.values.tolist() == whole.values.tolist()


def test_derived_columns_and_filters() -> None:
    found = check(LOG, where="age > 40", derive={"senior": "age > 60"})
    assert 0 < found.rows.used < ROWS
    assert found.measurements.get("missing_share", "senior") is not None


def test_progress_is_told() -> None:
    told: list[tuple[str, float]] = []
    check(LOG, reference=TRAIN, progress=lambda what, share: told.append((what, share)))
    shares = [share for what, share in told if what == "reading"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_noise_of_many_features_is_not_told_as_drift() -> None:
    """Each of 200 equal features would pass what noise does to one in one of twenty cases."""
    chance = np.random.default_rng(5)
    sides = [
        pa.table({f"x{at}": chance.normal(size=400) for at in range(200)} | {"p": [0, 1] * 200})
        for _ in range(2)
    ]
    found = check(sides[0], reference=sides[1], schema=wane.Schema(prediction="p"))
    assert "no feature drifted" in found.verdict.sentence


def test_one_number_beyond_all_measure_does_not_cost_the_run() -> None:
    chance = np.random.default_rng(3)
    rows = {"x": chance.normal(size=900), "prediction": chance.normal(size=900)}
    labels = rows["prediction"] + chance.normal(size=900)
    labels[7] = 1e300
    table = pa.table({**rows, "label": labels})
    shown(check(table, schema=wane.Schema(task=wane.Task.REGRESSION), every="300 rows"))


def test_a_table_too_wide_to_tell_outcomes_apart_is_measured() -> None:
    wide = {f"x{at}": [float(at % 7)] * 50 + [0.0] * 50 for at in range(1_600)}
    answers = {"score": [0.2, 0.8] * 50, "prediction": [0, 1] * 50, "label": [0, 1] * 50}
    found = check(pa.table({**wide, **answers}), every="50 rows")
    accuracy = found.measurements.get("accuracy")
    assert accuracy is not None
    np.testing.assert_array_equal(accuracy.values, [1.0, 1.0])


def test_a_day_and_a_half_is_no_shifted_clock() -> None:
    """The first windows cover other hours of the day than the last ones."""
    steps = 36 * 60
    times = [START + dt.timedelta(minutes=at) for at in range(steps)]
    table = pa.table({"timestamp": times, "x": [at % 13 for at in range(steps)]})
    found = check(table, every="1h")
    assert not [fault for fault in found.faults if fault.kind is FaultKind.CLOCK]


def test_a_column_that_the_reference_lacks_silences_nobody() -> None:
    schema = wane.Schema(segments=("channel",))
    found = check(LOG, reference=TRAIN.drop_columns(["channel"]), schema=schema)
    assert not found.faults


def test_scores_that_do_not_fit_the_classes_are_refused() -> None:
    table = pa.table(
        {
            "label": ["a", "b", "c"] * 40,
            "prediction": ["a", "b", "c"] * 40,
            "pa": [0.5] * 120,
            "pb": [0.5] * 120,
        }
    )
    schema = wane.Schema(task=wane.Task.MULTICLASS, scores={"a": "pa", "b": "pb"})
    with pytest.raises(wane.SchemaError, match="a column for each of 'a', 'b', 'c'"):
        check(table, schema=schema)
