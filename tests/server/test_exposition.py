import json

from prometheus_client.parser import text_string_to_metric_families

from server.served import NOW, OURS, THEIRS, Served, row
from wane.report.parts import CONCLUSIONS
from wane.server.exposition import MOST_SERIES, STATES, Exposition
from wane.server.keys import Scope
from wane.server.writer import Outcome
from wane.store.records import Kind

Labels = tuple[tuple[str, str], ...]


def samples(text: bytes) -> dict[str, dict[Labels, float]]:
    """Name -> labels -> value, as a reader of Prometheus sees them; each at most once."""
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            series = found.setdefault(sample.name, {})
            assert labels not in series
            series[labels] = sample.value
    return found


def read(served: Served, tenant: str = OURS) -> dict[str, dict[Labels, float]]:
    return samples(served.service.exposition.text(tenant, served.clock()))


def of(**labels: str) -> Labels:
    return tuple(sorted(labels.items()))


def test_the_newest_value_of_every_metric_is_shown_with_its_rows(watched: Served) -> None:
    found = read(watched)
    volume = of(model="churn", metric="volume", column="", segment="")
    assert found["wane_value"][volume] == 60
    assert set(found["wane_value"]) <= set(found["wane_rows"])


def test_label_coverage_is_among_the_values(watched: Served) -> None:
    coverage = of(model="churn", metric="label_coverage", column="", segment="")
    assert read(watched)["wane_value"][coverage] == 0.0  # the newest day has no labels yet


def test_state_and_end_of_the_newest_window_are_shown(watched: Served) -> None:
    found = read(watched)
    assert found["wane_state"][of(model="churn")] in range(len(STATES))
    midnight = NOW.replace(hour=0).timestamp()
    assert found["wane_window_end_seconds"] == {of(model="churn"): midnight}


def test_alerts_of_the_newest_window_are_shown_with_their_threshold(watched: Served) -> None:
    model = watched.service.store.model(OURS, "churn")
    assert model is not None
    part = watched.service.store.result(model.id, CONCLUSIONS)
    assert part is not None
    alerts = json.loads(part.body)["alerts"]
    newest = [a for a in alerts if a["window_end"] == "2026-11-26T00:00:00Z"]
    assert 0 < len(newest) < len(alerts)
    found = read(watched)
    assert set(found["wane_alert"].values()) == {1}
    assert len(found["wane_alert"]) == len(newest)
    assert set(found["wane_threshold"].values()) == {0.001}


def test_events_are_counted_by_what_became_of_them(watched: Served) -> None:
    found = read(watched)["wane_events_total"]
    assert found[of(model="churn", kind="prediction", outcome="accepted")] == 12 * 60
    assert found[of(model="churn", kind="label", outcome="accepted")] == 11 * 60
    assert found[of(model="churn", kind="prediction", outcome="duplicate")] == 0


def test_lag_and_failures_are_shown(watched: Served) -> None:
    found = read(watched)
    assert found["wane_evaluation_failures_total"] == {of(model="churn"): 0}
    assert found["wane_evaluation_failing"] == {of(model="churn"): 0}
    assert found["wane_evaluation_lag_seconds"] == {of(model="churn"): 0}


def test_other_tenants_see_nothing_of_it(watched: Served) -> None:
    ours = watched.service.exposition.text(OURS, NOW).decode()
    theirs = watched.service.exposition.text(THEIRS, NOW).decode()
    assert "churn" in ours
    assert "secret" not in ours
    assert "secret" in theirs
    assert "churn" not in theirs


def test_a_cap_leaves_out_segments_and_columns_first_and_says_how_many(watched: Served) -> None:
    service = watched.service
    capped = Exposition(service.store, service.writer, service.operator, most_series=5)
    every, few = read(watched), samples(capped.text(OURS, NOW))
    assert len(few["wane_rows"]) == 5
    assert all(dict(labels)["column"] == "" for labels in few["wane_rows"])
    left_out = few["wane_series_left_out"][of(model="churn")]
    assert left_out == len(every["wane_rows"]) - 5
    assert every["wane_series_left_out"] == {of(model="churn"): 0}
    assert len(every["wane_rows"]) <= MOST_SERIES


def test_tables_are_read_once_for_each_evaluation(watched: Served) -> None:
    exposition = watched.service.exposition
    exposition.text(OURS, NOW)
    before = dict(exposition._read)
    exposition.text(OURS, NOW)
    assert {model: id(one) for model, one in exposition._read.items()} == {
        model: id(one) for model, one in before.items()
    }


def test_a_model_that_was_never_evaluated_has_no_data(served: Served) -> None:
    headers = served.headers(Scope.INGEST)
    rows = [row(1), row(1), {"id": ""}]
    served.client.post("/v1/models/new/predictions", json=rows, headers=headers)
    lost = {"dropped": {'queue full "\\\n': 3}}
    served.client.post("/v1/models/new/client", json=lost, headers=headers)
    found = read(served)
    assert found["wane_state"] == {of(model="new"): 0}
    assert found["wane_events_lost_total"] == {
        of(model="new", reason="rejected:invalid_field"): 1,
        of(model="new", reason='dropped_by_sender:queue full "\\\n'): 3,
    }
    assert found["wane_events_total"] == {
        of(model="new", kind="prediction", outcome="accepted"): 1,
        of(model="new", kind="prediction", outcome="duplicate"): 1,
    }
    assert "wane_value" not in found


def test_nothing_is_shown_where_there_is_no_model(served: Served) -> None:
    assert read(served) == {"wane_events_waiting": {(): 0}}


def test_outcomes_of_other_models_are_not_shown(served: Served) -> None:
    served.service.writer._outcomes[Outcome(99, Kind.LABEL, "accepted")] = 5
    assert "wane_events_total" not in read(served)


def test_the_route_says_its_type(watched: Served) -> None:
    answer = watched.client.get("/metrics", headers=watched.headers(Scope.READ))
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert samples(answer.content)["wane_window_end_seconds"]
