"""Streams with known incidents: how to hand each to wane, and what wane has to see in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy import classify, regress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from seen import Seen

LABELLED = ["--prediction", "prediction", "--label", "label"]
SCORED = [*LABELLED, "--score", "score"]


@dataclass(frozen=True, slots=True)
class Saw:
    """Whether wane saw what is known, and its numbers in a few words."""

    right: bool
    words: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream.

    Attributes:
        file: Its file in the data directory.
        known: What is known about it, in a few words.
        arguments: Writes what wane needs to a directory; returns the arguments of `wane check`.
        judge: Holds wane's answer against what is known.
    """

    file: str
    known: str
    arguments: Callable[[pd.DataFrame, Path], list[str]]
    judge: Callable[[Seen], Saw]


def by_period(frame: pd.DataFrame, box: Path, *flags: str) -> list[str]:
    """A stream that comes with predictions, and says which rows are the reference."""
    for period, rows in frame.groupby("period"):
        rows.drop(columns="period").to_parquet(box / f"{period}.parquet", index=False)
    return [
        str(box / "monitoring.parquet"),
        *("--reference", str(box / "reference.parquet"), "--timestamp", "timestamp", *flags),
    ]


def hotel(frame: pd.DataFrame, box: Path) -> list[str]:
    """Weekly windows; the prediction and its probability come with the stream."""
    flags = ("--prediction", "y_pred", "--score", "y_pred_proba", "--label", "is_canceled")
    return by_period(frame, box, *flags, "--every", "1w")


def hotel_seen(seen: Seen) -> Saw:
    """Accuracy low in the winter only."""
    accuracy = seen.points("accuracy")
    before = accuracy.between("2016-10-01", "2016-11-21")
    winter = accuracy.between("2016-12-05", "2017-02-20")
    after = accuracy.between("2017-04-01", "2017-08-21")
    right = winter < before - 0.05 and winter < after - 0.05 and bool(seen.alerts("accuracy"))
    return Saw(right, f"accuracy {before:.3f}, winter {winter:.3f}, after {after:.3f}")


def car_loan(frame: pd.DataFrame, box: Path) -> list[str]:
    """Weekly windows."""
    flags = ("--prediction", "y_pred", "--score", "y_pred_proba", "--label", "repaid")
    return by_period(frame, box, *flags, "--every", "1w")


def car_loan_seen(seen: Seen) -> Saw:
    """Accuracy lower from 2019-03-31 on, and no alert before."""
    accuracy = seen.points("accuracy")
    before = accuracy.between("2018-10-29", "2019-03-25")
    after = accuracy.between("2019-04-01", "2019-09-01")
    alerts = [alert["window_start"][:10] for alert in seen.alerts("accuracy")]
    right = before - after > 0.02 and bool(alerts) and alerts[0] >= "2019-03-25"
    first = alerts[0] if alerts else "none"
    return Saw(right, f"accuracy {before:.3f} to {after:.3f}, first alert {first}")


def car_price(frame: pd.DataFrame, box: Path) -> list[str]:
    """Daily windows; an error in euros."""
    flags = ("--prediction", "y_pred", "--label", "y_true", "--task", "regression")
    return by_period(frame, box, *flags, "--every", "1d")


def car_price_seen(seen: Seen) -> Saw:
    """Inputs drift, the error falls, and no alert on the error."""
    mae = seen.points("mae")
    before, after = mae.part(0, 0.45), mae.part(0.55, 1)
    right = after < before - 100 and not seen.alerts("mae") and bool(seen.drifted())
    drifted = len(seen.drifted())
    return Saw(right, f"MAE {before:.0f} to {after:.0f}, {drifted} columns drifted, no harm")


def elec2(frame: pd.DataFrame, box: Path) -> list[str]:
    """Half-hourly prices without their clock; three columns are dead in the reference."""
    log = classify(frame.drop(columns=["ts_reconstructed", "date"]), "class", 10_000)
    return [*log.write(box), *SCORED, "--every", "2000 rows"]


def elec2_seen(seen: Seen) -> Saw:
    """The dead columns come alive in the window of row 17,424: the fourth."""
    alive = {
        column: [alert["window_start"] for alert in seen.alerts("psi") if alert["column"] == column]
        for column in ("vicprice", "vicdemand", "transfer")
    }
    first = {starts[0] if starts else None for starts in alive.values()}
    return Saw(first <= {6000, 8000}, f"three columns alive from row {first} after the reference")


def luxembourg(frame: pd.DataFrame, box: Path) -> list[str]:
    """Inputs drift, the answer does not."""
    return [*classify(frame, "target", 760).write(box), *SCORED, "--every", "200 rows"]


def luxembourg_seen(seen: Seen) -> Saw:
    """Perfect accuracy and no alert on it, with drift in the inputs."""
    accuracy = seen.points("accuracy").part(0, 1)
    right = accuracy > 0.99 and not seen.alerts("accuracy") and bool(seen.drifted())
    return Saw(right, f"accuracy {accuracy:.3f}, {len(seen.drifted())} columns drifted, no harm")


def diabetes(frame: pd.DataFrame, box: Path) -> list[str]:
    """Admissions in the order of their number."""
    drop = [column for column in ("encounter_id", "patient_nbr", "readmitted") if column in frame]
    log = classify(frame.drop(columns=drop), "readmitted_30d", 15_000)
    return [*log.write(box), *SCORED, "--every", "5000 rows"]


def diabetes_seen(seen: Seen) -> Saw:
    """`payer_code` fills from row 20,445 (window two); accuracy stays."""
    missing = seen.points("missing_share", "payer_code")
    accuracy = seen.points("accuracy")
    first, last = missing.part(0, 0.05), missing.part(0.9, 1)
    steady = abs(accuracy.part(0, 0.2) - accuracy.part(0.8, 1)) < 0.02
    told = "payer_code" in seen.drifted()
    right = first > 0.99 and last < 0.2 and steady and told
    return Saw(right, f"payer_code missing {first:.2f} to {last:.2f}, accuracy steady: {steady}")


def keystroke(frame: pd.DataFrame, box: Path) -> list[str]:
    """Four users whose typing changes."""
    own = [column for column in frame if str(column).endswith("_")]
    log = classify(frame.drop(columns=own), "user", 400)
    return [*log.write(box), *LABELLED, "--task", "multiclass", "--every", "200 rows"]


def usenet(frame: pd.DataFrame, box: Path) -> list[str]:
    """Interest flips every 300 rows."""
    own = [column for column in frame if str(column).endswith("_")]
    log = classify(frame.drop(columns=own), "class_interesting", 300)
    return [*log.write(box), *SCORED, "--every", "300 rows"]


def airlines(frame: pd.DataFrame, box: Path) -> list[str]:
    """A month of flights, in the order of day and minute."""
    log = classify(frame.drop(columns=["day", "DayOfWeek"], errors="ignore"), "Delay", 60_000)
    return [*log.write(box), *SCORED, "--every", "20000 rows"]


def covertype(frame: pd.DataFrame, box: Path) -> list[str]:
    """Seven classes, equally frequent at first."""
    log = classify(frame, "cover_type", 12_000)
    return [*log.write(box), *LABELLED, "--task", "multiclass", "--every", "2000 rows"]


def covertype_seen(seen: Seen) -> Saw:
    """The labels' distribution breaks in the second window."""
    drift = seen.points("psi", "label").numbers
    right = drift[0] < drift[3] / 3 and drift[3] > 0.25
    return Saw(bool(right), f"PSI of the label {drift[0]:.2f}, then {drift[3]:.2f}")


def synthetic(label: str) -> Callable[[pd.DataFrame, Path], list[str]]:
    """A synthetic stream; the model learns the first 8,000 rows."""

    def arguments(frame: pd.DataFrame, box: Path) -> list[str]:
        log = classify(frame, label, 8_000)
        return [*log.write(box), *SCORED, "--every", "1000 rows"]

    return arguments


def bike(frame: pd.DataFrame, box: Path) -> list[str]:
    """Two years of hourly rentals; the model knows the first five months."""
    drop = ["casual", "registered", "instant", "dteday", "yr"]
    log = regress(frame.drop(columns=drop, errors="ignore"), "cnt", 3_500)
    flags = ["--timestamp", "ts", "--task", "regression", "--every", "1w"]
    return [*log.write(box), *LABELLED, *flags]


def falls(
    metric: str, before: tuple[float, float], after: tuple[float, float], *, by: float
) -> Callable[[Seen], Saw]:
    """A judge: a metric is lower (`by` < 0: higher) in one part of the windows than in another."""

    def judge(seen: Seen) -> Saw:
        points = seen.points(metric)
        first, then = points.part(*before), points.part(*after)
        moved = first - then > by if by > 0 else then - first > -by
        right = bool(moved) and bool(seen.alerts(metric))
        return Saw(right, f"{metric} {first:.3f}, then {then:.3f}")

    return judge


STREAMS = (
    Stream(
        "nannyml_hotel_booking", "accuracy falls 2016-12..2017-02, comes back", hotel, hotel_seen
    ),
    Stream("nannyml_synthetic_car_loan", "accuracy falls at 2019-03-31", car_loan, car_loan_seen),
    Stream("nannyml_synthetic_car_price", "inputs drift, MAE falls", car_price, car_price_seen),
    Stream("elec2", "three dead columns alive from row 17,424", elec2, elec2_seen),
    Stream("luxembourg", "inputs drift without harm", luxembourg, luxembourg_seen),
    Stream("diabetes130_readmission", "payer_code fills after row 20,445", diabetes, diabetes_seen),
    Stream(
        "keystroke",
        "accuracy falls gradually",
        keystroke,
        falls("accuracy", (0, 0.35), (0.65, 1), by=0.1),
    ),
    Stream(
        "usenet1",
        "interest flips every 300 rows",
        usenet,
        falls("accuracy", (0.25, 0.5), (0.5, 0.75), by=0.2),
    ),
    Stream(
        "airlines",
        "accuracy falls, delays rise",
        airlines,
        falls("accuracy", (0, 0.25), (0.75, 1), by=0.03),
    ),
    Stream("covertype_first100k", "classes break at row 15,120", covertype, covertype_seen),
    Stream(
        "synth_sea_abrupt",
        "breaks at 10,000, 20,000, 30,000",
        synthetic("class"),
        falls("accuracy", (0, 0.06), (0.8, 1), by=0.03),
    ),
    Stream(
        "synth_sine_gradual",
        "drifts away around row 9,500",
        synthetic("class"),
        falls("accuracy", (0, 0.03), (0.15, 0.3), by=0.5),
    ),
    Stream(
        "bike_sharing_hourly",
        "MAE triples as use grows",
        bike,
        falls("mae", (0, 0.1), (0.5, 1), by=-30),
    ),
)
