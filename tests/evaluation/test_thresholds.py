from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.thresholds import MOST_GIVEN, best_threshold


def f1(truth, given_):
    return 2 * (truth & given_).sum() / max((truth.sum() + given_.sum()), 1)


def test_two_groups_that_are_told_apart_are_cut_between():
    truth = np.arange(200) < 100
    probability = np.where(truth, 0.4, 0.1)
    assert 0.1 < best_threshold(truth, probability) < 0.4


def test_with_many_examples_it_is_the_best_of_all_thresholds():
    rng = np.random.default_rng(0)
    truth = rng.random(4000) < 0.3
    probability = sigmoid(2 * truth - 1.5 + rng.normal(size=4000))
    threshold = best_threshold(truth, probability)
    best = max(f1(truth, probability >= cut) for cut in probability)
    assert f1(truth, probability >= threshold) > best - 0.005


def test_of_calibrated_probabilities_it_is_half_the_f1():
    rng = np.random.default_rng(1)
    probability = rng.beta(0.5, 2.0, 50_000)
    truth = rng.random(50_000) < probability
    threshold = best_threshold(truth, probability)
    assert threshold == pytest.approx(f1(truth, probability >= threshold) / 2, abs=0.02)


def test_a_label_seen_once_does_not_follow_its_only_example():
    rng = np.random.default_rng(2)
    probability = np.sort(rng.beta(0.5, 5.0, 400))[::-1]
    truth = np.zeros(400, bool)
    truth[60] = True  # a chance positive among examples of low probability
    assert best_threshold(truth, probability) > probability[10]


def test_a_label_that_cannot_be_told_is_not_given_to_everybody():
    rng = np.random.default_rng(3)
    truth, probability = rng.random(500) < 0.1, 0.1 + 0.01 * rng.random(500)
    given_ = probability >= best_threshold(truth, probability)
    assert given_.sum() <= MOST_GIVEN * truth.sum()


@pytest.mark.parametrize(
    "truth, probability, threshold",
    [
        # two positives count a sixth: (1 + 5 p)/6 of positives, 5 p/6 of others give 11/12, 2/3, 1/6, 7/4 in all; F1 is
        # 2/3, 38/45, 14/19 for one, two, three
        ([1, 1, 0], [0.9, 0.6, 0.2], 0.4),
        ([1, 0, 0], [0.9, 0.2, 0.1], 0.55),
        ([1, 1, 1], [0.9, 0.8, 0.7], 0.35),  # all of them, down to halfway to 0
        ([1, 0, 0], [0.5, 0.5, 0.2], 0.35),  # given to twice as many as have it, which is just allowed
        ([1, 1, 0, 0, 0, 0], [0.9, 0.3, 0.3, 0.3, 0.3, 0.3], 0.6),  # two would be best, but ties enter together
        ([1, 0, 0], [0.5, 0.5, 0.5], 0.5),  # and all of these are too many
        ([0, 0, 0], [0.9, 0.5, 0.1], 0.5),
    ],
)
def test_thresholds_by_hand(truth, probability, threshold):
    assert best_threshold(np.array(truth), np.array(probability)) == pytest.approx(threshold)


def test_small_types_are_widened_before_anything_is_computed():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth, probability = rng.random(50) < 0.3, rng.random(50).astype(np.float32)
        assert best_threshold(truth, probability) == best_threshold(truth, probability.astype(np.float64))


@pytest.mark.parametrize("truth", [[], [False, False]])
def test_nothing_to_learn_from_is_one_half(truth):
    assert best_threshold(np.array(truth, bool), np.full(len(truth), 0.2)) == 0.5


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=30))
def test_it_is_always_a_probability(pairs):
    truth, probability = np.array([a for a, _ in pairs], bool), np.array([b for _, b in pairs])
    assert 0 <= best_threshold(truth, probability) <= 1


def test_settled_thresholds_do_better_than_one_half_on_new_examples():
    rng = np.random.default_rng(4)

    def draw(n):
        truth = rng.random(n) < 0.06
        return truth, sigmoid(2.2 * truth - 3.3 + rng.normal(size=n))

    gains = []
    for _ in range(40):
        threshold = best_threshold(*draw(300))
        truth, probability = draw(2000)
        gains.append(f1(truth, probability >= threshold) - f1(truth, probability >= 0.5))
    assert np.mean(gains) > 0.1
