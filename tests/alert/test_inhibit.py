"""What explains an incident, held against the plain question asked of each pair."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alert.signals import incident, signal
from wane.alert.incident import Incident, State
from wane.alert.inhibit import causes_of
from wane.detect.severity import Severity
from wane.metrics import metric_of
from wane.metrics.catalogue import Family

METRICS = ("accuracy", "psi", "ndcg@7", "volume", "missing_share", "unseen_share", "own_metric")
INCIDENTS = st.builds(
    lambda metric, column, segment, rule, severity, state: incident(
        signal=signal(
            5, metric=metric, column=column, segment=segment, rule=rule, severity=severity
        ),
        state=state,
    ),
    st.sampled_from(METRICS),
    st.sampled_from([None, "age", "income"]),
    st.sampled_from([None, None, "site=east", "site=west"]),
    st.sampled_from(["one rule", "another"]),
    st.sampled_from(Severity),
    st.sampled_from(State),
)


def family(metric: str) -> Family | None:
    known = metric_of(metric)
    return None if known is None else known.family


def explains(cause: Incident, other: Incident) -> bool:
    """Whether one incident explains another one, by what the documentation says."""
    why, what = cause.signal, other.signal
    if not cause.is_told or why.segment is not None or why.fingerprint == what.fingerprint:
        return False
    if what.segment and (why.metric, why.column, why.rule) == (what.metric, what.column, what.rule):
        return True
    broken = why.metric == "volume" or family(why.metric) is Family.QUALITY
    told = family(what.metric) in (Family.PERFORMANCE, Family.DRIFT)
    same = why.column is None or what.column in (None, why.column)
    return broken and told and same and why.severity.rank >= what.severity.rank


@given(st.lists(INCIDENTS, max_size=12))
def test_an_incident_is_explained_as_by_asking_each_of_the_others(found: list[Incident]) -> None:
    causes = causes_of(found)
    for one in found:
        assert causes.explain(one.signal) == any(explains(other, one) for other in found)


def test_nothing_explains_where_there_is_nothing() -> None:
    assert not causes_of([]).explain(signal(5))
