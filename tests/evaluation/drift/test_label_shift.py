import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.evaluation.drift.label_shift import accuracy_of_shares, bounds, corrected_shares, shares_drawn, why_not

CONFUSION = np.array([[80, 30], [20, 70]])  # rows predicted, columns true


def test_shares_are_those_whose_mixture_is_predicted():
    # 0.8 a + 0.3 (1 - a) = 0.4  =>  a = 0.2
    assert corrected_shares(CONFUSION, np.array([40, 60])).tolist() == pytest.approx([0.2, 0.8])


def test_shares_that_would_be_negative_are_none():
    assert corrected_shares(CONFUSION, np.array([0, 100])).tolist() == [0.0, 1.0]


def test_a_class_that_was_never_held_out_counts_as_known():
    confusion = np.array([[10, 0, 0], [0, 10, 0], [0, 0, 0]])
    assert corrected_shares(confusion, np.array([1, 1, 2])).tolist() == [0.25, 0.25, 0.5]


def test_the_interval_holds_the_shares_and_narrows_with_more_examples():
    few = bounds(shares_drawn(CONFUSION, np.array([40, 60]), np.random.default_rng(0))[0])
    many = bounds(shares_drawn(CONFUSION * 100, np.array([4000, 6000]), np.random.default_rng(0))[0])
    assert few[0][0] < 0.2 < few[1][0]
    assert many[1][0] - many[0][0] < (few[1][0] - few[0][0]) / 5


def test_accuracy_follows_from_the_shares_where_classes_look_as_they_did():
    # 0.2 of the first, of which 0.8 are recognised, 0.8 of the second, of which 0.7 are
    assert accuracy_of_shares(CONFUSION, np.array([0.2, 0.8])) == pytest.approx(0.72)
    low, high = bounds(shares_drawn(CONFUSION, np.array([40, 60]), np.random.default_rng(0))[1])
    assert low < 0.72 < high


def test_classes_that_are_predicted_alike_cannot_be_told():
    assert "alike" in why_not(np.array([[50, 50], [50, 50]]))
    assert why_not(CONFUSION) == ""


def test_a_matrix_of_other_classes_is_refused():
    with pytest.raises(ShapeError, match="3 predicted"):
        corrected_shares(CONFUSION, np.array([1, 2, 3]))
