from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from headstart.core.errors import ConfigError
from headstart.core.learning import NEVER_HELD_OUT
from headstart.methods.linear_probe import LinearProbe, LinearProbeConfig
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

    from headstart.methods.softmax_regression import Problems
    from headstart.methods.strength_path import follow_path

    x, classes, folds = features_like(60, 10, 3)
    weights = np.stack([(folds != fold).astype(np.float64) for fold in range(5)])
    problems = Problems.build(torch.from_numpy(x), torch.from_numpy(classes), torch.from_numpy(weights), 3)
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
