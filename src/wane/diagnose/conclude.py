"""From alerts and changes to the verdict: a state, a sentence, and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.defaults import LEAST_ROWS
from wane.detect.sentence import rows as rows_of
from wane.detect.severity import Severity
from wane.diagnose.change import Because
from wane.diagnose.concentration import MOST, concentrated
from wane.diagnose.decide import Action, Case, Decision, decide
from wane.diagnose.onset import Loss, least_change
from wane.diagnose.verdict import State, Verdict
from wane.metrics import metric_of
from wane.metrics.catalogue import Better, Family
from wane.metrics.measurement import SeriesKey
from wane.window import window_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.diagnose.change import ColumnChange
    from wane.diagnose.episode import Episode
    from wane.diagnose.localise import Localised
    from wane.diagnose.segment import SegmentChange
    from wane.metrics.measurement import Measurements, Series

NOTHING_ELSE = Case()
ENOUGH_ROWS = 30
FAULTS = {
    "missing_share": "{column} {verb} missing in {value} of rows",
    "nan_share": "{column} {verb} NaN or infinite in {value} of rows",
    "wrong_type_share": "{column} {verb} no number in {value} of rows",
    "invalid_share": "{column} {verb} outside [0, 1] in {value} of rows",
    "out_of_range_share": "{column} {verb} out of range in {value} of rows",
    "unseen_share": "{column} {verb} unseen before in {value} of rows",
}
"""What is wrong with a column, in words."""
MANY_REJECTED = 0.02
"""Rejected rows beyond this share are part of the verdict."""
VAST = 1e12
"""Numbers from here on are told by their power of ten."""
LATELY = 7
"""Windows over which the present level is taken."""
FRESH_WINDOWS = 3
"""An episode that ended within this many windows of its series still needs attention."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict rests on.

    Attributes:
        measurements: Everything measured.
        episodes: Alerts joined to episodes, oldest first.
        main: Key of the main metric; None when there is none.
        loss: A loss of the main metric that lasts, and that a rule has noticed.
        changes: Columns by how much they changed.
        timezone: Zone in which dates are told.
        rows: Rows used.
        rejected: Rows left out.
        segments: The main metric in each segment, in the recent rows.
        localised: Among which rows answers got worse; None where that is not known.
        estimated: Windows in which the main metric rests on an estimate.
        case: What else is known that decides what to do.
    """

    measurements: Measurements
    episodes: Sequence[Episode]
    main: str | None
    loss: Loss | None = None
    changes: Sequence[ColumnChange] = ()
    timezone: str = "UTC"
    rows: int | None = None
    rejected: int = 0
    segments: Sequence[SegmentChange] = ()
    localised: Localised | None = None
    estimated: frozenset[int] = frozenset()
    case: Case = NOTHING_ELSE


NEVER_RIGHT = (
    "Predictions and labels seem to be written in different words: write both alike, or derive "
    "one from the other."
)


def conclude(evidence: Evidence) -> Verdict:
    """The verdict: on performance first, then on the data, then on drift.

    Returns:
        State NO_DATA without windows, NOT_ENOUGH_DATA below 30 rows, or where nothing fires but
        windows are too small for the main metric to be judged; otherwise by the most severe
        episode that is open, ended within the last three windows with a value, or belongs to a
        loss of the main metric that lasts.
    """
    windows = evidence.measurements.windows
    if not windows or evidence.rows == 0:
        return Verdict(
            State.NO_DATA, "There are no rows to judge.", "Check where the log comes from."
        )
    if evidence.rows is not None and evidence.rows < ENOUGH_ROWS:
        verb = "is" if evidence.rows == 1 else "are"
        few = f"{rows_of(evidence.rows)} {verb} too few to judge a model"
        few += f"; {ENOUGH_ROWS} are the least."
        return Verdict(State.NOT_ENOUGH_DATA, few, "Wait for more predictions.")
    recent = [e for e in evidence.episodes if _matters(evidence, e)]
    worst = max((e.severity.rank for e in recent), default=0)
    lost_rows = _left_out(evidence)
    performance = (
        "no prediction equals its label"
        if _never_right(evidence)
        else _performance(evidence, recent) + _estimated(evidence)
    )
    parts = [performance, _drift(evidence), _other(evidence, recent), lost_rows]
    silent = any(_is_silence(e) and e.last == len(windows) - 1 for e in recent)
    if silent:
        parts.insert(0, parts.pop(2))  # that nothing comes any more is told before how it was
    sentence = "; ".join(part for part in parts if part) or "Nothing changed"
    state = _state(worst, recent)
    decision = _decision(evidence, recent, state)
    advice = _advised(evidence, recent, decision)
    if silent and decision.sentence:
        advice = f"First find out why no predictions come. {advice}"
    if evidence.loss is not None and state is State.HEALTHY:
        state = State.ATTENTION
    if decision.action is Action.FIX and state is State.HEALTHY:
        state = State.ATTENTION
    if lost_rows and state is State.HEALTHY:
        state, advice = State.ATTENTION, "Find out why these rows cannot be used."
    if _never_right(evidence):
        state, advice = State.ATTENTION, NEVER_RIGHT
    if state is State.HEALTHY and _small_windows(_main(evidence)):
        state = State.NOT_ENOUGH_DATA
        advice = f"Use larger windows, with {LEAST_ROWS} labelled rows or more in each."
    told = f"{sentence[0].upper()}{sentence[1:]}."
    return Verdict(state, told, advice, tuple(recent), decision)


def _decision(evidence: Evidence, recent: Sequence[Episode], state: State) -> Decision:
    """What to do, by all that is known."""
    families = _families(evidence, recent)
    lost = Family.PERFORMANCE in families and evidence.loss is not None
    data = {Family.PERFORMANCE, Family.QUALITY, Family.DRIFT} & families
    if state is State.HEALTHY and not lost:
        return decide(evidence.case)
    if not data:
        return decide(replace(evidence.case, attention=True))
    if families == {Family.DRIFT} and not evidence.case.faults:
        return decide(evidence.case)
    loss, main = evidence.loss, _main(evidence)
    since = set() if loss is None or main is None else set(range(loss.first, len(main.values)))
    known = {at for at in since if main is not None and not math.isnan(main.values[at])}
    return decide(
        replace(
            evidence.case,
            attention=True,
            lost=lost,
            loss=0.0 if loss is None else abs(loss.now - loss.before),
            estimated=bool(known) and known <= evidence.estimated,
        )
    )


def _advised(evidence: Evidence, recent: Sequence[Episode], decision: Decision) -> str:
    """The next step: that of the decision, or what is general."""
    if not decision.sentence:
        return _advice(evidence, recent)
    lost = Family.PERFORMANCE in _families(evidence, recent)
    where = _where(evidence) if lost and decision.action is not Action.ROLL_BACK else ""
    return f"{where}{decision.sentence}"


def _families(evidence: Evidence, recent: Sequence[Episode]) -> set[Family]:
    """Of what is not as it was."""
    families = {_family(e) for e in recent if e.severity is not Severity.INFO}
    return families | (set() if evidence.loss is None else {Family.PERFORMANCE})


def _left_out(evidence: Evidence) -> str:
    """How many rows could not be used, where that is more than a few."""
    read = (evidence.rows or 0) + evidence.rejected
    if evidence.rejected <= MANY_REJECTED * read:
        return ""
    return f"{100 * evidence.rejected / read:.0f} % of the rows were left out"


def _matters(evidence: Evidence, episode: Episode) -> bool:
    """Whether an episode is fresh, or belongs to a loss that lasts."""
    if episode.last > _newest(evidence, episode.key) - FRESH_WINDOWS:
        return True
    of_main = episode.key == SeriesKey(evidence.main or "")
    return of_main and evidence.loss is not None and episode.last >= evidence.loss.first


def _newest(evidence: Evidence, key: SeriesKey) -> int:
    """The newest window in which a series has a value: labels may come long after."""
    series = evidence.measurements.series.get(key)
    last = None if series is None else series.last_defined
    return len(evidence.measurements.windows) - 1 if last is None else last


def _state(worst: int, recent: Sequence[Episode]) -> State:
    if any(_is_outage(e) and e.severity is Severity.CRITICAL for e in recent):
        return State.BROKEN
    return State.ATTENTION if worst >= Severity.WARNING.rank else State.HEALTHY


def _is_outage(episode: Episode) -> bool:
    """Whether calls fail, or none come."""
    return episode.key.metric == "error_rate" or _is_silence(episode)


def _is_silence(episode: Episode) -> bool:
    return episode.key.metric == "volume" and episode.alert.value == 0


def _performance(evidence: Evidence, recent: Sequence[Episode]) -> str:
    """How the main metric does."""
    key, series = evidence.main, _main(evidence)
    if key is None or series is None:
        return "performance cannot be measured without labels" if evidence.changes else ""
    title = _title(key)
    last = series.last_defined
    if last is None:
        return f"{title} cannot be measured ({series.reasons[-1]})"
    losses = [e for e in evidence.episodes if e.key == series.key]
    if evidence.loss is not None:
        return _lost(evidence, evidence.loss, title)
    if losses and losses[-1] in recent:
        return _broken(evidence, series, losses[-1], title)
    now = _level(series, max(0, last + 1 - LATELY), last)
    if losses:
        past = max(losses, key=lambda e: (e.severity.rank, e.last - e.first))
        then = _level(series, past.first, past.last)
        way = f"{'down to' if _downward(past) else 'up at'} {_number(then)}"
        newest = _newest_apart(series, last, now)
        back = f"{_number(now)} ({newest})" if newest else _number(now)
        return f"{title} was {way} {_dates(evidence, past)} and is back at {back}"
    return _held(series, title, now, last)


def _never_right(evidence: Evidence) -> bool:
    """Whether no answer was ever right: that is no model, but two ways to write the same."""
    series = _main(evidence)
    if series is None or series.key.metric != "accuracy" or series.reference > 0:
        return False
    known = ~np.isnan(series.values)
    return int(series.n[known].sum()) >= ENOUGH_ROWS and not series.values[known].any()


def _estimated(evidence: Evidence) -> str:
    """That the newest value of the main metric is not known by labels."""
    series = _main(evidence)
    last = None if series is None else series.last_defined
    if last is None or last not in evidence.estimated:
        return ""
    first = last
    while first - 1 in evidence.estimated:
        first -= 1
    return f" (since {_date(evidence, first)} estimated, as labels are missing)"


def _held(series: Series, title: str, now: float, last: int) -> str:
    """That nothing was lost, or that windows are too small to say so.

    Nothing is said to hold that the newest window denies.
    """
    base, small = series.reference, _small_windows(series)
    better, worse = (_better(series.key.metric, *of) for of in ((now, base), (base, now)))
    verb = "improved to" if better else "is at" if worse else "holds at"
    newest = _newest_apart(series, last, now)
    told = f"{title} {'is' if small else verb} {_number(now)}"
    if newest and not small and not series.low[last] <= now <= series.high[last]:
        lately = series.values[max(0, last + 1 - LATELY) : last + 1]
        count = np.count_nonzero(~np.isnan(lately))
        told, newest = f"{title} is {newest}", f"{_number(now)} over the last {count}"
    held = "" if math.isnan(base) else f"{_number(base)} in the reference"
    beside = "; ".join(part for part in (newest, held) if part)
    told += f" ({beside})" if beside else ""
    return told + (
        f", in windows too small to judge it (at most {rows_of(small)})" if small else ""
    )


def _newest_apart(series: Series, last: int, now: float) -> str:
    """The value of the newest window, where it is another than the level of late."""
    newest = float(series.values[last])
    least = least_change(series.key.metric, now)
    return f"{_number(newest)} in the newest window" if abs(newest - now) > least else ""


def _main(evidence: Evidence) -> Series | None:
    """The series of the main metric."""
    return None if evidence.main is None else evidence.measurements.get(evidence.main)


def _small_windows(series: Series | None) -> int:
    """Rows of the largest recent window, where all are too small to be judged; else 0."""
    last = None if series is None else series.last_defined
    if series is None or last is None:
        return 0
    largest = int(series.n[max(0, last + 1 - LATELY) : last + 1].max())
    return largest if largest < LEAST_ROWS else 0


def _lost(evidence: Evidence, loss: Loss, title: str) -> str:
    """What was lost, and since when."""
    verb = "fell" if loss.now < loss.before else "rose"
    since = _date(evidence, loss.first)
    how = " gradually" if loss.gradual else ""
    return f"{title} {verb}{how} from {_number(loss.before)} to {_number(loss.now)} since {since}"


def _broken(evidence: Evidence, series: Series, episode: Episode, title: str) -> str:
    """That the main metric breaks a rule, and how far it moved if it did."""
    start, now = _start(series), _level(series, episode.first, episode.last)
    since = _date(evidence, episode.first)
    if _moved(series, episode):
        return _lost(evidence, Loss(episode.first, start, now), title)
    side, limit = "below" if _downward(episode) else "above", episode.alert.threshold
    beyond = now < limit if _downward(episode) else now > limit
    beyond = beyond and episode.alert.finding is None
    asked = f", {side} the {_number(limit)} that a rule asks for" if beyond else ""
    return f"{title} is {_number(now)} since {since}{asked}"


def _moved(series: Series, episode: Episode) -> bool:
    """Whether a level went the wrong way by so much that it is worth a word."""
    start, now = _start(series), _level(series, episode.first, episode.last)
    moved = start - now if _downward(episode) else now - start
    return moved > least_change(series.key.metric, start)


def _downward(episode: Episode) -> bool:
    """Whether the rule that was broken guards against small values."""
    return episode.alert.downward


def _better(key: str, now: float, base: float) -> bool:
    """Whether a level is clearly better than the reference."""
    known = metric_of(key)
    if known is None or math.isnan(now - base):
        return False
    gain = now - base if known.better is Better.HIGHER else base - now
    return gain > least_change(key, base)


def _start(series: Series) -> float:
    """The level a loss is told from: the reference, or else the first window."""
    if not math.isnan(series.reference) or series.first_defined is None:
        return series.reference
    return float(series.values[series.first_defined])


def _drift(evidence: Evidence) -> str:
    """How many features drifted, and which most."""
    features = [c for c in evidence.changes if c.role == "feature"]
    if not features or all(c.psi is None for c in features):
        return ""
    drifted = [c for c in features if c.drifted]
    if not drifted:
        return "no feature drifted" if len(features) > 1 else ""
    return f"{len(drifted)} of {len(features)} features drifted, {drifted[0].column} most"


def _other(evidence: Evidence, recent: Sequence[Episode]) -> str:
    """The worst thing besides the main metric and drift: data, traffic, or another metric."""
    told = {Family.DRIFT}
    if any(e.key == SeriesKey(evidence.main or "") for e in recent):
        told.add(Family.PERFORMANCE)
    others = [e for e in recent if _family(e) not in told]
    if not others:
        return ""
    worst = max(others, key=_weight)
    segment = f" in {worst.key.segment}" if worst.key.segment else ""
    lasts = worst.last >= _newest(evidence, worst.key)
    when = f"since {_date(evidence, worst.first)}" if lasts else _dates(evidence, worst)
    if _is_silence(worst):
        return f"there {'have been' if lasts else 'were'} no predictions{segment} {when}"
    value = worst.alert.value
    known = metric_of(worst.key.metric)
    shown = f"{100 * value:.0f} %" if known is not None and known.percent else _number(value)
    verb = "is" if lasts else "was"
    told_of = FAULTS.get(worst.key.metric, "{metric} of {column} {verb} {value}")
    what = told_of if worst.key.column else "{metric} {verb} {value}"
    said = what.format(
        metric=_title(worst.key.metric), column=worst.key.column, verb=verb, value=shown
    )
    return f"{said}{segment} {when}"


def _weight(episode: Episode) -> tuple[int, bool, int]:
    """By severity, then data and traffic before other metrics, then by length."""
    of_data = _family(episode) in (Family.QUALITY, Family.TRAFFIC)
    return episode.severity.rank, of_data, episode.last - episode.first


def _advice(evidence: Evidence, recent: Sequence[Episode]) -> str:
    """The next step."""
    families = _families(evidence, recent)
    where = _where(evidence) if Family.PERFORMANCE in families else ""
    broken = [c.column for c in evidence.changes if c.because in (Because.MISSING, Because.UNSEEN)]
    if broken and Family.QUALITY in families:
        return (
            f"{where}Check what feeds {broken[0]}: its values changed in kind, not only in number."
        )
    if _never_held(evidence, recent):
        return (
            "The reference does no better: see whether the rule asks too much of this model, "
            "before the data are blamed."
        )
    if Family.PERFORMANCE in families:
        drifted = [c.column for c in evidence.changes if c.drifted and c.role == "feature"]
        cause = f", starting with {drifted[0]}" if drifted else ""
        look = "Then look" if where else "Look"
        return (
            f"{where}{look} at what changed{cause}; "
            "retrain when the data are right and the loss stays."
        )
    if Family.TRAFFIC in families:
        return "Check the service and its callers."
    return _watch(evidence, recent) if Family.DRIFT in families else _feed(recent)


def _watch(evidence: Evidence, recent: Sequence[Episode]) -> str:
    """What to do about drift that has done no harm that is known."""
    main = _main(evidence)
    features = any(c.drifted and c.role == "feature" for c in evidence.changes)
    columns = [e.key.column for e in recent if _family(e) is Family.DRIFT and e.key.column]
    what = "the drifted features" if features or not columns else columns[-1]
    if main is None or main.last_defined is None:
        return f"Whether it does harm is not known without labels: look at {what} before it does."
    return f"Nothing to fix while performance holds; keep an eye on {what}."


def _feed(recent: Sequence[Episode]) -> str:
    """What to do about data that are not as they should be."""
    broken = [e for e in recent if _family(e) is Family.QUALITY and e.severity is not Severity.INFO]
    if not broken:
        return "Nothing to do."
    worst = max(broken, key=_weight)
    return (
        "Check where the log comes from."
        if not worst.key.column
        else (f"Check what feeds {worst.key.column}.")
    )


def _never_held(evidence: Evidence, recent: Sequence[Episode]) -> bool:
    """Whether the main metric breaks a rule that it broke in the reference as well."""
    series = _main(evidence)
    if series is None or evidence.loss is not None or math.isnan(series.reference):
        return False
    of_main = [e for e in recent if e.key == series.key]
    if not of_main or of_main[-1].alert.finding is not None or _moved(series, of_main[-1]):
        return False
    limit = of_main[-1].alert.threshold
    return series.reference < limit if _downward(of_main[-1]) else series.reference > limit


def _where(evidence: Evidence) -> str:
    """The rows to look at first, where they hold most of the loss: by values, else by segment."""
    found = evidence.localised
    spots = () if found is None or found.metric != evidence.main else found.spots[:1]
    for spot in spots:
        if (spot.explains or 0.0) > MOST:
            told = f"{_title(evidence.main or '')} {_number(spot.now)} there against"
            return f"Look at {spot.name} first: {told} {_number(spot.before)} in the reference. "
    hit = concentrated(evidence.segments)
    if hit is None:
        return ""
    against = f"{_number(hit.elsewhere)} elsewhere"
    if _better(hit.metric, hit.value, hit.elsewhere):
        against = f"{_number(hit.reference)} in the reference"
    told = f"{_title(hit.metric)} {_number(hit.value)} there against {against}"
    return f"Look at {hit.segment} first: {told}. "


def _family(episode: Episode) -> Family:
    known = metric_of(episode.key.metric)
    return Family.PERFORMANCE if known is None else known.family


def _title(key: str) -> str:
    known = metric_of(key)
    return key.replace("_", " ") if known is None else known.title


def _level(series: Series, first: int, last: int) -> float:
    """Mean of the defined values of some windows, weighted by their rows."""
    part = slice(first, last + 1)
    values, n = series.values[part], series.n[part].astype(np.float64)
    known = ~np.isnan(values)
    if not known.any():
        return math.nan
    weights = n[known] if n[known].sum() else np.ones(int(known.sum()))
    return float(np.average(values[known], weights=weights))


def _number(value: float) -> str:
    if math.isnan(value):
        return "unknown"
    size = abs(value)
    if size >= VAST:
        return f"{value:.3g}".replace("-", "\u2212")
    if size >= 10 and float(value).is_integer():
        return f"{value:,.0f}".replace("-", "\u2212")
    text = f"{value:.3f}" if size < 10 else f"{value:,.1f}" if size < 1000 else f"{value:,.0f}"
    return text.replace("-", "\u2212")


def _date(evidence: Evidence, index: int) -> str:
    return window_label(evidence.measurements.windows[index], evidence.timezone)


def _dates(evidence: Evidence, episode: Episode) -> str:
    first, last = _date(evidence, episode.first), _date(evidence, episode.last)
    return f"on {first}" if first == last else f"from {first} to {last}"
