from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.calibrators.helpers_calibrators import built, made, made_labels
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.isotonic import rising_share
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax


def slow_rising(y, w):
    """The min-max formula: the largest over starts of the smallest over ends of the weighted mean between them."""
    n = len(y)
    return [
        max(min(np.average(y[a : b + 1], weights=w[a : b + 1]) for b in range(i, n)) for a in range(i + 1))
        for i in range(n)
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 14))
def test_the_curve_is_that_of_the_min_max_formula(seed, n):
    rng = np.random.default_rng(seed)
    p = rng.integers(0, 6, n) / 6
    y, w = (rng.random(n) < p).astype(float), rng.integers(1, 4, n).astype(float)
    corners, heights = rising_share(y, p, w / w.sum())
    seen = np.unique(p)
    means = np.array([np.average(y[p == each], weights=w[p == each]) for each in seen])
    slow = slow_rising(means, np.array([w[p == each].sum() for each in seen]))
    assert np.allclose(np.interp(seen, corners, heights), slow)
    assert (np.diff(heights) >= 0).all() and (np.diff(corners) > 0).all()


def test_two_violators_share_their_mean_and_the_rest_is_clipped():
    # probabilities of class 1: .2 .4 .6 .8 with truths 0 1 0 1: shares 0, 1/2, 1/2, 1; clipped to 1/6 and 5/6
    p = np.array([0.2, 0.4, 0.6, 0.8])
    outputs = np.log(np.stack([1 - p, p], axis=1))
    arrays = built("isotonic").fit(Targets(np.array([0, 1, 0, 1]), "class", 2), outputs)
    after = softmax(built("isotonic").apply(arrays, outputs, "class"))
    assert np.allclose(after[:, 1], [1 / 6, 1 / 2, 1 / 2, 5 / 6])


def test_beyond_what_was_seen_lies_the_outermost_share():
    p = np.array([0.2, 0.4, 0.6, 0.8])
    targets = Targets(np.array([[0.0], [1.0], [0.0], [1.0]]), "multilabel", 1)
    arrays = built("isotonic").fit(targets, np.log(p / (1 - p))[:, None])
    after = sigmoid(built("isotonic").apply(arrays, np.array([[-40.0], [40.0]]), "multilabel"))
    assert np.allclose(after[:, 0], [1 / 6, 5 / 6])


def test_rows_sum_to_one_for_many_classes():
    targets, outputs = made(300, 7)
    after = built("isotonic").apply(built("isotonic").fit(targets, outputs), outputs, "class")
    assert np.allclose(np.exp(after).sum(axis=1), 1)


def test_a_bent_model_becomes_straight():
    targets, outputs = made_labels(6000, 1)
    bent = np.sign(outputs) * np.abs(outputs) ** 3 + 1
    arrays = built("isotonic").fit(targets, bent)
    new, right = made_labels(4000, 1, seed=5)
    after = sigmoid(built("isotonic").apply(arrays, np.sign(right) * np.abs(right) ** 3 + 1, "multilabel"))
    assert np.abs(after - sigmoid(right)).mean() < 0.03


@pytest.mark.parametrize(("rows", "is_enough"), [(100, True), (99, False)])
def test_each_class_needs_a_hundred_rows(rows, is_enough):
    values = np.repeat([0, 1, 2], [200, 150, rows])
    why = built("isotonic").why_not(Targets(values, "class", 3))
    assert (why is None) == is_enough and (why is None or "99 rows" in why)


def test_a_label_needs_rows_without_it_too():
    values = np.ones((500, 2))
    values[:100, 0], values[:99, 1] = 0, 0
    assert "a label has 99 rows" in built("isotonic").why_not(Targets(values, "multilabel", 2))
