"""Target rows as points, and who lies around them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from adaptation.validators.helpers_validators import labeled
from headstart.adaptation import space as room
from headstart.adaptation.space import Space
from headstart.core.seeding import generator

CORNERS = np.array([[0.0, 1.0], [0.0, 2.0], [1.0, 0.0], [2.0, 0.0]], np.float32)


def of(target, source=CORNERS, classes=(0, 0, 1, 1)):
    return Space.of(target, labeled(source, list(classes), 2), generator(0, "space"))


def test_points_are_scaled_by_the_moments_of_the_target():
    points = of(CORNERS).points
    centred = (CORNERS - CORNERS.mean(axis=0)) / CORNERS.std(axis=0)
    assert points == pytest.approx(centred / np.linalg.norm(centred, axis=1, keepdims=True), abs=1e-6)


def test_a_constant_column_and_missing_values_say_nothing():
    target = np.array([[5, 0, 1], [5, np.nan, -1], [5, 2, np.nan]], np.float32)
    points = of(target, np.ones((4, 3), np.float32)).points
    assert (points[:, 0] == 0).all() and points[1, 1] == 0 and points[2, 2] == 0
    assert np.isfinite(points).all()


def test_sparse_rows_keep_their_directions():
    points = of(csr_array(CORNERS), csr_array(CORNERS)).points
    assert points.toarray() == pytest.approx(np.array([[0, 1], [0, 1], [1, 0], [1, 0]]))
    assert of(csr_array(CORNERS), csr_array(CORNERS)).votes.argmax(axis=1).tolist() == [0, 0, 1, 1]


def test_a_row_is_no_neighbour_of_its_own_even_among_equals():
    near = of(np.ones((15, 2), np.float32)).neighbours
    assert near.shape == (15, 10) and all(row not in near[row] for row in range(15))
    assert of(CORNERS[:1]).neighbours.shape == (1, 0)


def test_of_many_rows_some_are_compared_and_the_seed_says_which(monkeypatch):
    monkeypatch.setattr(room, "MOST", 3)
    first, again = of(CORNERS), of(CORNERS)
    assert len(first.rows) == len(first.source_rows) == 3 and first.rows.tolist() == again.rows.tolist()
    assert first.votes.shape == (3, 2)
