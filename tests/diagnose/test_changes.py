from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diagnose.compared import changes
from wane.diagnose.change import Because
from wane.schema import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

RNG = np.random.default_rng(3)
N = 2000
BEFORE, AFTER = RNG.normal(50, 10, N), RNG.normal(50, 10, N)
LETTERS = RNG.choice(["a", "b", "c"], N)


def test_drifted_columns_come_first_by_psi() -> None:
    found = changes(
        {"still": BEFORE, "little": BEFORE, "much": BEFORE},
        {"still": AFTER, "little": AFTER + 4, "much": AFTER + 20},
    )
    assert list(found) == ["much", "little", "still"]
    assert [change.drifted for change in found.values()] == [True, True, False]
    assert found["much"].what.startswith("+")
    assert found["still"].because is Because.SAME
    assert found["much"].because is Because.MIX
    assert found["much"].kind is Kind.NUMERIC


def test_what_matters_to_the_model_comes_before_what_moved_more() -> None:
    before, now = {"minor": BEFORE, "major": BEFORE}, {"minor": AFTER + 8, "major": AFTER + 5}
    assert list(changes(before, now)) == ["minor", "major"]
    assert list(changes(before, now, {"major": 0.9, "minor": 0.1})) == ["major", "minor"]


def test_a_shift_is_told_in_reference_deviations() -> None:
    what = changes({"x": BEFORE}, {"x": BEFORE - 2 * BEFORE.std()})["x"].what
    assert what == "\u22122.00 sd"


def test_a_category_is_told_by_its_share() -> None:
    now = np.where(RNG.random(N) < 0.5, "a", LETTERS)
    found = changes({"x": LETTERS}, {"x": now})["x"]
    assert found.kind is Kind.CATEGORICAL
    assert found.what.startswith("a 3")
    assert found.what.endswith("%")


def test_missing_and_new_values_are_named_before_anything_else() -> None:
    gappy = [None if i % 2 else float(v) for i, v in enumerate(AFTER)]
    found = changes(
        {"gappy": BEFORE, "letters": LETTERS},
        {"gappy": gappy, "letters": np.where(RNG.random(N) < 0.4, "z", LETTERS)},
    )
    assert found["gappy"].because is Because.MISSING
    assert found["gappy"].what == "missing 0 → 50 %"
    assert found["letters"].because is Because.UNSEEN
    assert found["letters"].what.startswith("new values 0 → ")


def test_a_column_that_the_reference_lacks_has_a_reason() -> None:
    found = changes({"x": BEFORE}, {"x": AFTER, "new": AFTER, "word": LETTERS})
    for name in ("new", "word"):
        assert found[name].psi is None
        assert found[name].reason
        assert not found[name].drifted
    assert found["x"].psi is not None


def test_the_part_of_a_changed_mix_in_a_change_of_accuracy() -> None:
    """Segment a is answered right 9 times in 10, b 6 times; its share moves from 50 to 80 %."""
    before, now = np.arange(N) % 2 == 0, np.arange(N) % 10 < 8
    found = changes(answered(before), answered(now))
    assert found["segment"].contribution == pytest.approx(0.3 * (0.9 - 0.6), abs=0.02)
    assert found["noise"].contribution == pytest.approx(0, abs=0.02)
    assert found["label"].contribution is None


def answered(of_a: NDArray[np.bool_]) -> dict[str, object]:
    right = RNG.random(N) < np.where(of_a, 0.9, 0.6)
    label = RNG.integers(0, 2, N)
    return {
        "segment": np.where(of_a, "a", "b"),
        "noise": RNG.choice(["u", "v"], N),
        "prediction": np.where(right, label, 1 - label),
        "label": label,
    }
