from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from headstart.core.errors import ConfigError
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.linear_probe import LinearProbe
from headstart.methods.probe_config import LinearProbeConfig
from methods.helpers_methods import as_targets, features_like, log_loss, probabilities


def fit(x, classes, folds, width=None, weights=None, **config):
    return LinearProbe(LinearProbeConfig(**config)).fit(
        x, as_targets(classes, width), folds, np.random.default_rng(0), weights
    )


def refit_by_scikit_learn(x, classes, penalty):
    scaler = StandardScaler().fit(x.astype(np.float64))
    model = LogisticRegression(C=(2 if classes.max() == 1 else 1) / penalty, tol=1e-9, max_iter=20000)
    return scaler, model.fit(scaler.transform(x), classes)


@pytest.mark.parametrize("k", [2, 4])
def test_refit_and_out_of_fold_equal_scikit_learn_fold_by_fold(k):
    x, classes, folds = features_like(100, 30, k, noise=3.0)
    solution = fit(x, classes, folds, least_spread=0, tolerance=1e-9, fold_tolerance=1e-9)
    penalty = solution.report["penalty"]
    scaler, model = refit_by_scikit_learn(x, classes, penalty)
    ours = LinearProbe(LinearProbeConfig()).predict(solution.fitted, x)
    assert probabilities(ours) == pytest.approx(model.predict_proba(scaler.transform(x)), abs=1e-3)
    for fold in range(5):
        seen = folds != fold
        scaler, model = refit_by_scikit_learn(x[seen], classes[seen], penalty)
        expected = model.predict_proba(scaler.transform(x[~seen]))
        assert probabilities(solution.out_of_fold[~seen]) == pytest.approx(expected, abs=2e-3)


def test_the_report_tells_the_path_and_the_lowest_log_loss_is_chosen():
    x, classes, folds = features_like(100, 30, 4, noise=3.0)
    solution = fit(x, classes, folds)
    path = solution.report["path"]
    best = min(path, key=lambda point: point["log_loss"])
    assert solution.report["strength"] == best["strength"] and solution.report["edge"] is None
    assert best["log_loss"] == pytest.approx(log_loss(solution.out_of_fold, classes), rel=1e-5)
    assert all(point["converged"] for point in path) and solution.report["refit"]["converged"]
    strengths = [point["strength"] for point in path]
    assert strengths == sorted(strengths, reverse=True)


def test_leaving_weaker_strengths_out_does_not_change_the_choice():
    x, classes, folds = features_like(100, 30, 4, noise=3.0)
    early, whole = (fit(x, classes, folds, stop_early=stop) for stop in (True, False))
    assert early.report["stop"] == "risen" and whole.report["stop"] == "end"
    assert len(early.report["path"]) < len(whole.report["path"])
    assert np.array_equal(early.fitted.arrays["weight"], whole.fitted.arrays["weight"])


def test_noise_is_answered_with_the_shares_of_the_classes():
    rng = np.random.default_rng(0)
    classes = np.array([0] * 70 + [1] * 30)
    solution = fit(rng.standard_normal((100, 40)).astype(np.float32), classes, np.arange(100) % 5)
    assert log_loss(solution.out_of_fold, classes) < 0.66  # entropy of 0.7 and 0.3 is 0.61
    assert solution.report["strength"] >= 1


def test_an_edge_of_the_path_is_reported():
    x, classes, folds = features_like(60, 20, 2)
    assert fit(x, classes, folds, strongest=1e4, weakest=1e3).report["edge"] == "weakest"


def test_where_nothing_can_be_held_out_the_fallback_is_used():
    x, classes, _ = features_like(20, 6, 2)
    solution = fit(x, classes, np.full(20, NEVER_HELD_OUT), fallback=0.25)
    assert solution.report["strength"] == 0.25 and solution.report["penalty"] == 1.5
    assert solution.report["path"] == [] and "fallback" in solution.report["reason"]


def test_rows_never_held_out_are_in_every_training_part():
    x, classes, folds = features_like(60, 10, 2)
    marked = folds.copy()
    marked[:10] = NEVER_HELD_OUT
    solution = fit(x, classes, marked, least_spread=0, tolerance=1e-9, fold_tolerance=1e-9)
    seen = marked != 1
    scaler, model = refit_by_scikit_learn(x[seen], classes[seen], solution.report["penalty"])
    expected = model.predict_proba(scaler.transform(x[~seen]))
    assert probabilities(solution.out_of_fold[~seen]) == pytest.approx(expected, abs=2e-3)


def test_constant_features_are_counted_and_weigh_nothing():
    x, classes, folds = features_like(40, 8, 2)
    x[:, 3], x[:, 5] = 4.0, 1e-9 * np.arange(40)
    solution = fit(x, classes, folds)
    assert solution.report["features"] == {"varying": 6, "constant": 2}
    assert (solution.fitted.arrays["weight"][:, [3, 5]] == 0).all()


def test_a_feature_that_hardly_moves_in_training_does_not_decide_on_new_rows():
    x, classes, folds = features_like(60, 20, 2)
    x[:, 0] = 0
    x[0, 0] = 1e-3  # one row of class 0
    probe = LinearProbe(LinearProbeConfig())
    new = x[1:2].copy()
    new[0, 0] = 1.0
    calm, wild = (
        np.abs(probe.predict(solution.fitted, new) - probe.predict(solution.fitted, x[1:2])).max()
        for solution in (fit(x, classes, folds), fit(x, classes, folds, least_spread=0))
    )
    assert calm < wild / 100


def test_weights_of_zero_leave_rows_out():
    x, classes, folds = features_like(60, 10, 2)
    weights = (np.arange(60) >= 10).astype(float)
    weighted = fit(x, classes, folds, weights=weights, tolerance=1e-8)
    without = fit(x[10:], classes[10:], folds[10:], tolerance=1e-8)
    assert weighted.report["strength"] == without.report["strength"]
    assert weighted.fitted.arrays["weight"] == pytest.approx(without.fitted.arrays["weight"], abs=1e-3)


def test_folds_solved_one_at_a_time_agree_with_all_at_once():
    import torch

    from headstart.methods.logistic_path import follow_path
    from headstart.methods.logistic_problems import Problems
    from headstart.methods.logistic_targets import ClassTargets

    x, classes, folds = features_like(60, 10, 3)
    weights = np.stack([(folds != fold).astype(np.float64) for fold in range(5)])
    problems = Problems.build(
        torch.from_numpy(x), ClassTargets(torch.from_numpy(classes), 3), torch.from_numpy(weights)
    )
    given = (problems, torch.from_numpy(folds), torch.ones(60, dtype=torch.float64), [1.0, 0.1], 10.0, 1e-7)
    together, single = follow_path(*given), follow_path(*given, memory_bytes=1)
    assert together.logits.numpy() == pytest.approx(single.logits.numpy(), abs=1e-3)
    assert [p.log_loss for p in together.points] == pytest.approx([p.log_loss for p in single.points], abs=1e-5)


def test_no_stored_array_is_wider_than_promised():
    x, classes, folds = features_like(40, 8, 3)
    arrays = fit(x, classes, folds).fitted.arrays
    assert {name: (array.shape, array.dtype.name) for name, array in arrays.items()} == {
        "weight": ((3, 8), "float32"),
        "bias": ((3,), "float32"),
    }


def test_a_path_that_runs_backwards_is_refused():
    with pytest.raises(ConfigError, match="weakest must be at most strongest"):
        LinearProbeConfig.parse({"strongest": 1, "weakest": 10})


def labels_of(x, seed=0):
    """Label 0 hangs on one feature alone, label 1 on nothing."""
    rng = np.random.default_rng(seed)
    labels = np.stack([x[:, 0] > x[:, 0].mean(), rng.random(len(x)) < 0.3], 1).astype(np.float64)
    return Targets(labels, "multilabel", 2)


def test_labels_equal_scikit_learn_fold_by_fold():
    x, _, folds = features_like(100, 20, 2)
    targets = labels_of(x)
    config = LinearProbeConfig(
        strongest=1, weakest=1, least_spread=0, tolerance=1e-9, fold_tolerance=1e-9
    )  # one strength
    solution = LinearProbe(config).fit(x, targets, folds, np.random.default_rng(0))
    penalty = solution.report["penalty"]
    for fold in range(5):
        seen = folds != fold
        scaler = StandardScaler().fit(x[seen].astype(np.float64))
        for label in range(2):
            model = LogisticRegression(C=1 / penalty, tol=1e-9, max_iter=20000)
            model.fit(scaler.transform(x[seen]), targets.values[seen, label])
            expected = model.decision_function(scaler.transform(x[~seen]))
            assert solution.out_of_fold[~seen, label] == pytest.approx(expected, abs=5e-3)


def test_a_label_that_another_strength_serves_clearly_better_gets_it():
    x, _, folds = features_like(200, 20, 2)
    solution = LinearProbe(LinearProbeConfig()).fit(x, labels_of(x), folds, np.random.default_rng(0))
    clear, noise = solution.report["strengths"]
    assert clear < noise


def test_a_label_that_hardly_any_row_has_stays_finite():
    x, _, folds = features_like(60, 10, 2)
    labels = np.zeros((60, 3))
    labels[0, 0] = labels[:, 2] = 1  # one row, no row, every row
    few = Targets(labels, "multilabel", 3)
    solution = LinearProbe(LinearProbeConfig()).fit(x, few, folds, np.random.default_rng(0))
    assert np.isfinite(solution.out_of_fold).all()
    assert (solution.out_of_fold[:, 1] < -4).all() and (solution.out_of_fold[:, 2] > 4).all()


def numbers_like(n=120, d=15, seed=0):
    x, _, folds = features_like(n, d, 2, seed)
    rng = np.random.default_rng(seed)
    y = (x - x.mean(0)) @ rng.standard_normal(d) + 0.5 * rng.standard_normal(n) + 30
    return x, Targets(y.astype(np.float64), "real", 1), folds


@pytest.mark.parametrize(("n", "d"), [(120, 15), (40, 60)])
def test_numbers_equal_scikit_learns_ridge_fold_by_fold(n, d):
    x, targets, folds = numbers_like(n, d)
    probe = LinearProbe(LinearProbeConfig(loss="squared", least_spread=0))
    solution = probe.fit(x, targets, folds, np.random.default_rng(0))
    penalty = solution.report["penalty"]
    for fold in range(5):
        seen = folds != fold
        scaler = StandardScaler().fit(x[seen].astype(np.float64))
        model = Ridge(alpha=penalty).fit(scaler.transform(x[seen]), targets.values[seen])
        expected = model.predict(scaler.transform(x[~seen]))
        assert solution.out_of_fold[~seen, 0] == pytest.approx(expected, abs=1e-4)
    scaler = StandardScaler().fit(x.astype(np.float64))
    everything = Ridge(alpha=penalty).fit(scaler.transform(x), targets.values).predict(scaler.transform(x))
    assert probe.predict(solution.fitted, x)[:, 0] == pytest.approx(everything, abs=1e-3)


def test_the_strength_with_the_lowest_out_of_fold_error_is_taken():
    x, targets, folds = numbers_like()
    report = LinearProbe(LinearProbeConfig(loss="squared")).fit(x, targets, folds, np.random.default_rng(0)).report
    best = min(report["path"], key=lambda point: point["rmse"])
    assert report["strength"] == best["strength"] and report["losses"] == {"squared": best["rmse"]}


def test_spoiled_targets_ask_for_hubers_loss_and_clean_ones_do_not():
    x, targets, folds = numbers_like(200)
    spoiled = targets.values.copy()
    spoiled[::15] += 300
    probe = LinearProbe(LinearProbeConfig())
    solution = probe.fit(x, Targets(spoiled, "real", 1), folds, np.random.default_rng(0))
    assert solution.report["loss"] == "huber"
    squared = LinearProbe(LinearProbeConfig(loss="squared"))
    plain = squared.fit(x, Targets(spoiled, "real", 1), folds, np.random.default_rng(0))
    robust, not_so = (np.abs(probe.predict(one.fitted, x)[:, 0] - targets.values).mean() for one in (solution, plain))
    assert robust < not_so / 5


def test_hubers_optimum_has_no_better_neighbour():
    x, targets, folds = numbers_like(80, 4)
    probe = LinearProbe(LinearProbeConfig(loss="huber", least_spread=0))
    solution = probe.fit(x, targets, folds, np.random.default_rng(0))
    delta, penalty = solution.report["delta"], solution.report["penalty"]
    scaler = StandardScaler().fit(x.astype(np.float64))
    z = scaler.transform(x)

    def objective(weight, bias):
        residual = np.abs(targets.values - z @ weight - bias)
        huber = np.where(residual <= delta, residual**2 / 2, delta * (residual - delta / 2))
        return huber.sum() + penalty / 2 * (weight**2).sum()

    raw = solution.fitted.arrays["weight"][0].astype(np.float64)
    weight, bias = raw * scaler.scale_, float(solution.fitted.arrays["bias"][0]) + raw @ scaler.mean_
    rng = np.random.default_rng(0)
    for _ in range(20):
        away = 0.02 * rng.standard_normal(4), 0.02 * rng.standard_normal()
        assert objective(weight + away[0], bias + away[1]) > objective(weight, bias)


def test_constant_numbers_are_predicted_as_they_are():
    x, _, folds = features_like(30, 5, 2)
    probe = LinearProbe(LinearProbeConfig())
    solution = probe.fit(x, Targets(np.full(30, 7.5), "real", 1), folds, np.random.default_rng(0))
    assert probe.predict(solution.fitted, x) == pytest.approx(7.5) and solution.report["loss"] == "squared"


def test_numbers_that_cannot_be_held_out_take_the_fallback():
    x, targets, _ = numbers_like(30, 5)
    probe = LinearProbe(LinearProbeConfig(loss="huber"))
    solution = probe.fit(x, targets, np.full(30, NEVER_HELD_OUT), np.random.default_rng(0))
    assert solution.report["strength"] == 0.01 and solution.report["loss"] == "huber"
    assert np.isnan(solution.out_of_fold).all()
