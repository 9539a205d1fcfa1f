"""What Prometheus reads: the newest measurements, within a bound that is itself exposed."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

from wane.report.parts import MEASUREMENTS, SUMMARY

if TYPE_CHECKING:
    import pyarrow as pa

    from wane.server.service import Service
    from wane.store.records import Model

__all__ = ["CONTENT_TYPE", "exposition"]

MOST_SERIES = 2_000
"""Series of one model; those of the whole model come first, then columns, then segments."""
STATES = ("no data", "not enough data", "healthy", "needs attention", "broken")
LABELS = ("model", "metric", "column", "segment")


def exposition(service: Service, tenant: str) -> bytes:
    """The figures as text in the Prometheus format."""
    registry = CollectorRegistry()
    value = _gauge(registry, "wane_value", "Newest value of a metric.", LABELS)
    n = _gauge(registry, "wane_rows", "Rows that the value rests on.", LABELS)
    reference = _gauge(registry, "wane_reference", "The value in the reference.", LABELS)
    state = _gauge(registry, "wane_state", f"0-4: {', '.join(STATES)}.", ("model",))
    end = _gauge(registry, "wane_window_end_seconds", "End of the newest window.", ("model",))
    dropped = _gauge(
        registry, "wane_series_left_out", "Series beyond the bound, not shown.", ("model",)
    )
    events = _gauge(
        registry, "wane_events", "Events counted by what became of them.", ("model", "outcome")
    )
    failing = _gauge(registry, "wane_evaluation_failing", "1 while evaluations fail.", ("model",))
    waiting = _gauge(registry, "wane_events_waiting", "Events not yet on the disk.", ())
    waiting.set(service.writer.waiting)
    for model in service.store.models(tenant):
        failing.labels(model.name).set(model.id in service.operator.failures)
        for outcome, count in service.store.counts(model.id).items():
            events.labels(model.name, outcome).set(count)
        summary = service.store.result(model.id, SUMMARY)
        found = {} if summary is None else json.loads(summary.body)
        state.labels(model.name).set(STATES.index(found.get("state", STATES[0])))
        table = _newest(service, model)
        if table is None:
            continue
        end.labels(model.name).set(table["window_end"][0].as_py().timestamp())
        dropped.labels(model.name).set(max(0, table.num_rows - MOST_SERIES))
        for row in table.slice(0, MOST_SERIES).to_pylist():
            names = (model.name, row["metric"], row["column"] or "", row["segment"] or "")
            n.labels(*names).set(row["n"])
            if row["value"] is not None:
                value.labels(*names).set(row["value"])
            if row["reference_value"] is not None:
                reference.labels(*names).set(row["reference_value"])
    return generate_latest(registry)


def _gauge(registry: CollectorRegistry, name: str, text: str, labels: tuple[str, ...]) -> Gauge:
    return Gauge(name, text, labels, registry=registry)


def _newest(service: Service, model: Model) -> pa.Table | None:
    """The measurements of the newest window, the most general ones first."""
    result = service.store.result(model.id, MEASUREMENTS)
    if result is None:
        return None
    table = pq.read_table(io.BytesIO(result.body))
    if not table.num_rows:
        return None
    newest = table.filter(pc.equal(table["window_start"], pc.max(table["window_start"])))
    general = pc.add(
        pc.multiply(pc.is_valid(newest["segment"]).cast("int8"), 2),
        pc.is_valid(newest["column"]).cast("int8"),
    )
    order = pc.sort_indices(newest.append_column("general", general), [("general", "ascending")])
    return newest.take(order)
