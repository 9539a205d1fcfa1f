"""Streams with published predictions and no features: forecasts of games, and bought predictions.

Forecasters gave the chance of a win before each game. The services that read digits, faces, reviews
and comments gave one answer with a confidence: their customer changes to another service, whose
confidence means something else, and whose labels are known a window later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAGUES = {"mlb": 500, "nhl": 100, "wnba": 50}
"""League -> games a window."""
BEFORE = 0.4
"""Share of the games that are the reference."""
SWAPS = (
    ("AUDIOMNIST", "Microsoft", "IBM", 2_000),
    ("FERPLUS", "Microsoft", "FacePP", 500),
    ("IMDB", "Google", "Amazon", 2_000),
    ("SHOP", "Amazon", "Google", 5_000),
)
"""Task, the service at first, that after the change, rows a window."""


class Sides(NamedTuple):
    """A reference and the rows after it, with the columns prediction, score and label."""

    name: str
    rows: int
    reference: pd.DataFrame
    current: pd.DataFrame


def games(directory: Path) -> Iterator[Sides]:
    """One stream for each league."""
    table = pd.read_parquet(directory / "fivethirtyeight_games_mlb_nhl_wnba.parquet")
    table = table[table.prob1_outcome != 0.5].sort_values("date", kind="stable")  # one draw
    for league, rows in LEAGUES.items():
        of_league = table[table.league == league]
        told = pd.DataFrame(
            {
                "prediction": (of_league.prob1 > 0.5).astype(int),
                "score": of_league.prob1,
                "label": of_league.prob1_outcome.astype(int),
            }
        )
        end = int(len(told) * BEFORE) // rows * rows
        yield Sides(f"games of the {league.upper()}", rows, told[:end], told[end:])


def swaps(directory: Path) -> Iterator[Sides]:
    """One stream for each task: half of the first service's answers are the reference."""
    table = pd.read_parquet(directory / "ml_api_predictions_a.parquet")
    names = {"predicted": "prediction", "confidence": "score"}
    table = table.rename(columns=names).sort_values("sample", kind="stable")
    for task, first, then, rows in SWAPS:
        sides = [
            table[(table.task == task) & (table.service == service)] for service in (first, then)
        ]
        before, after = (side[["prediction", "score", "label"]] for side in sides)
        end = len(before) // 2 // rows * rows
        rest = before[end : len(before) // rows * rows]
        yield Sides(f"{task}, {first} to {then}", rows, before[:end], pd.concat([rest, after]))
