"""Occlusion and Shapley values of models whose answers are known."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from explanation.helpers_explanation import additive, asked
from headstart.explanation.explainers.occlusion import Occlusion
from headstart.explanation.explainers.shapley import Shapley, ShapleyConfig
from headstart.explanation.question import relative_gap

WEIGHTS = arrays.arrays(np.float64, st.integers(1, 6), elements=st.floats(-5, 5, allow_subnormal=False))


@given(WEIGHTS)
def test_in_a_sum_every_unit_counts_its_own_weight_by_either_way(weights):
    question = asked(additive(weights), len(weights))
    for explainer in (Occlusion(None), Shapley(ShapleyConfig(orders=1))):
        np.testing.assert_allclose(explainer.explain(question).values, weights, atol=1e-9)


def test_two_units_that_say_the_same_share_it_and_each_alone_can_go():
    either = asked(lambda kept: kept[:, 0] | kept[:, 1], 3)
    assert Occlusion(None).explain(either).values.tolist() == [0, 0, 0]
    assert Shapley(ShapleyConfig(orders=1)).explain(either).values.tolist() == [0.5, 0.5, 0]


def test_two_units_that_are_needed_together_share_too():
    both = asked(lambda kept: kept[:, 0] & kept[:, 1], 2)
    assert Occlusion(None).explain(both).values.tolist() == [1, 1]  # either way all is lost
    assert Shapley(ShapleyConfig(orders=1)).explain(both).values.tolist() == [0.5, 0.5]


@given(st.integers(0, 2**16))
def test_shares_add_up_to_the_difference_whatever_the_model(seed):
    table = np.random.default_rng(seed).normal(size=16)
    question = asked(lambda kept: table[kept @ [1, 2, 4, 8]], 2, 2)
    found = Shapley(ShapleyConfig(orders=2, seed=seed)).explain(question)
    assert found.values.sum() == pytest.approx(table[15] - table[0])
    assert found.values.shape == (2, 2) and found.gap == 0


def test_many_orders_come_near_the_mean_over_all_orders():
    table = np.random.default_rng(3).normal(size=8)

    def value(units):
        return table[sum(1 << unit for unit in units)]

    exact = np.zeros(3)
    for order in permutations(range(3)):
        for place, unit in enumerate(order):
            exact[unit] += (value(order[: place + 1]) - value(order[:place])) / 6
    question = asked(lambda kept: table[kept @ [1, 2, 4]], 3)
    np.testing.assert_allclose(Shapley(ShapleyConfig(orders=600)).explain(question).values, exact, atol=0.1)


def test_the_gap_is_a_share_of_what_was_expected():
    assert relative_gap(3.0, 4.0) == 0.25
    assert relative_gap(1.0, 0.0) == 1.0 and relative_gap(0.0, 0.0) == 0.0
