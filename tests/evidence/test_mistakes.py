from __future__ import annotations

import numpy as np
import pytest

from headstart.evidence.mistakes import worst_mistakes

TRUTH = np.array([0, 1, 0, 1])
SURE = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]])  # rows 1 and 2 are wrong
TEST = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [1.0, 0.0]])
TRAIN = np.array([[5.0, 0.0], [1.0, 1.0], [0.0, 1.0], [-1.0, -1.0]])


def test_the_surest_mistake_comes_first_with_the_nearest_training_rows_by_angle():
    first, second = worst_mistakes(TRUTH, SURE, TEST, TRAIN, neighbours=2)
    assert (first.test_row, first.predicted, first.probability) == (2, 1, 0.8)
    assert first.nearest_rows[0] == 1 and first.nearest_distances[0] == pytest.approx(0, abs=1e-12)
    assert first.nearest_distances[1] == pytest.approx(1 - np.sqrt(0.5))
    assert (second.test_row, second.predicted, second.probability) == (1, 0, 0.7)
    assert second.nearest_rows == (2, 1)


def test_it_finds_what_a_slow_search_finds():
    rng = np.random.default_rng(0)
    test, train = rng.normal(size=(30, 5)), rng.normal(size=(40, 5))
    probabilities = rng.dirichlet(np.ones(3), 30)
    truth = rng.integers(0, 3, 30)
    found = worst_mistakes(truth, probabilities, test, train, count=4)
    wrong = [row for row in range(30) if probabilities[row].argmax() != truth[row]]
    assert [each.test_row for each in found] == sorted(wrong, key=lambda row: -probabilities[row].max())[:4]
    for each in found:
        one = test[each.test_row]
        distances = [1 - one @ other / np.linalg.norm(one) / np.linalg.norm(other) for other in train]
        assert list(each.nearest_rows) == list(np.argsort(distances)[:3])
        assert list(each.nearest_distances) == pytest.approx(sorted(distances)[:3])


def test_no_mistakes_no_entries():
    assert worst_mistakes(SURE.argmax(axis=1), SURE, TEST, TRAIN) == []


def test_fewer_training_rows_than_neighbours_are_all_named_and_a_zero_vector_is_no_error():
    [first, _] = worst_mistakes(TRUTH, SURE, np.zeros((4, 2)), TRAIN[:2])
    assert len(first.nearest_rows) == 2 and first.nearest_distances == (1.0, 1.0)
