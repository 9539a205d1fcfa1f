"""The whole way where labels are missing: what is estimated, judged and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

import wane
from metrics.build_scored import QUIET, SCHEMA, Day, log_of
from report.build_result import estimated
from streams import NOW
from wane.report import text
from wane.report.tiles import tiles
from wane.schema import Task
from wane.window import to_datetime

if TYPE_CHECKING:
    from wane.report.result import Result

REFERENCE = log_of([QUIET] * 20, 800, 77)
NARROW = Day(tilt=0.0, labelled=0.0)


def check(days: list[Day], *, drop: tuple[str, ...] = ("truth",), **given: object) -> Result:
    """What is concluded of a log, against three weeks of reference just before it."""
    table = log_of(days, 1_500, 5).drop_columns(list(drop))
    before = REFERENCE.drop_columns(["truth"])
    at = before.column_names.index("at")
    earlier = pa.compute.subtract(before["at"], pa.scalar(20 * 86_400_000_000, pa.duration("us")))
    return wane.check(
        table,
        reference=before.set_column(at, "at", earlier.cast(before["at"].type)),
        schema=SCHEMA,
        every="1d",
        now=to_datetime(NOW),
        **given,  # type: ignore[arg-type]
    )


def test_a_loss_is_seen_before_its_labels_are_in() -> None:
    """Where scores crowd at even odds, answers are wrong more often, labels or not."""
    table = log_of([QUIET] * 10 + [NARROW] * 6, 1_500, 5).drop_columns(["truth"])
    score = table["score"].to_numpy().copy()
    late = np.arange(len(score)) >= 10 * 1_500
    score[late] = 0.5 + (score[late] - 0.5) * 0.15
    crowded = table.set_column(table.column_names.index("score"), "score", pa.array(score))
    found = wane.check(
        crowded,
        reference=REFERENCE.drop_columns(["truth"]),
        schema=SCHEMA,
        every="1d",
        now=to_datetime(NOW),
    )
    accuracy, blend = (found.measurements.get(key) for key in ("accuracy", "accuracy_blend"))
    assert accuracy is not None
    assert blend is not None
    assert np.isnan(accuracy.values[10:]).all()
    assert blend.values[-1] < accuracy.reference - 0.1
    assert found.verdict.state == "needs attention"
    assert "estimated, as labels are missing" in found.verdict.sentence
    critical = [alert for alert in found.alerts if alert.key.metric == "accuracy"]
    assert critical
    assert all(alert.reason.endswith("; estimated, as labels are missing") for alert in critical)


def test_quiet_days_without_labels_are_healthy() -> None:
    found = check([QUIET] * 12 + [Day(labelled=0.0)] * 5)
    assert found.verdict.state == "healthy"
    assert "estimated, as labels are missing" in found.verdict.sentence
    assert not [alert for alert in found.alerts if alert.key.metric == "accuracy"]


def test_only_the_reference_has_labels() -> None:
    found = check([QUIET] * 12, drop=("truth", "label"))
    assert found.main_metric == "accuracy_estimated"
    assert any("have no labels ('label')" in note for note in found.notes)
    assert found.verdict.sentence.startswith("Estimated accuracy holds at")
    guess = found.measurements.get("accuracy_estimated")
    truth = log_of([QUIET] * 12, 1_500, 5)
    right = np.equal(truth["prediction"].to_numpy(), truth["truth"].to_numpy())
    assert guess is not None
    assert np.abs(guess.values - right.reshape(12, -1).mean(axis=1)).mean() < 0.015


def test_the_label_is_found_where_only_the_reference_has_it() -> None:
    names = ["at", "score", "prediction", "label", "channel"]
    before = REFERENCE.select(names).rename_columns(["timestamp", *names[1:]])
    now = log_of([QUIET] * 3, 800, 5).select(["at", "score", "prediction", "channel"])
    found = wane.check(
        now.rename_columns(["timestamp", "score", "prediction", "channel"]),
        reference=before,
        now=to_datetime(NOW),
    )
    assert found.schema is not None
    assert found.schema.label == "label"
    assert found.schema.task is Task.BINARY
    assert found.main_metric == "accuracy_estimated"


def test_many_classes() -> None:
    """Accuracy by the confidence of the answer."""
    rng = np.random.default_rng(4)

    def rows(days: int, sharpness: float, *, labels: bool) -> pa.Table:
        n = days * 1_000
        scores = rng.dirichlet([sharpness] * 3, n)
        truth = (rng.random((n, 1)) > scores.cumsum(axis=1)[:, :-1]).sum(axis=1)
        names = np.array(["a", "b", "c"])
        columns = {f"p_{name}": scores[:, at] for at, name in enumerate(names)}
        label = pa.array(names[truth], mask=np.full(n, not labels))
        times = NOW - 40 * 86_400_000_000 + np.repeat(np.arange(days), 1_000) * 86_400_000_000
        return pa.table(
            {
                "at": pa.array(times, pa.timestamp("us", "UTC")),
                **columns,
                "prediction": names[scores.argmax(axis=1)],
                "label": label,
                "right": names[truth] == names[scores.argmax(axis=1)],
            }
        )

    schema = wane.Schema(
        task=Task.MULTICLASS,
        timestamp="at",
        scores={name: f"p_{name}" for name in "abc"},
        prediction="prediction",
        label="label",
        classes=("a", "b", "c"),
        features=(),
    )
    now = rows(6, 3.0, labels=False)
    found = wane.check(
        now, reference=rows(10, 0.7, labels=True), schema=schema, every="1d", now=to_datetime(NOW)
    )
    guess = found.measurements.get("accuracy_estimated")
    assert found.main_metric == "accuracy_estimated"
    assert guess is not None
    truth = now["right"].to_numpy(zero_copy_only=False).reshape(6, -1).mean(axis=1)
    assert np.abs(guess.values - truth).max() < 0.04
    assert guess.reference - guess.values.mean() > 0.1


def test_what_is_said_where_labels_are_to_come() -> None:
    told = text.render(estimated())
    assert "it is 0.902 by labels and estimate (0.887 to 0.917)" in " ".join(told.split())
    performance, *_ = tiles(estimated())
    assert performance.value == "0.902"
    assert performance.what == "Accuracy, estimated in part, 30\u00a0Oct"
    assert performance.n == "n 2,000 · provisional: 4 % of labels in"


def test_a_score_column_without_a_number_ends_nothing() -> None:
    table = log_of([QUIET] * 3, 500, 5).drop_columns(["truth"])
    blank = table.set_column(
        table.column_names.index("score"), "score", pa.array(np.full(table.num_rows, np.nan))
    )
    found = wane.check(blank, schema=SCHEMA, every="1d", now=to_datetime(NOW))
    assert found.measurements.get("accuracy") is not None
