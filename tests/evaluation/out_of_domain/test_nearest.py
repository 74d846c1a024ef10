from __future__ import annotations

import numpy as np
import pytest

from evaluation.out_of_domain import helpers_out_of_domain as helpers


def test_two_dimensions_by_hand():
    # directions (1, 0), (0, 1) and (-1, 0); (2, 0) points as the first, so its distances are 0, sqrt 2 and 2
    x = np.array([[3.0, 0], [0, 0.1], [-5, 0]])
    for k, distance in ((1, 0.0), (2, np.sqrt(2)), (3, 2.0), (9, 2.0)):
        detector = helpers.built("nearest", neighbours=k)
        assert detector.score(detector.fit(x), np.array([[2.0, 0]])) == pytest.approx([distance], abs=1e-6)


def test_it_is_the_distance_that_sorting_gives():
    x, _ = helpers.made(50)
    new = helpers.elsewhere(20)
    detector = helpers.built("nearest")
    a, b = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (x, new))
    slow = np.sort(np.linalg.norm(b[:, None] - a, axis=2), axis=1)[:, 4]
    assert np.allclose(detector.score(detector.fit(x), new), slow, atol=1e-5)


def test_blocks_change_nothing(monkeypatch):
    x, _ = helpers.made(50)
    detector = helpers.built("nearest")
    arrays = detector.fit(x)
    whole = detector.score(arrays, x)
    monkeypatch.setattr("headstart.evaluation.out_of_domain.nearest.BLOCK", 150)
    assert np.allclose(detector.score(arrays, x), whole, atol=1e-7)
