import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.mitigation.sparse_logistic import solve_l1


def sample(n=120, d=10, k=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    classes = (x[:, :k] + rng.gumbel(size=(n, k))).argmax(axis=1)
    return (x - x.mean(0)) / x.std(0), classes, rng.uniform(0.5, 2, size=n)


def objective(x, classes, weights, strength, weight, bias):
    z = x @ weight.T + bias
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(x)), classes]
    return (weights * losses).sum() / weights.sum() + strength * np.abs(weight).sum()


@pytest.mark.parametrize("strength", [0.1, 0.02, 0.005])
def test_scikit_learn_finds_nothing_lower(strength):
    x, classes, weights = sample()
    weight, bias = solve_l1(x, classes, 3, weights, strength, tolerance=1e-9)
    peer = LogisticRegression(
        solver="saga", l1_ratio=1, C=1 / (strength * weights.sum()), max_iter=20_000, tol=1e-7, random_state=0
    ).fit(x, classes, sample_weight=weights)
    mine = objective(x, classes, weights, strength, weight, bias)
    theirs = objective(x, classes, weights, strength, peer.coef_, peer.intercept_)
    assert mine == pytest.approx(theirs, rel=1e-4)


def test_the_optimality_conditions_hold():
    x, classes, weights = sample()
    weight, bias = solve_l1(x, classes, 3, weights, 0.03, tolerance=1e-12)
    z = x @ weight.T + bias
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    residuals = (p - np.eye(3)[classes]) * (weights / weights.sum())[:, None]
    gradient = residuals.T @ x
    assert np.abs(residuals.sum(axis=0)).max() < 1e-4
    assert (np.abs(gradient[weight == 0]) <= 0.03 + 1e-4).all() and (weight == 0).any()
    assert gradient[weight != 0] == pytest.approx(-0.03 * np.sign(weight[weight != 0]), abs=1e-4)


def test_a_strong_penalty_leaves_the_shares_of_the_classes():
    x, classes, weights = sample()
    weight, bias = solve_l1(x, classes, 3, weights, 10.0)
    assert (weight == 0).all()
    shares = np.bincount(classes, weights=weights) / weights.sum()
    assert np.exp(bias) / np.exp(bias).sum() == pytest.approx(shares, abs=1e-6)


def test_a_start_changes_the_way_and_not_the_end():
    x, classes, weights = sample()
    start = solve_l1(x, classes, 3, weights, 0.1)
    cold, warm = (solve_l1(x, classes, 3, weights, 0.02, each, 1e-10) for each in (None, start))
    assert warm[0] == pytest.approx(cold[0], abs=1e-3)


def test_a_class_without_rows_and_a_feature_without_spread_are_finite():
    x, classes, weights = sample()
    x[:, 0] = 0
    weight, bias = solve_l1(x, np.minimum(classes, 1), 3, weights, 0.01)
    assert np.isfinite(weight).all() and np.isfinite(bias).all() and (weight[:, 0] == 0).all()
    assert (x @ weight.T + bias).argmax(axis=1).max() == 1


def test_weights_count_like_rows():
    x, classes, _ = sample()
    counts = np.arange(120) % 3
    twice = np.repeat(np.arange(120), counts)
    weighted = solve_l1(x, classes, 3, counts.astype(float), 0.02, tolerance=1e-10)
    repeated = solve_l1(x[twice], classes[twice], 3, np.ones(len(twice)), 0.02, tolerance=1e-10)
    assert weighted[0] == pytest.approx(repeated[0], abs=1e-5)
