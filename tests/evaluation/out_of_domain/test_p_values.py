from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.out_of_domain.helpers_out_of_domain import built, elsewhere, made
from headstart.core.errors import ShapeError
from headstart.evaluation.out_of_domain.p_values import cross_scored, is_out_of_domain, p_values
from headstart.evaluation.parting import parted


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=30), st.lists(st.integers(0, 9), max_size=5))
def test_a_p_value_is_a_rank_counted_one_by_one(reference, scores):
    found = p_values(np.array(reference, dtype=float), np.array(scores, dtype=float))
    assert found.tolist() == [(1 + sum(r >= s for r in reference)) / (1 + len(reference)) for s in scores]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=20, max_size=60), st.sampled_from([0.05, 0.1, 0.3]))
def test_each_row_once_the_new_one_no_more_are_called_out_than_the_level(scores, level):
    scores = np.array(scores, dtype=float)
    called = [bool(is_out_of_domain(p_values(np.delete(scores, i), scores[[i]]), level)[0]) for i in range(len(scores))]
    assert np.mean(called) <= level + 1e-9


@pytest.mark.parametrize(("m", "is_reached"), [(19, True), (18, False)])
def test_nineteen_rows_are_the_fewest_for_one_in_twenty(m, is_reached):
    assert is_out_of_domain(p_values(np.arange(float(m)), np.array([99.0])))[0] == is_reached


def test_own_rows_are_scored_by_a_detector_that_did_not_see_them():
    x, targets = made(60)
    found = cross_scored(built("mahalanobis"), x, targets, None, np.random.default_rng(5))
    folds = parted(targets.values, None, 5, np.random.default_rng(5))
    for fold in range(5):
        held = folds == fold
        arrays = built("mahalanobis").fit(x[~held], targets.take(~held))
        assert np.array_equal(found[held], built("mahalanobis").score(arrays, x[held]))


@pytest.mark.parametrize("name", ["mahalanobis", "relative_mahalanobis", "nearest"])
def test_scored_so_rows_of_the_domain_are_seldom_called_out_and_others_mostly(name):
    x, targets = made(150)
    reference = cross_scored(built(name), x, targets, None, np.random.default_rng(0))
    arrays = built(name).fit(x, targets)
    new = is_out_of_domain(p_values(reference, built(name).score(arrays, made(2000, seed=9)[0])))
    out = is_out_of_domain(p_values(reference, built(name).score(arrays, elsewhere())))
    assert new.mean() < 0.09 and out.mean() > 0.8  # 150 rows: the share called out has a standard deviation of 0.018


def test_rows_of_a_group_are_left_out_together():
    x, _ = made(40)
    x = np.repeat(x, 2, axis=0)  # every row twice: without groups each copy finds the other
    detector = built("nearest", neighbours=1)
    alone = cross_scored(detector, x, None, None, np.random.default_rng(0))
    together = cross_scored(detector, x, None, np.repeat(np.arange(40), 2), np.random.default_rng(0))
    assert (alone < 1e-3).mean() > 0.5 and (together > 1e-2).all()


def test_what_does_not_fit_is_said():
    x, targets = made(30)
    with pytest.raises(ShapeError, match="finite"):
        p_values(np.array([np.nan]), np.zeros(1))
    with pytest.raises(ShapeError, match="as many targets"):
        cross_scored(built("nearest"), x, targets.take(np.arange(29)), None, np.random.default_rng(0))
    with pytest.raises(ShapeError, match="two groups"):
        cross_scored(built("nearest"), x, targets, np.zeros(30), np.random.default_rng(0))
    with pytest.raises(ShapeError, match="two groups"):
        cross_scored(built("nearest"), x[:0], None, None, np.random.default_rng(0))
