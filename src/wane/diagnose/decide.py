"""What to do about a loss: one of seven things, by numbers and thresholds that are told."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.diagnose.fault import FaultKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.diagnose.decomposition import Decomposition
    from wane.diagnose.fault import Fault
    from wane.diagnose.offset import OffsetGain
    from wane.diagnose.threshold import ThresholdGain
    from wane.diagnose.versions import VersionChange

CONCEPT_Z = 3.0
"""Standard errors by which the same scores must be answered worse to retrain for that."""
REGAINED = 0.5
"""Share of the loss that another threshold must bring back."""
SURE_GAIN = 3.0
"""Standard errors that its gain must be from none."""
RANKING = 0.01
"""Area under the ROC curve may fall by so much, and ranking counts as intact."""
THIN = 0.05
"""Values that so few rows of the reference had are thin in what the model was trained on."""
CROWDED = 2.0
"""And so many times as many now: there inputs have moved to."""
LEAST_TRAINING = 1_000
"""Fresh labelled rows without which retraining learns little, ..."""
PER_FEATURE = 50
"""... or so many for each feature, whichever is more. A rule of thumb, and told as one."""


class Action(StrEnum):
    """What to do."""

    NOTHING = "nothing"
    WAIT = "wait for labels"
    FIX = "fix the pipeline"
    RECALIBRATE = "recalibrate or move the threshold"
    RETRAIN = "retrain"
    ROLL_BACK = "roll back"
    INVESTIGATE = "investigate"


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a model that is not as it was.

    Attributes:
        attention: Whether anything needs it.
        lost: Whether the main metric fell for good.
        loss: By how much, in its own unit, > 0; 0 where not lost.
        estimated: Whether the loss is known by estimates alone.
        labels_by_days: Days after which nine in ten labels are in; None where not known.
        faults: What seems wrong with the pipeline.
        decomposition: Where the change comes from.
        threshold: What another threshold would bring; None where that is not known.
        offset: What adding a constant to predictions would bring; None where that is not known.
        ranking_lost: By how much the area under the ROC curve surely fell; None where not known.
        version: A new version against the old one; None where there is none.
        features: Number of features.
    """

    attention: bool = False
    lost: bool = False
    loss: float = 0.0
    estimated: bool = False
    labels_by_days: float | None = None
    faults: Sequence[Fault] = ()
    decomposition: Decomposition | None = None
    threshold: ThresholdGain | None = None
    offset: OffsetGain | None = None
    ranking_lost: float | None = None
    version: VersionChange | None = None
    features: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, why, and by which numbers.

    Attributes:
        action: One of seven.
        sentence: The next step in words; empty where the numbers have none of their own.
        reasons: What it rests on, each a sentence.
        numbers: Name -> number, or its limit, that was looked at.
    """

    action: Action
    sentence: str = ""
    reasons: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A hash of the action and of all that it rests on."""
        told = {
            "action": self.action,
            "reasons": list(self.reasons),
            "numbers": {name: float(f"{value:.9g}") for name, value in self.numbers.items()},
        }
        text = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def decide(case: Case) -> Decision:
    """What to do: the first that applies.

    A fault of the pipeline is fixed before anything else is believed, also where it does no harm
    yet: what is learned or measured on top of it would be wrong. A version that is worse is
    rolled back; what is only estimated waits for labels; a loss that another threshold brings back
    needs no training; one by answers that changed does, and so does one by inputs that training
    had few of. The rest is looked into.
    """
    faults = [fault for fault in case.faults if fault.kind is not FaultKind.VERSION]
    if faults:
        return _fix(faults)
    if not case.attention:
        return Decision(Action.NOTHING)
    if not case.lost:
        return Decision(Action.INVESTIGATE)
    for rule in (_roll_back, _wait, _recalibrate, _offset, _retrain_for_answers, _by_inputs):
        found = rule(case)
        if found is not None:
            return found
    return Decision(Action.INVESTIGATE)


def _fix(faults: Sequence[Fault]) -> Decision:
    first = faults[0]
    return Decision(
        Action.FIX,
        f"Fix the pipeline first: {first.sentence}. {first.advice}",
        tuple(f"{fault.kind}: {fault.sentence}" for fault in faults),
        {"faults": float(len(faults)), "share_of_rows": first.share},
    )


def _roll_back(case: Case) -> Decision | None:
    change = case.version
    if change is None or not change.is_worse:
        return None
    new, old = change.new_value, change.old_value
    told = (
        f"version {change.new} is off by {new:.4g} on average, {change.old} by {old:.4g}."
        if change.metric == "mae"
        else f"version {change.new} is right in {new:.1%} of its rows, {change.old} in {old:.1%}."
    )
    return Decision(
        Action.ROLL_BACK,
        f"Roll back to version {change.old}: {told}",
        (f"version {change.new} is worse by {-change.z:.1f} standard errors",),
        {"old": change.old_value, "new": change.new_value, "z": change.z},
    )


def _wait(case: Case) -> Decision | None:
    if not case.estimated:
        return None
    days = case.labels_by_days
    until = "" if days is None else f" Nine in ten labels are in after {days:.3g} days."
    return Decision(
        Action.WAIT,
        f"Wait for labels before anything is changed: the loss is only estimated.{until}",
        ("no label of these windows bears the loss out yet",),
        {} if days is None else {"labels_by_days": days},
    )


def _recalibrate(case: Case) -> Decision | None:
    gain, ranking = case.threshold, case.ranking_lost
    if gain is None or ranking is None or not case.loss or ranking > RANKING:
        return None
    if gain.gain < REGAINED * case.loss or gain.gain < SURE_GAIN * gain.error:
        return None
    return Decision(
        Action.RECALIBRATE,
        f"Move the threshold to {gain.threshold:.3g}, or recalibrate: answers would have been "
        f"right in {gain.accuracy:.1%} of {gain.rows:,.0f} labelled rows instead of "
        f"{gain.current:.1%}. Scores still tell positives from negatives.",
        (
            f"another threshold brings back {gain.gain / case.loss:.0%} of the loss",
            f"the area under the ROC curve fell by {max(ranking, 0.0):.3f}, less than {RANKING:g}",
        ),
        {
            "threshold": gain.threshold,
            "gain": gain.gain,
            "gain_error": gain.error,
            "loss": case.loss,
            "ranking_lost": ranking,
        },
    )


def _offset(case: Case) -> Decision | None:
    gain = case.offset
    if gain is None or gain.regains < REGAINED or gain.z < SURE_GAIN:
        return None
    return Decision(
        Action.RECALIBRATE,
        f"Recalibrate: add {gain.offset:.4g} to predictions. The RMSE of {gain.rows:,.0f} labelled "
        f"rows would have been {gain.rmse:.4g} instead of {gain.current:.4g} "
        f"({gain.before:.4g} in the reference).",
        (
            f"a constant brings back {gain.regains:.0%} of what the RMSE lost",
            f"it is {gain.z:.1f} standard errors from none",
        ),
        {
            "offset": gain.offset,
            "rmse": gain.rmse,
            "current": gain.current,
            "before": gain.before,
            "z": gain.z,
        },
    )


def _retrain_for_answers(case: Case) -> Decision | None:
    found = case.decomposition
    if found is None or found.score is None or found.z is None or found.change is None:
        return None
    worse = found.z if found.metric == "mae" else -found.z
    same = "rows" if found.metric == "mae" else "scores"
    if worse < CONCEPT_Z or abs(found.score.rates.value) < REGAINED * abs(found.change):
        return None
    return _retrain(
        case,
        found,
        "the same inputs are answered worse than they were",
        (
            f"answers to the same {same} changed by {worse:.1f} standard errors for the worse",
            f"that is {abs(found.score.rates.value):.3f} of a change of {abs(found.change):.3f}",
        ),
        {"z": found.z, "rates": found.score.rates.value, "change": found.change},
    )


def _by_inputs(case: Case) -> Decision | None:
    found = case.decomposition
    if found is None or found.score is None or found.change is None:
        return None
    if abs(found.score.mix.value) < REGAINED * abs(found.change):
        return None
    part, whole = abs(found.score.mix.value), abs(found.change)
    reasons = (f"other inputs make up {part:.3f} of a change of {whole:.3f}",)
    numbers = {"mix": found.score.mix.value, "change": found.change}
    for column in found.columns:
        for group in column.groups:
            if group.share_before < THIN and group.share > max(CROWDED * group.share_before, THIN):
                why = (
                    f"rows with {column.column} {group.label} are {group.share:.0%} now and were "
                    f"{group.share_before:.1%} in the reference"
                )
                return _retrain(case, found, why, (*reasons, why), numbers)
    return Decision(
        Action.INVESTIGATE,
        "Look into the inputs before retraining: more rows come of kinds that the model always "
        "found harder, and it knew them.",
        reasons,
        numbers,
    )


def _retrain(
    case: Case,
    found: Decomposition,
    why: str,
    reasons: tuple[str, ...],
    numbers: Mapping[str, float],
) -> Decision:
    """Retrain, if there is enough to learn from."""
    needed = max(LEAST_TRAINING, PER_FEATURE * case.features)
    there = f"{found.rows:,.0f} fresh labelled rows are there"
    enough = found.rows >= needed
    told = (
        f"{there}, enough by rule of thumb ({needed:,})."
        if enough
        else f"{there}; about {needed:,} are needed, so wait for {needed - found.rows:,.0f} more."
    )
    return Decision(
        Action.RETRAIN,
        f"Retrain: {why}. {told[0].upper()}{told[1:]}",
        (*reasons, told),
        {**numbers, "fresh_labels": found.rows, "needed": float(needed)},
    )
