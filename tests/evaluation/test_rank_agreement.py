from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.errors import ShapeError
from headstart.evaluation.rank_agreement import best_first, weighted_tau

PAIRS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=12)


def tau_by_loops(a, b):
    """Vigna's formula, ranked by each score in turn, ties by the other score."""

    def ranked_by(x, y):
        order = sorted(range(len(x)), key=lambda i: (x[i], y[i]), reverse=True)
        rank = {i: position for position, i in enumerate(order, start=1)}

        def product(u, v):
            total = 0.0
            for i in range(len(u)):
                for j in range(i + 1, len(u)):
                    total += np.sign(u[i] - u[j]) * np.sign(v[i] - v[j]) * (1 / rank[i] + 1 / rank[j])
            return total

        return product(x, y) / np.sqrt(product(x, x) * product(y, y))

    return (ranked_by(a, b) + ranked_by(b, a)) / 2


def test_three_candidates_by_hand():
    # ranks by the first score 1, 2, 3. The pair of ranks 1 and 2 agrees (weight 3/2), that of 1 and 3 agrees (4/3),
    # that of 2 and 3 does not (5/6); by the second score the weights of the first two change places
    value = weighted_tau(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0]))
    assert value == pytest.approx((3 / 2 + 4 / 3 - 5 / 6) / (3 / 2 + 4 / 3 + 5 / 6))


def test_a_mistake_at_the_top_costs_more_than_one_at_the_bottom():
    truth = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert weighted_tau(truth, truth[[1, 0, 2, 3, 4]]) < weighted_tau(truth, truth[[0, 1, 2, 4, 3]]) < 1


@given(PAIRS)
def test_it_equals_the_formula_ties_included(pairs):
    a, b = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    value = weighted_tau(a, b)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        assert value is None
    else:
        assert value == pytest.approx(tau_by_loops(a, b)) and weighted_tau(b, a) == pytest.approx(value)


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=20).filter(lambda values: len(set(values)) > 1))
def test_the_same_order_is_one_and_the_opposite_of_one_without_ties_minus_one(values):
    scores = np.array(values, dtype=float)
    assert weighted_tau(scores, np.exp(scores)) == pytest.approx(1)
    distinct = np.unique(scores)
    assert weighted_tau(distinct, -distinct) == pytest.approx(-1)


def test_nothing_to_order_is_none():
    assert weighted_tau(np.ones(3), np.arange(3)) is None and weighted_tau(np.ones(1), np.ones(1)) is None
    assert weighted_tau(np.zeros(0), np.zeros(0)) is None and len(best_first(np.zeros(0))) == 0


def test_the_best_come_first_and_ties_stay_as_given():
    assert best_first(np.array([1, 3, 2, 3])).tolist() == [1, 3, 2, 0]
    many = np.arange(200) % 2
    assert best_first(many).tolist() == [*range(1, 200, 2), *range(0, 200, 2)]
    assert best_first(np.array([0, 2, 1], np.uint8)).tolist() == [1, 2, 0]
    assert many[best_first(many)].tolist() == [1] * 100 + [0] * 100  # they are positions


def test_scores_of_other_candidates_or_none_are_refused():
    with pytest.raises(ShapeError, match="same candidates"):
        weighted_tau(np.arange(3), np.arange(4))
    with pytest.raises(ShapeError, match="1 that are not finite"):
        best_first(np.array([1.0, 2.0, np.nan]))
