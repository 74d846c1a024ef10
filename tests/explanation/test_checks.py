"""Deletion, insertion, pointing and rank correlation, by hand."""

import numpy as np
import pytest

from explanation.helpers_explanation import Answering, Plain, additive
from headstart.explanation.checks.curves import area, curves, first
from headstart.explanation.checks.pointing import points_at
from headstart.explanation.checks.randomisation import rank_correlation
from headstart.explanation.checks.taken_away import taken_away

RNG = np.random.default_rng


def test_four_units_of_which_one_decides():
    # deletion: 1 with all, 0 as soon as the first is gone: (1 + 0) / 2 / 4; insertion: 0, then 1: 1 - 1 / 8
    model, units = Answering(additive([0, 1, 0, 0])), Plain((4,))
    found = curves(model, units, np.array([0.0, 9.0, -1.0, 0.5]), RNG(0), orders=50)
    assert found.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found.deletion.tolist() == [1, 0, 0, 0, 0] and found.insertion.tolist() == [0, 1, 1, 1, 1]
    said = found.to_dict()
    assert (said["deletion"], said["insertion"]) == (0.125, 0.875)
    assert said["random"] == pytest.approx(0.5, abs=0.1)  # by symmetry a half in the mean over orders
    assert said["orders"] == 50 and 30 <= said["deletion_better_than"] < 50


def test_a_map_that_is_turned_round_exchanges_the_two_areas():
    weights = np.array([0.1, 0.5, 0.15, 0.25])
    model, units = Answering(additive(weights)), Plain((2, 2))
    right, wrong = (curves(model, units, sign * weights.reshape(2, 2), RNG(0)).to_dict() for sign in (1.0, -1.0))
    assert right["deletion"] == pytest.approx(wrong["insertion"])
    assert right["deletion"] < right["random"] < right["insertion"]
    assert right["random"] == wrong["random"]


def test_where_all_units_are_alike_no_order_is_better():
    model, units = Answering(lambda kept: kept.mean(axis=1)), Plain((9,))
    said = curves(model, units, np.arange(9.0), RNG(0), steps=4).to_dict()
    assert said["deletion"] == pytest.approx(said["insertion"]) == pytest.approx(said["random_high"])


def test_one_unit_alone_is_there_or_is_not():
    found = curves(Answering(additive([1])), Plain((1,)), np.array([2.0]), RNG(0))
    assert found.deletion.tolist() == [1, 0] and found.insertion.tolist() == [0, 1]


def test_the_cost_is_as_stated():
    asked_for = []

    def answer(kept):
        asked_for.append(len(kept))
        return kept.mean(axis=1)

    curves(Answering(answer), Plain((100,)), np.arange(100.0), RNG(0), steps=10, orders=5)
    assert sum(asked_for) == 9 * 7 + 2 <= 10 * (2 + 5)


def test_first_counts_units_of_an_order():
    assert first(np.array([2, 0, 1]), np.array([0, 2, 3])).tolist() == [[False] * 3, [True, False, True], [True] * 3]


def test_an_area_is_a_mean_of_neighbours_over_uneven_steps():
    assert area(np.array([0, 0.25, 1]), np.array([4.0, 0.0, 2.0])) == 0.25 * 2 + 0.75 * 1


def test_the_pointing_game():
    planted = np.array([[False, True], [False, False]])
    assert points_at(np.array([[0.0, 2.0], [1.0, -3.0]]), planted)
    assert not points_at(np.array([[0.0, 2.0], [2.5, -3.0]]), planted)
    assert not points_at(np.ones((2, 2)), planted), "a flat map points nowhere"


def test_rank_correlation_of_maps():
    a = np.array([[1.0, 2.0], [3.0, 9.0]])
    assert rank_correlation(a, a**3) == 1 and rank_correlation(a, -a) == -1
    assert rank_correlation(a, np.zeros((2, 2))) is None


def test_without_the_marked_tenth_a_sum_loses_its_largest_weights_and_at_random_their_mean():
    weights = np.arange(20.0)
    found = taken_away(Answering(additive(weights)), Plain((4, 5)), weights.reshape(4, 5), RNG(0), orders=200)
    assert (found.taken, found.units, found.whole) == (2, 20, 190.0)
    assert found.marked == 190 - 19 - 18 == found.to_dict()["marked"]
    assert found.random == pytest.approx(190 - 2 * 9.5, abs=1.5)
    assert found.marked <= found.random_low <= found.random <= found.random_high


def test_at_least_one_unit_is_taken_away():
    found = taken_away(Answering(additive([3.0, 1.0])), Plain((2,)), np.array([3.0, 1.0]), RNG(0))
    assert (found.taken, found.whole, found.marked) == (1, 4.0, 1.0)
