from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.solving import refit_gain as room
from headstart.solving.candidates import default_method
from headstart.solving.refit_gain import gain_of, refit_gain
from headstart.tasks.classification import Classification, ClassificationConfig

TASK = Classification(ClassificationConfig(class_names=("a", "b", "c")))


def drawn(n, seed, told=1.0, width=100):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = rng.normal(size=(n, width)).astype(np.float32)
    x[:, :3] += told * np.eye(3, dtype=np.float32)[y]
    return x, Targets(y, "class", 3)


@pytest.fixture
def estimated(monkeypatch):
    """The estimate for a probe of n rows, and what it says of new rows: of a fold's share of the rows, and of all."""

    def go(n, seed):
        x, targets = drawn(n, seed)
        folds, method = np.arange(n) % 5, default_method("linear_probe")
        solution = method.fit(x, targets, folds, np.random.default_rng(seed))
        learning = SimpleNamespace(task=TASK, targets=targets, folds=folds, weights=None, seed=seed, train=None)
        contender = SimpleNamespace(report=solution.report, solution=solution)
        monkeypatch.setattr(room, "joined", lambda sources, train: x)
        new, of_new = drawn(4000, seed + 1000)
        part = method.fit(x[folds > 0], targets.take(folds > 0), folds[folds > 0] - 1, np.random.default_rng(seed))
        losses = [TASK.loss(of_new, method.predict(each.fitted, new)).mean() for each in (part, solution)]
        return refit_gain(learning, SimpleNamespace(sources=()), contender), losses[0] - losses[1]

    return go


def test_it_is_about_what_new_rows_say(estimated):
    found = np.array([estimated(300, seed) for seed in range(8)])
    assert found[:, 1].mean() > 0.01
    assert found[:, 0].mean() == pytest.approx(found[:, 1].mean(), rel=0.3)


def test_many_rows_gain_next_to_nothing(estimated):
    gain, _ = estimated(3000, 0)
    assert 0 <= gain < 0.01


def test_a_loss_that_falls_as_one_over_n_is_continued():
    assert gain_of(2 + 3 / 64, 2 + 3 / 80, 64, 80, 100) == pytest.approx(3 / 80 - 3 / 100)
    assert gain_of(1.0, 1.1, 64, 80, 100) == 0  # a loss that rises is chance: nothing is taken off for it


def test_what_is_no_linear_model_of_dense_features_has_none(monkeypatch):
    x, targets = drawn(60, 0)
    learning = SimpleNamespace(targets=targets, folds=np.arange(60) % 5, train=None)
    assert refit_gain(learning, SimpleNamespace(sources=()), SimpleNamespace(report={})) == 0
    whole = SimpleNamespace(targets=targets, folds=np.full(60, -1), train=None)
    assert refit_gain(whole, SimpleNamespace(sources=()), SimpleNamespace(report={"penalty": 1.0})) == 0
    from scipy.sparse import csr_array

    monkeypatch.setattr(room, "joined", lambda sources, train: csr_array(x))
    assert refit_gain(learning, SimpleNamespace(sources=()), SimpleNamespace(report={"penalty": 1.0})) == 0
