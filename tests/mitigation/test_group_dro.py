import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from headstart.methods.training_parts import training_parts
from headstart.mitigation.cells import cells_of
from headstart.mitigation.group_dro import PLUGIN, _problems, solve_worst
from mitigation.helpers_mitigation import PROBE, given


def setting(n=160, **settings):
    rows = given(n, agree=0.8)
    _, training = training_parts(rows.folds, np.ones(n))
    config = PLUGIN.config(tolerance=1e-4, rounds=400, solver_tolerance=1e-7, **settings)
    return rows, training, cells_of(rows), config


def cell_losses(rows, cells, weight, bias):
    z = rows.features @ weight.T + bias
    losses = np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1) - z[np.arange(len(z)), rows.targets.values]
    return np.array([losses[cells.code == c].mean() for c in range(len(cells))]), losses.mean()


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_no_other_solver_finds_a_better_worst_cell(strength):
    rows, training, cells, config = setting(strength=strength)
    penalty = 20.0
    problems = _problems(rows, training, config.least_spread)
    found = solve_worst(problems, training, cells, penalty, config)
    assert found.gap <= 3e-4
    mean, spread = rows.features.mean(0), rows.features.std(0)

    def objective(w):
        """With the softmax's two rows written as one: w and -w."""
        weight, bias = np.stack([-w[:-1], w[:-1]]) / spread, np.array([-w[-1], w[-1]])
        of_cells, loss = cell_losses(rows, cells, weight, bias - weight @ mean)
        return (1 - strength) * loss + strength * of_cells.max() + penalty / len(rows.groups) * (w[:-1] ** 2).sum()

    own, loss = cell_losses(rows, cells, found.weight[0], found.bias[0])
    half = (found.weight[0][1] - found.weight[0][0]) / 2 * spread
    mine = (1 - strength) * loss + strength * own.max() + penalty / len(rows.groups) * (half**2).sum()
    start = np.append(half, (found.bias[0][1] - found.bias[0][0]) / 2 + half @ (mean / spread))
    better = min(
        minimize(objective, where, method="Powell", options={"maxiter": 20_000, "xtol": 1e-7, "ftol": 1e-10}).fun
        for where in (start, np.zeros(len(start)))
    )
    assert mine <= better + 3e-4


def test_the_worst_cell_loses_less_than_under_equal_weights():
    rows, training, cells, config = setting()
    problems = _problems(rows, training, config.least_spread)
    dro = solve_worst(problems, training, cells, 5.0, config)
    plain = solve_worst(problems, training, cells, 5.0, PLUGIN.config(rounds=1))  # q is equal in the first round
    assert dro.worst < plain.worst and dro.gap < plain.gap
    assert dro.shares.sum() == pytest.approx(1) and dro.shares.argmax() in np.flatnonzero(dro.shares > 0.25)


def test_folds_answer_to_their_own_rows_alone():
    rows, training, cells, config = setting()
    other = rows.targets.values.copy()
    held = rows.folds == 2
    flipped = given(160, agree=0.8)
    flipped.features[held] += 5
    found, changed = (
        solve_worst(_problems(each, training, 0.1), training, cells, 5.0, config) for each in (rows, flipped)
    )
    assert (other == flipped.targets.values).all()
    assert changed.weight[3] == pytest.approx(found.weight[3], abs=1e-2)  # the fold that held these rows out
    assert changed.weight[1] != pytest.approx(found.weight[1], abs=1e-2)


def test_the_penalty_is_chosen_by_the_worst_cell_on_folds():
    solution = PLUGIN.build(PLUGIN.config(penalties=(1.0, 10.0))).fit(given(200), PROBE, np.random.default_rng(0))
    told = solution.report["mitigation"]
    losses = [point["worst_log_loss"] for point in told["path"]]
    best = (1.0, 10.0)[int(np.argmin(losses))]
    plain = PROBE.fit(given(200).features, given(200).targets, given(200).folds, np.random.default_rng(0))
    assert solution.report["penalty"] == pytest.approx(best * plain.report["penalty"])
    assert all(point["gap"] <= 0.01 for point in told["path"])


def test_threads_are_put_back():
    before = torch.get_num_threads()
    PLUGIN.build(PLUGIN.config(penalties=(1.0,))).fit(given(80), PROBE, np.random.default_rng(0))
    assert torch.get_num_threads() == before
