from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.helpers_evidence import contender, targets
from headstart.evidence.curve import HALVINGS, SMALLEST, curve_section, sizes_for


@given(st.integers(2, 100_000), st.integers(2, 10))
def test_sizes_double_up_to_what_a_fold_leaves(n, folds):
    sizes = sizes_for(n, folds)
    assert sizes[-1] == n - n // folds
    assert 1 <= len(sizes) <= HALVINGS + 1
    assert all(larger // 2 == smaller for smaller, larger in zip(sizes, sizes[1:], strict=False))
    assert len(sizes) == 1 or sizes[0] >= SMALLEST


def section(n=60, report=None, folds=None):
    rng = np.random.default_rng(0)
    truth = np.arange(n) % 2
    features = np.stack([truth * 4.0 - 2, rng.normal(size=n)], axis=1).astype(np.float32)
    folds = np.arange(n) // 2 % 3 if folds is None else folds
    chosen = contender("probe", folds=truth, report=report)
    return curve_section(chosen, targets(truth), folds, features, 0, None)


def test_points_come_from_held_out_folds_and_classes_far_apart_are_told():
    found = section(report={"penalty": 1.0})
    assert [point["n"] for point in found["points"]] == [10, 20, 40]
    for point in found["points"]:
        assert point["value"] > 0.9 and point["low"] <= point["value"] <= point["high"]
    assert found["metric"] == "accuracy" and found["forecast"]["n"] == 80


def test_it_is_the_same_for_the_same_seed():
    assert section(report={"penalty": 1.0}) == section(report={"penalty": 1.0})


def test_a_method_without_a_penalty_has_no_curve_and_says_so():
    assert section() == {
        "metric": "accuracy", "lower_is_better": False, "points": [], "forecast": None,
        "note": "probe has no learning curve",
    }  # fmt: skip


@pytest.mark.parametrize("folds", [np.full(60, -1), np.zeros(60, int)])
def test_without_folds_there_is_no_curve(folds):
    found = section(report={"penalty": 1.0}, folds=folds)
    assert found["points"] == [] and "held out" in found["note"]
