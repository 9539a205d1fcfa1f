from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import wane
from build_log import log
from wane.config import Settings
from wane.errors import ConfigError, SourceError
from wane.pipeline.attend import keep
from wane.pipeline.follow import Followed, follow
from wane.pipeline.recall import recall
from wane.store.memory import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from wane.engine.local import Workers
    from wane.store.store import Store

DAYS = 8
LOG = log(DAYS, 100, seed=2)
TRAIN = log(7, 100, seed=1, first_day=-7)
FIRST = pc.min(LOG["timestamp"]).as_py().replace(hour=0, minute=0, second=0, microsecond=0)
DAY = dt.timedelta(days=1)
AFTER = FIRST + DAYS * DAY + dt.timedelta(hours=1)


@dataclass
class Log:
    """A log on the disk that grows by a file a day."""

    directory: Path
    store: Store
    workers: Workers

    def write(self, day: int, table: pa.Table = LOG) -> Path:
        start = FIRST + day * DAY
        inside = pc.and_(
            pc.greater_equal(table["timestamp"], start), pc.less(table["timestamp"], start + DAY)
        )
        path = self.directory / f"{day}.parquet"
        pq.write_table(table.filter(inside), path)
        return path

    def settings(self, **more: object) -> Settings:
        return Settings.model_validate({"current": [f"{self.directory}/*.parquet"], **more})

    def follow(self, now: dt.datetime = AFTER, **more: object) -> Followed | None:
        settings = self.settings(**more)
        known = self.store.open_model("default", "m", now)
        text = settings.model_dump_json(by_alias=True, exclude_unset=True)
        model = self.store.configure(known.id, text, now)
        found = follow(self.store, model, settings, self.workers, now)
        if found is not None:
            keep(self.store, model, found.outcome, now)
        return found


@pytest.fixture
def grown(tmp_path: Path, workers: Workers) -> Log:
    return Log(tmp_path, MemoryStore(), workers)


def values(result: wane.Result | None, metric: str) -> list[float]:
    assert result is not None
    series = result.measurements.get(metric)
    assert series is not None
    return [float(value) for value in series.values]


def test_files_that_come_one_by_one_give_what_all_at_once_give(
    grown: Log, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reference = tmp_path_factory.mktemp("reference") / "train.parquet"
    pq.write_table(TRAIN, reference)
    found = None
    for day in range(DAYS):
        grown.write(day)
        found = grown.follow(
            FIRST + (day + 1) * DAY + dt.timedelta(hours=1), reference=str(reference)
        )
        assert found is not None
        assert found.read == 1
    assert found is not None
    whole = wane.check(LOG, reference=TRAIN, every="1d", now=AFTER, until=AFTER)
    for metric in ("volume", "accuracy", "roc_auc", "log_loss"):
        np.testing.assert_allclose(values(found.result, metric), values(whole, metric), rtol=1e-12)


def test_nothing_new_is_nothing_to_do(grown: Log) -> None:
    grown.write(0)
    assert grown.follow() is not None
    assert grown.follow() is None
    assert grown.follow(AFTER + dt.timedelta(minutes=5)) is None


def test_a_window_that_passes_without_a_file_is_told(grown: Log) -> None:
    for day in range(DAYS):
        grown.write(day)
    assert grown.follow() is not None
    found = grown.follow(AFTER + DAY)
    assert found is not None
    assert found.read == 0
    assert values(found.result, "volume")[-1] == 0


def test_a_file_that_changed_is_not_counted_twice(grown: Log) -> None:
    for day in range(3):
        path = grown.write(day)
    assert values(grown.follow().result, "volume")[:3] == [100] * 3  # type: ignore[union-attr]
    pq.write_table(pq.read_table(path).slice(0, 60), path)
    found = grown.follow()
    assert found is not None
    assert found.read == 3
    assert values(found.result, "volume")[:3] == [100, 100, 60]


def test_windows_of_files_that_are_gone_stay(grown: Log) -> None:
    paths = [grown.write(day) for day in range(3)]
    assert grown.follow() is not None
    paths[0].unlink()
    grown.write(3)
    found = grown.follow()
    assert found is not None
    assert found.read == 1
    assert values(found.result, "volume")[:4] == [100] * 4


def test_two_files_of_one_window_add_up(grown: Log) -> None:
    whole = pq.read_table(grown.write(0))
    pq.write_table(whole.slice(0, 70), grown.directory / "0.parquet")
    assert values(grown.follow().result, "volume")[0] == 70  # type: ignore[union-attr]
    pq.write_table(whole.slice(70), grown.directory / "0b.parquet")
    assert values(grown.follow().result, "volume")[0] == 100  # type: ignore[union-attr]


def test_other_settings_count_again(grown: Log) -> None:
    grown.write(0)
    assert grown.follow() is not None
    found = grown.follow(every="12h")
    assert found is not None
    assert found.read == 1
    assert len(values(found.result, "volume")) > 1


def test_new_labels_count_again(grown: Log, tmp_path_factory: pytest.TempPathFactory) -> None:
    labels = tmp_path_factory.mktemp("labels") / "labels.parquet"
    named = LOG.append_column("id", pa.array(map(str, range(LOG.num_rows))))
    grown.write(0, named.drop_columns(["label"]))
    known = named.select(["id", "label"])
    pq.write_table(known.slice(0, 50), labels)
    first = grown.follow(labels=str(labels))
    pq.write_table(known, labels)
    os.utime(labels, ns=(1, 1))
    second = grown.follow(labels=str(labels))
    assert first is not None
    assert second is not None
    assert values(second.result, "label_coverage")[0] == 1
    assert values(first.result, "label_coverage")[0] == pytest.approx(0.5)


def test_a_window_is_shown_when_it_has_closed(grown: Log) -> None:
    grown.write(0)
    early = grown.follow(FIRST + DAY + dt.timedelta(minutes=9))
    assert early is not None
    assert early.result is None
    late = grown.follow(FIRST + DAY + dt.timedelta(minutes=10))
    assert late is not None
    assert late.result is not None


def test_what_is_stored_is_recalled(grown: Log) -> None:
    for day in range(DAYS):
        grown.write(day)
    found = grown.follow()
    assert found is not None
    model = grown.store.open_model("default", "m", AFTER)
    recalled = recall(grown.store, model, AFTER)
    assert recalled is not None
    assert found.result is not None
    assert recalled.to_json() == found.result.to_json()
    other = grown.store.open_model("default", "other", AFTER)
    assert recall(grown.store, other, AFTER) is None


@pytest.mark.parametrize("every", ["100 rows"])
def test_windows_by_rows_are_refused(grown: Log, every: str) -> None:
    grown.write(0)
    with pytest.raises(ConfigError, match="by time, not by rows"):
        grown.follow(every=every)


def test_a_log_without_a_clock_is_refused(grown: Log) -> None:
    pq.write_table(LOG.drop_columns(["timestamp"]), grown.directory / "x.parquet")
    with pytest.raises(ConfigError, match="by time, not by rows"):
        grown.follow()


def test_a_log_that_is_not_there_is_told(grown: Log) -> None:
    with pytest.raises(SourceError, match="matches no file"):
        grown.follow()
