from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from headstart.core.learning import Wrong
from headstart.evidence.mistakes import worst_mistakes

TEST = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [1.0, 0.0]])
TRAIN = np.array([[5.0, 0.0], [1.0, 1.0], [0.0, 1.0], [-1.0, -1.0]])
WRONG = [Wrong(2, "yes", "no", 0.8), Wrong(1, "1.5", "7", None)]


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_each_mistake_comes_with_the_nearest_training_rows_by_angle(form):
    first, second = worst_mistakes(WRONG, form(TEST), form(TRAIN), neighbours=2)
    assert (first.test_row, first.target, first.prediction, first.probability) == (2, "yes", "no", 0.8)
    assert first.nearest_rows[0] == 1 and first.nearest_distances[0] == pytest.approx(0, abs=1e-12)
    assert first.nearest_distances[1] == pytest.approx(1 - np.sqrt(0.5))
    assert (second.test_row, second.probability) == (1, None)
    assert second.nearest_rows == (2, 1)


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_it_finds_what_a_slow_search_finds(form):
    rng = np.random.default_rng(0)
    test, train = rng.normal(size=(30, 5)), rng.normal(size=(40, 5))
    wrong = [Wrong(int(row), "a", "b", 0.5) for row in rng.choice(30, 6, replace=False)]
    for each in worst_mistakes(wrong, form(test), form(train)):
        one = test[each.test_row]
        distances = [1 - one @ other / np.linalg.norm(one) / np.linalg.norm(other) for other in train]
        assert list(each.nearest_rows) == list(np.argsort(distances)[:3])
        assert list(each.nearest_distances) == pytest.approx(sorted(distances)[:3])


def test_no_mistakes_no_entries():
    assert worst_mistakes([], TEST, TRAIN) == []


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_fewer_training_rows_than_neighbours_are_all_named_and_a_zero_vector_is_no_error(form):
    [first, _] = worst_mistakes(WRONG, form(np.zeros((4, 2))), form(TRAIN[:2]))
    assert len(first.nearest_rows) == 2 and first.nearest_distances == (1.0, 1.0)


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_the_nearest_that_is_answered_otherwise_is_named_beside_them(form):
    answers = ["no", "no", "yes", "7"]
    first, second = worst_mistakes(WRONG, form(TEST), form(TRAIN), answers=answers)
    assert first.nearest_rows[0] == 1 and first.otherwise_row == 2  # rows 0 and 1 are answered "no" too
    assert first.otherwise_distance == pytest.approx(1 - np.sqrt(0.5))
    assert second.otherwise_row == 2 and second.otherwise_distance == pytest.approx(0, abs=1e-12)
    assert worst_mistakes(WRONG[:1], form(TEST), form(TRAIN), answers=["no"] * 4)[0].otherwise_row is None
    assert worst_mistakes(WRONG[:1], form(TEST), form(TRAIN))[0].otherwise_row is None, "numbers have no other answer"
