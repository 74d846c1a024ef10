from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from headstart.methods.logistic_problems import Problems
from headstart.methods.logistic_regression import objective, solve
from headstart.methods.logistic_targets import ClassTargets, LabelTargets
from methods.helpers_methods import features_like, log_loss, probabilities


def build(x, classes, weights=None, width=None, **options):
    weights = np.ones((1, len(x))) if weights is None else weights
    targets = ClassTargets(torch.from_numpy(classes), int(width or classes.max() + 1))
    return Problems.build(torch.from_numpy(x), targets, torch.from_numpy(weights), **options)


def build_labels(x, labels, weights=None, **options):
    weights = np.ones((1, len(x))) if weights is None else weights
    targets = LabelTargets(torch.tensor(labels.T, dtype=torch.float64), labels.shape[1])
    return Problems.build(torch.from_numpy(x), targets, torch.from_numpy(weights), dtype=torch.float64, **options)


def solve_to(problems, penalty, tolerance=1e-9, **options):
    penalties = torch.full((len(problems),), penalty, dtype=torch.float64)
    return solve(problems, penalties, problems.zeros(), tolerance, **options)


def objective_by_hand(z, classes, weight, bias, penalty, weights=None):
    logits = z @ weight.T + bias
    loss = sum(
        (1.0 if weights is None else weights[i]) * log_loss(logits[i : i + 1], classes[i : i + 1])
        for i in range(len(z))
    )
    return loss + penalty / 2 * (weight**2).sum()


@pytest.mark.parametrize(("n", "d", "k"), [(120, 10, 4), (40, 90, 3), (60, 20, 2)])
@pytest.mark.parametrize("penalty", [100.0, 1.0, 0.01])
def test_optimum_equals_that_of_scikit_learn(n, d, k, penalty):
    x, classes, _ = features_like(n, d, k)
    problems = build(x, classes, dtype=torch.float64)
    solved = solve_to(problems, penalty, 1e-13, max_iterations=3000)
    z = StandardScaler().fit_transform(x.astype(np.float64))
    # with two classes scikit-learn keeps w1 - w0 in one row, whose penalty is half of ours on the two of them
    c = (2 if k == 2 else 1) / penalty
    other = LogisticRegression(C=c, tol=1e-9, max_iter=20000).fit(z, classes)
    weight, bias = other.coef_, other.intercept_
    if k == 2:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    theirs = objective_by_hand(z, classes, weight, bias, penalty)
    ours = float(objective(problems, torch.tensor([penalty]), solved.coefficients, solved.logits)[0])
    assert bool(solved.is_converged.all())
    assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-8)  # theirs stops at a gradient of 1e-9
    assert probabilities(solved.logits[0].T.numpy()) == pytest.approx(other.predict_proba(z), abs=2e-5)


def test_float32_finds_the_same_optimum():
    x, classes, _ = features_like(80, 200, 5)
    exact, rounded = (solve_to(build(x, classes, dtype=dtype), 2.0, 1e-8) for dtype in (torch.float64, torch.float32))
    a, b = (probabilities(solved.logits[0].T.double().numpy()) for solved in (exact, rounded))
    assert b == pytest.approx(a, abs=2e-4)


def test_objective_is_the_sum_written_out():
    x, classes, _ = features_like(30, 6, 3)
    weights = np.random.default_rng(0).uniform(0.5, 2, (1, 30))
    problems = build(x, classes, weights, dtype=torch.float64)
    solved = solve_to(problems, 3.0)
    mean = np.average(x.astype(np.float64), axis=0, weights=weights[0])
    spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights[0]))
    weight, bias = solved.coefficients.weight[0].numpy(), solved.coefficients.bias[0].numpy()
    by_hand = objective_by_hand((x - mean) / spread, classes, weight, bias, 3.0, weights[0])
    assert float(objective(problems, torch.tensor([3.0]), solved.coefficients, solved.logits)[0]) == pytest.approx(
        by_hand, rel=1e-9
    )


def test_no_nearby_parameters_have_a_lower_objective():
    x, classes, _ = features_like(40, 5, 3)
    problems = build(x, classes, dtype=torch.float64)
    solved = solve_to(problems, 0.5, 1e-12)
    z = StandardScaler().fit_transform(x.astype(np.float64))
    weight, bias = solved.coefficients.weight[0].numpy(), solved.coefficients.bias[0].numpy()
    lowest = objective_by_hand(z, classes, weight, bias, 0.5)
    rng = np.random.default_rng(0)
    for _ in range(20):
        away = 1e-2 * rng.standard_normal(weight.shape), 1e-2 * rng.standard_normal(bias.shape)
        assert objective_by_hand(z, classes, weight + away[0], bias + away[1], 0.5) > lowest


def test_a_fold_is_solved_as_if_its_held_out_rows_did_not_exist():
    x, classes, folds = features_like(60, 20, 3)
    weights = np.stack([(folds != fold).astype(np.float64) for fold in range(5)])
    together = build(x, classes, weights, dtype=torch.float64)
    solved = solve_to(together, 1.0, 1e-12)
    for fold in range(5):
        seen = folds != fold
        alone = build(x[seen], classes[seen], dtype=torch.float64)
        weight, bias = alone.raw(solve_to(alone, 1.0, 1e-12).coefficients)
        expected = x.astype(np.float64) @ weight[0].T.numpy() + bias[0].numpy()
        assert probabilities(solved.logits[fold].T.numpy()) == pytest.approx(probabilities(expected), abs=1e-5)


def test_held_out_rows_do_not_move_the_statistics_of_a_fold():
    x, classes, folds = features_like(40, 6, 2)
    weights = (folds != 0).astype(np.float64)[None]
    before = solve_to(build(x, classes, weights, dtype=torch.float64), 1.0, 1e-13)
    changed = x.copy()
    changed[folds == 0] += 1000
    problems = build(changed, classes, weights, dtype=torch.float64)
    after = solve_to(problems, 1.0, 1e-13)
    assert after.coefficients.weight.numpy() == pytest.approx(before.coefficients.weight.numpy(), abs=1e-4)


def test_raw_coefficients_give_the_logits_of_raw_features():
    x, classes, folds = features_like(40, 8, 3)
    x[:, 2] = 5.0
    weights = np.stack([np.ones(40), (folds != 0).astype(np.float64)])
    problems = build(x, classes, weights, dtype=torch.float64, least_spread=0.5)
    solved = solve_to(problems, 1.0)
    weight, bias = problems.raw(solved.coefficients)
    for f in range(2):
        expected = x.astype(np.float64) @ weight[f].T.numpy() + bias[f].numpy()
        assert solved.logits[f].T.numpy() == pytest.approx(expected, abs=1e-9)
        assert (weight[f][:, 2] == 0).all()


def test_one_feature_and_two_rows_by_hand():
    # x = 0, 2 becomes z = -1, 1; with logits (-wz, wz) the optimum has 2 (1 + e^(2w))^-1 = penalty * w per row:
    # d/dw of 2 log(1 + e^(-2w)) + penalty / 2 * 2 w^2 is -4 / (1 + e^(2w)) + 2 penalty w
    problems = build(np.array([[0.0], [2.0]]), np.array([0, 1]), dtype=torch.float64)
    w = float(solve_to(problems, 0.5, 1e-14).coefficients.weight[0, 1, 0])
    assert 2 / (1 + np.exp(2 * w)) == pytest.approx(0.5 * w, abs=1e-6)


def test_weights_sum_to_zero_over_classes():
    x, classes, _ = features_like(40, 6, 4)
    weight = solve_to(build(x, classes, dtype=torch.float64), 1.0).coefficients.weight[0]
    assert weight.sum(0).abs().max() < 1e-6


def test_a_class_without_rows_gets_about_half_a_row_of_probability():
    x, classes, _ = features_like(50, 6, 2)
    solved = solve_to(build(x, classes, width=3, dtype=torch.float64), 1e4)
    rare = probabilities(solved.logits[0].T.numpy())[:, 2]
    assert (solved.coefficients.weight[0, 2] == 0).all()
    assert rare.mean() == pytest.approx(0.5 / 50, rel=0.05)


def test_order_of_rows_is_irrelevant():
    x, classes, _ = features_like(40, 6, 3)
    order = np.random.default_rng(0).permutation(40)
    a = solve_to(build(x, classes, dtype=torch.float64), 1.0).coefficients.weight
    b = solve_to(build(x[order], classes[order], dtype=torch.float64), 1.0).coefficients.weight
    assert a.numpy() == pytest.approx(b.numpy(), abs=1e-4)


def test_too_few_iterations_are_told_and_not_hidden():
    x, classes, _ = features_like(40, 30, 3)
    solved = solve_to(build(x, classes), 0.01, max_iterations=1)
    assert solved.iterations == 1 and not bool(solved.is_converged.any())


def test_starting_at_the_optimum_takes_no_iteration():
    x, classes, _ = features_like(40, 6, 3)
    problems = build(x, classes, dtype=torch.float64)
    first = solve_to(problems, 1.0, 1e-10)
    again = solve(problems, torch.tensor([1.0]), first.coefficients, 1e-9)
    assert again.iterations == 0


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_of_a_feature_are_irrelevant(scale):
    x, classes, _ = features_like(40, 6, 3)
    a = solve_to(build(x.astype(np.float64), classes, dtype=torch.float64), 1.0)
    b = solve_to(build(x.astype(np.float64) * scale, classes, dtype=torch.float64), 1.0)
    assert a.logits.numpy() == pytest.approx(b.logits.numpy(), abs=1e-5)


def labels_like(n, d, width, seed=0):
    x, _, folds = features_like(n, d, 2, seed)
    rng = np.random.default_rng(seed)
    z = (x - x.mean(0)) / x.std(0)
    return x, (z @ rng.standard_normal((d, width)) + rng.standard_normal((n, width)) > 1.0).astype(np.float64), folds


@pytest.mark.parametrize("penalty", [100.0, 1.0, 0.01])
def test_each_label_equals_a_regression_of_scikit_learn_of_its_own(penalty):
    x, labels, _ = labels_like(80, 10, 3)
    solved = solve_to(build_labels(x, labels), penalty, 1e-13, max_iterations=3000)
    z = StandardScaler().fit_transform(x.astype(np.float64))
    assert bool(solved.is_converged.all())
    for label in range(3):
        other = LogisticRegression(C=1 / penalty, tol=1e-9, max_iter=20000).fit(z, labels[:, label])
        ours = 1 / (1 + np.exp(-solved.logits[label, 0].numpy()))
        assert ours == pytest.approx(other.predict_proba(z)[:, 1], abs=2e-5)


def test_labels_of_each_fold_stand_side_by_side():
    x, labels, folds = labels_like(60, 6, 2)
    weights = np.stack([(folds != fold).astype(np.float64) for fold in range(3)])
    together = solve_to(build_labels(x, labels, weights), 1.0, 1e-12)
    for fold in range(3):
        seen = folds != fold
        alone = build_labels(x[seen], labels[seen])
        weight, bias = alone.raw(solve_to(alone, 1.0, 1e-12).coefficients)
        for label in range(2):
            expected = x.astype(np.float64) @ weight[label, 0].numpy() + float(bias[label])
            assert together.logits[fold * 2 + label, 0].numpy() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("value", "odds"), [(0.0, 0.5 / 20), (1.0, 20 / 0.5)])
def test_a_label_that_no_row_or_every_row_has_is_as_sure_as_half_a_row_allows(value, odds):
    x, labels, _ = labels_like(20, 4, 2)
    labels[:, 1] = value
    solved = solve_to(build_labels(x, labels), 1.0)
    assert (solved.coefficients.weight[1] == 0).all()
    assert np.exp(solved.logits[1, 0].numpy()) == pytest.approx(odds, rel=1e-3)


def test_the_objective_of_a_label_is_the_sum_written_out():
    x, labels, _ = labels_like(30, 4, 2)
    problems, solved = build_labels(x, labels), solve_to(build_labels(x, labels), 2.0)
    found = objective(problems, torch.tensor([2.0]), solved.coefficients, solved.logits)
    for label in range(2):
        z = solved.logits[label, 0].numpy()
        by_hand = sum(np.log1p(np.exp(-z[i] if labels[i, label] else z[i])) for i in range(30))
        by_hand += 2.0 / 2 * float(solved.coefficients.weight[label].square().sum())
        assert float(found[label]) == pytest.approx(by_hand)
