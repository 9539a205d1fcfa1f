"""What Prometheus reads: the newest measurements, within a bound that is itself exposed."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from wane.diagnose.verdict import State
from wane.report.parts import CONCLUSIONS, NEWEST, SUMMARY
from wane.server.operator import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa
    from prometheus_client.core import Metric

    from wane.server.operator import Operator
    from wane.server.writer import Writer
    from wane.store.records import Model
    from wane.store.store import Store

__all__ = ["CONTENT_TYPE", "Exposition"]

MOST_SERIES = 2_000
"""Series of one model; those of the whole model come first, then columns, then segments."""
STATES = (State.NO_DATA, State.NOT_ENOUGH_DATA, State.HEALTHY, State.ATTENTION, State.BROKEN)
"""In the order of their numbers."""
SERIES = ("model", "metric", "column", "segment")
ALERT = ("model", "rule", "severity", *SERIES[1:])
EVENTS = ("model", "kind", "outcome")


@dataclass(frozen=True, slots=True)
class _Newest:
    """What the newest evaluation of a model says of its newest window.

    Attributes:
        made: When it was evaluated.
        state: The verdict's word.
        end: End of the window; None where nothing was measured.
        rows: Measurements, the most general ones first, within the bound.
        left_out: Measurements beyond the bound.
        alerts: Alerts of this window.
    """

    made: dt.datetime
    state: str
    end: dt.datetime | None
    rows: Sequence[Mapping[str, Any]]
    left_out: int
    alerts: Sequence[Mapping[str, Any]]


class Exposition:
    """Figures of the models of a tenant; those of an evaluation are read once.

    Args:
        store: What is known.
        writer: Knows what became of events.
        operator: Knows how evaluations go.
        most_series: Measurements shown of one model.
    """

    def __init__(
        self, store: Store, writer: Writer, operator: Operator, most_series: int = MOST_SERIES
    ) -> None:
        self._store, self._writer, self._operator = store, writer, operator
        self._most_series = most_series
        self._read: dict[int, _Newest] = {}

    def text(self, tenant: str, now: dt.datetime) -> bytes:
        """The figures in the text format of Prometheus."""
        models = self._store.models(tenant)
        registry = CollectorRegistry()
        registry.register(_Collected([*self._service(models, now), *self._models(models)]))
        return generate_latest(registry)

    def _service(self, models: Sequence[Model], now: dt.datetime) -> Iterable[Metric]:
        """How taking and evaluating events goes."""
        waiting = _gauge("wane_events_waiting", "Events not yet on the disk, of all tenants.")
        waiting.add_metric((), self._writer.waiting)
        taken = CounterMetricFamily(
            "wane_events", "Events since the start, by what became of them.", labels=EVENTS
        )
        names = {model.id: model.name for model in models}
        for outcome, count in self._writer.outcomes.items():
            if outcome.model in names:
                taken.add_metric((names[outcome.model], outcome.kind, outcome.word), count)
        lost = CounterMetricFamily(
            "wane_events_lost",
            "Events that are not counted, by reason.",
            labels=("model", "reason"),
        )
        failures = CounterMetricFamily(
            "wane_evaluation_failures", "Evaluations that failed.", labels=("model",)
        )
        failing = _gauge("wane_evaluation_failing", "1 while evaluations fail.", "model")
        lag = _gauge(
            "wane_evaluation_lag_seconds",
            "Since the model was last looked at with success; all that closed before is evaluated.",
            "model",
        )
        for model in models:
            counts = self._store.counts(model.id)
            failures.add_metric((model.name,), counts.pop(FAILED, 0))
            for reason, count in counts.items():
                lost.add_metric((model.name, reason), count)
            failing.add_metric((model.name,), model.id in self._operator.failures)
            lag.add_metric((model.name,), self._operator.lag(model, now).total_seconds())
        return waiting, taken, lost, failures, failing, lag

    def _models(self, models: Sequence[Model]) -> Iterable[Metric]:
        """What the newest evaluations found."""
        value = _gauge("wane_value", "Newest value of a metric.", *SERIES)
        n = _gauge("wane_rows", "Rows that the value rests on.", *SERIES)
        reference = _gauge("wane_reference", "The value in the reference.", *SERIES)
        state = _gauge("wane_state", f"0-{len(STATES) - 1}: {', '.join(STATES)}.", "model")
        end = _gauge("wane_window_end_seconds", "End of the newest window.", "model")
        left_out = _gauge("wane_series_left_out", "Series beyond the bound, not shown.", "model")
        alert = _gauge("wane_alert", "1: this alert is on in the newest window.", *ALERT)
        threshold = _gauge("wane_threshold", "The threshold that an alert broke.", *ALERT)
        for model in models:
            newest = self._newest(model)
            state.add_metric(
                (model.name,), STATES.index(State.NO_DATA if newest is None else newest.state)
            )
            if newest is None or newest.end is None:
                continue
            end.add_metric((model.name,), newest.end.timestamp())
            left_out.add_metric((model.name,), newest.left_out)
            for row in newest.rows:
                names = (model.name, *_series(row))
                n.add_metric(names, row["n"])
                for family, key in ((value, "value"), (reference, "reference_value")):
                    if row[key] is not None:
                        family.add_metric(names, row[key])
            for one in newest.alerts:
                rule = (model.name, one["rule"], one["severity"], *_series(one))
                alert.add_metric(rule, 1)
                if one["threshold"] is not None:
                    threshold.add_metric(rule, one["threshold"])
        return value, n, reference, state, end, left_out, alert, threshold

    def _newest(self, model: Model) -> _Newest | None:
        """What was found for a model; its tables are read when there is a new summary."""
        summary = self._store.result(model.id, SUMMARY)
        if summary is None:
            return None
        known = self._read.get(model.id)
        if known is not None and known.made == summary.made:
            return known
        table = self._store.result(model.id, NEWEST)
        conclusions = self._store.result(model.id, CONCLUSIONS)
        rows = None if table is None else _general_first(pq.read_table(io.BytesIO(table.body)))
        alerts = [] if conclusions is None else json.loads(conclusions.body)["alerts"]
        end = None if rows is None else rows["window_end"][0].as_py()
        found = self._read[model.id] = _Newest(
            made=summary.made,
            state=json.loads(summary.body)["state"],
            end=end,
            rows=[] if rows is None else rows.slice(0, self._most_series).to_pylist(),
            left_out=0 if rows is None else max(0, rows.num_rows - self._most_series),
            alerts=[one for one in alerts if dt.datetime.fromisoformat(one["window_end"]) == end],
        )
        return found


class _Collected:
    """Families as a collector."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The families."""
        return self._families


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=labels)


def _series(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["metric"], row["column"] or "", row["segment"] or ""


def _general_first(newest: pa.Table) -> pa.Table | None:
    """The measurements of a window, the most general ones first; None where there are none."""
    if not newest.num_rows:
        return None
    general = pc.add(
        pc.multiply(pc.is_valid(newest["segment"]).cast("int8"), 2),
        pc.is_valid(newest["column"]).cast("int8"),
    )
    order = pc.sort_indices(newest.append_column("general", general), [("general", "ascending")])
    return newest.take(order)
