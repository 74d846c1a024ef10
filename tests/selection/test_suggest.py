"""Which examples are worth a label."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.selection import suggest as module
from headstart.selection.suggest import facility_location, margins_of, nearest, suggest


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_gains_by_hand():
    likeness = np.array([[1.0, 0.2, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
    already = np.array([0.5, 0.0, 0.9])
    # column 0: 0.5 + 0.5 + 0 = 1.0; column 1: 0 + 1 + 0 = 1.0; column 2: 0.1; of equals the first one
    # then column 1: 0 + 0.5; column 2: 0.1; shares of the total weight 3
    found = facility_location(likeness, already, np.ones(3), 3)
    assert [place for place, _ in found] == [0, 1, 2]
    assert [gain for _, gain in found] == pytest.approx([1 / 3, 0.5 / 3, 0.1 / 3])


def test_greedy_is_at_least_63_percent_of_the_best_pair():
    for seed in range(20):
        likeness = np.random.default_rng(seed).random((12, 8)).astype(np.float32)
        weights = np.random.default_rng(seed + 100).random(12)

        def value(columns, likeness=likeness, weights=weights) -> float:
            return float(weights @ likeness[:, list(columns)].max(axis=1)) / float(weights.sum())

        greedy = sum(gain for _, gain in facility_location(likeness, np.zeros(12), weights, 2))
        best = max(value(pair) for pair in combinations(range(8), 2))
        assert 0.63 * best <= greedy <= best + 1e-6


def blobs(count: int) -> np.ndarray:
    """``count`` points around each of four corners, and one far from all."""
    corners = np.eye(5)[:4]
    points = np.repeat(corners, count, axis=0) + rng().normal(0, 0.05, (4 * count, 5))
    return np.concatenate([points, [[0, 0, 0, 0, 9.0]]]).astype(np.float32)


def test_it_covers_what_has_no_label_and_passes_by_what_stands_alone():
    pool = blobs(30)
    labelled = np.eye(5)[:1].astype(np.float32)  # the first corner has a label
    found = suggest(labelled, pool, None, 3, rng())
    assert sorted(each.row // 30 for each in found) == [1, 2, 3]


def test_it_turns_to_what_the_model_is_unsure_of():
    pool = blobs(30)
    margins = np.full(len(pool), 0.99)
    margins[60:90] = 0.0
    (first,) = suggest(np.eye(5)[:1].astype(np.float32), pool, margins, 1, rng())
    assert 60 <= first.row < 90
    assert first.margin == 0.0


def test_small_and_large_pools(monkeypatch):
    pool = blobs(3)
    found = suggest(pool[:1], pool, None, 100, rng())
    assert sorted(each.row for each in found) == list(range(13))
    assert suggest(pool[:1], pool[:0], None, 3, rng()) == []
    assert len(suggest(pool[:0], pool, None, 3, rng())) == 3
    monkeypatch.setattr(module, "MOST_CANDIDATES", 5)
    monkeypatch.setattr(module, "COVERED", 4)
    rows = [each.row for each in suggest(pool[:1], pool, None, 100, rng())]
    assert len(rows) == len(set(rows)) == 5


def test_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match="features must be"):
        suggest(np.zeros((2, 3), np.float32), np.zeros((2, 4), np.float32), None, 1, rng())
    with pytest.raises(ShapeError, match="margins must have"):
        suggest(np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32), np.zeros(3), 1, rng())


def test_the_nearest_by_hand():
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], np.float32)
    assert nearest(rows, rows[:1]).tolist() == [1.0, 0.0, 0.0]
    assert nearest(rows, rows[:0]).tolist() == [0.0, 0.0, 0.0]
    assert margins_of(np.array([[0.5, 0.5], [0.0, 1.0]])).tolist() == [0.0, 1.0]
