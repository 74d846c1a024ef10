from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from headstart.core.errors import ShapeError
from headstart.evaluation.clustered import (
    _design_effect,
    label_f1_interval,
    macro_f1_difference,
    macro_f1_interval,
    share_interval,
)
from headstart.evaluation.mean_average_precision import mean_average_precision, mean_average_precision_interval
from headstart.evaluation.multilabel import label_counts, macro_f1, macro_f1_shares, micro_f1
from headstart.evaluation.proportions import clopper_pearson


def sample(n=100, labels=6, seed=0, strength=3.0):
    rng = np.random.default_rng(seed)
    truth = rng.random((n, labels)) < np.linspace(0.1, 0.5, labels)
    scores = strength * (truth - 0.5) + rng.normal(size=(n, labels))
    return truth, scores


def test_f1_by_hand():
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]])
    given_ = np.array([[1, 0, 1], [0, 1, 0], [0, 1, 0]])
    counts = label_counts(truth, given_)
    # label 0: 1 hit of 2 true and 1 given: 2/3. Label 1: 2 hits of 2 and 2: 1. Label 2 has no example.
    assert macro_f1(counts) == pytest.approx((2 / 3 + 1) / 2)
    assert micro_f1(counts) == pytest.approx(2 * 3 / (4 + 4))
    assert counts.union.tolist() == [2, 2, 1]


def test_a_label_of_one_example_counts_and_small_types_are_ranked_as_numbers():
    truth, scores = np.array([[1, 1], [0, 0], [0, 1]]), np.array([[2, 1], [0, 2], [1, 0]])
    # the first label's only example is the highest; the second's are at ranks 2 and 3
    assert mean_average_precision(truth, scores.astype(np.uint8)) == pytest.approx((1 + (1 / 2 + 2 / 3) / 2) / 2)


def test_values_equal_scikit_learn():
    truth, scores = sample()
    given_ = scores > 0
    counts = label_counts(truth, given_)
    assert macro_f1(counts) == pytest.approx(sk.f1_score(truth, given_, average="macro"))
    assert micro_f1(counts) == pytest.approx(sk.f1_score(truth, given_, average="micro"))
    assert mean_average_precision(truth, scores) == pytest.approx(
        sk.average_precision_score(truth, scores, average="macro")
    )


@given(st.integers(0, 300), st.integers(1, 40), st.integers(1, 8))
def test_intervals_hold_their_values_and_shares_average_to_the_metric(seed, n, labels):
    truth, scores = sample(n, labels, seed)
    given_ = scores > 0
    value = macro_f1(label_counts(truth, given_))
    bounds = macro_f1_interval(truth, given_)
    if value is None:
        assert bounds is None and not truth.any()
        assert macro_f1_shares(truth, given_).sum() == 0
        return
    assert 0 <= bounds[0] <= value <= bounds[1] <= 1
    assert macro_f1_shares(truth, given_).mean() == pytest.approx(value)
    mean = mean_average_precision(truth, scores)
    found = mean_average_precision_interval(truth, scores, np.random.default_rng(0))
    assert (mean is None) == (found is None)
    assert mean is None or 0 <= found[0] <= mean <= found[1] <= 1


def test_one_decision_per_example_has_the_exact_interval_of_a_proportion():
    right = np.array([1, 1, 0, 1, 0, 1, 1])
    low, high = clopper_pearson(5, 7)
    assert share_interval(right, np.ones(7)) == pytest.approx((float(low), float(high)))
    assert label_f1_interval(5, 7) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))


def test_decisions_that_err_together_count_as_fewer():
    apart, together = np.ones(40), np.zeros(40)
    together[:10] = 4.0  # the same 40 errors of 400 decisions, all in ten examples
    narrow, wide = share_interval(apart, np.full(40, 10.0)), share_interval(together, np.full(40, 10.0))
    assert wide[1] - wide[0] > 1.3 * (narrow[1] - narrow[0])
    copies = share_interval(np.repeat([4, 0], [10, 30]), np.full(40, 4.0))  # four copies of one decision
    assert copies == pytest.approx(tuple(float(bound) for bound in clopper_pearson(10, 40)), abs=0.01)


def test_examples_that_err_as_wholes_count_as_many_as_there_are():
    assert share_interval(np.array([100, 0]), np.array([100, 100])) == pytest.approx(
        tuple(float(bound) for bound in clopper_pearson(1, 2))
    )


def test_without_any_mistake_each_example_is_one_decision():
    low, high = clopper_pearson(0, 25)
    assert share_interval(np.zeros(27), np.append(np.full(24, 8), [1, 0, 0])) == (float(low), float(high))
    assert share_interval(np.zeros(25), np.full(25, 8)) == (float(low), float(high))
    assert share_interval(np.zeros(3), np.zeros(3)) is None


def test_the_design_effect_of_two_labels_by_hand():
    # Label 0: hits in rows 0, 1, 2, forgotten in 3, given for nothing in 4: F1 3/4, which they move by (2 - 3/2)/8 =
    # 18/288 and by -(3/4)/8 = -27/288. Label 1: a hit in row 0, forgotten in 3: F1 2/3, moved by +-2/9 = 64/288.
    # Squares of the sums 82, 18, 18, -91, -27 add up to 16382, those of each to 10622.
    truth = np.array([[1, 1], [1, 0], [1, 0], [1, 1], [0, 0]]) > 0
    given_ = np.array([[1, 1], [1, 0], [1, 0], [0, 0], [1, 0]]) > 0
    assert _design_effect(truth, given_) == pytest.approx(16382 / 10622)


def test_labels_that_are_copies_err_together_and_perfect_ones_not_at_all():
    truth, scores = sample(labels=1)
    given_ = scores > 0
    assert _design_effect(np.repeat(truth, 4, axis=1), np.repeat(given_, 4, axis=1)) == pytest.approx(4)
    assert _design_effect(truth, truth) == 1
    alone = macro_f1_interval(truth, given_)
    copies = macro_f1_interval(np.repeat(truth, 4, axis=1), np.repeat(given_, 4, axis=1))
    assert copies == pytest.approx(alone, abs=0.005)


def test_an_interval_of_two_labels_by_hand():
    # 3 hits of a union of 4 and 1 of 2; the pooled share is 9/14, so the two are shrunk to (3 + 9/7)/6 = 5/7 and
    # (1 + 9/7)/4 = 4/7. F1 moves by 2/(1 + share)^2 = 49/72 and 98/121 per unit of a share. Errors lie in different
    # rows; rows without any label do not count.
    truth = np.array([[1, 1], [1, 0], [1, 0], [1, 1], *[[0, 0]] * 6])
    given_ = np.array([[1, 0], [1, 0], [1, 0], [0, 1], *[[0, 0]] * 6])
    variance = ((49 / 72) ** 2 * (5 / 7) * (2 / 7) / 4 + (98 / 121) ** 2 * (4 / 7) * (3 / 7) / 2) / 4
    smoothed = (5 / 6 + 8 / 11) / 2  # F1 of the shrunk shares
    size = smoothed * (1 - smoothed) / variance
    assert size == pytest.approx(6.60, abs=0.01)
    value = (6 / 7 + 2 / 3) / 2
    expected = clopper_pearson(value * size, size)
    assert macro_f1_interval(truth, given_) == pytest.approx(tuple(float(bound) for bound in expected))


def test_a_paired_difference_is_narrow_and_turns_with_its_sides():
    truth, scores = sample(300)
    one, other = scores > 0, scores > 0
    other = other.copy()
    other[:6] = truth[:6]
    value, (low, high) = macro_f1_difference(truth, other, one)
    assert value == pytest.approx(macro_f1(label_counts(truth, other)) - macro_f1(label_counts(truth, one)))
    alone = macro_f1_interval(truth, one)
    assert low < value < high and high - low < alone[1] - alone[0]
    turned, bounds = macro_f1_difference(truth, one, other)
    assert (turned, *bounds) == pytest.approx((-value, -high, -low))


def test_nothing_to_tell_apart_has_no_interval():
    truth, scores = sample(20)
    assert macro_f1_difference(truth, scores > 0, scores > 0) == (0.0, None)
    none = np.zeros((4, 2))
    assert macro_f1_difference(none, none, none) == (None, None)
    assert mean_average_precision(none, none) is None
    assert mean_average_precision_interval(none, none, np.random.default_rng(0)) is None
    assert micro_f1(label_counts(none, none)) is None


@pytest.mark.parametrize("shapes", [((3, 2), (3, 1)), ((3,), (3,)), ((0, 2), (0, 2))])
def test_flags_of_other_shapes_are_refused(shapes):
    with pytest.raises(ShapeError, match=r"must both be \(N, L\)"):
        label_counts(np.zeros(shapes[0]), np.zeros(shapes[1]))
