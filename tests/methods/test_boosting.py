from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from headstart.core.errors import MissingExtraError
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.boosted_trees import BoostedTrees
from headstart.methods.boosting import Boosting, BoostingConfig
from headstart.methods.train_boosting import Setting, train_boosting

SETTING = Setting(leaves=8, rounds=12, learning_rate=0.1, least_rows=3, l2=1.0, threads=1, seed=0)
QUICK = BoostingConfig(rounds=20, least_rows=3)


def table(n=300, seed=0):
    """Four columns with gaps, one of few values, and a curved target on two of them."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4))
    x[:, 3] = rng.integers(0, 5, n)
    curve = np.abs(x[:, 0]) + (x[:, 3] == 2)
    x[rng.random((n, 4)) < 0.1] = np.nan
    return x, curve + 0.1 * rng.standard_normal(n)


def of_scikit_learn(kind, **changes):
    options = {
        "max_iter": 12,
        "max_leaf_nodes": 8,
        "learning_rate": 0.1,
        "min_samples_leaf": 3,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": 0,
    }
    return kind(**{**options, **changes})


def new_rows():
    x, _ = table(100, seed=1)
    x[0] = np.nan
    x[1] = 1e30
    x[2, 3] = 77.0  # a code that training does not have
    return x


@pytest.mark.parametrize("width", [2, 4])
def test_classes_equal_scikit_learn_bit_for_bit(width):
    x, y = table()
    classes = np.clip((y * 2).astype(np.int64), 0, width - 1)
    other = of_scikit_learn(HistGradientBoostingClassifier).fit(x, classes)
    ours = train_boosting(x, Targets(classes, "class", width), np.ones(300), SETTING).outputs(new_rows())
    theirs = other.decision_function(new_rows())
    assert np.array_equal(ours[:, 1] - ours[:, 0] if width == 2 else ours, theirs)


def test_numbers_equal_scikit_learn_bit_for_bit():
    x, y = table()
    other = of_scikit_learn(HistGradientBoostingRegressor).fit(x, y)
    ours = train_boosting(x, Targets(y, "real", 1), np.ones(300), SETTING).outputs(new_rows())
    assert np.array_equal(ours[:, 0], other.predict(new_rows()))


def test_each_label_equals_a_classifier_of_scikit_learn():
    x, y = table()
    labels = np.stack([y > 1, y < 0.5, np.zeros(300)], 1).astype(float)
    ours = train_boosting(x, Targets(labels, "multilabel", 3), np.ones(300), SETTING).outputs(new_rows())
    for label in range(2):
        other = of_scikit_learn(HistGradientBoostingClassifier).fit(x, labels[:, label])
        assert np.array_equal(ours[:, label], other.decision_function(new_rows()))
    assert np.exp(ours[:, 2]) == pytest.approx(0.5 / 300)  # no row has it


def test_weights_are_those_of_scikit_learn():
    x, y = table()
    weights = np.random.default_rng(0).uniform(0.5, 2, 300)
    other = of_scikit_learn(HistGradientBoostingRegressor).fit(x, y, sample_weight=weights)
    ours = train_boosting(x, Targets(y, "real", 1), weights, SETTING).outputs(new_rows())
    assert np.array_equal(ours[:, 0], other.predict(new_rows()))


def test_stages_are_the_sums_of_the_first_rounds():
    x, y = table()
    model = train_boosting(x, Targets((y * 2).astype(np.int64).clip(0, 2), "class", 3), np.ones(300), SETTING)
    stages = {count: outputs.copy() for count, outputs in model.stages(new_rows(), 4, 12)}
    assert list(stages) == [4, 8, 12]
    for count, outputs in stages.items():
        assert np.array_equal(outputs, model.outputs(new_rows(), count))


def test_a_tree_walked_by_hand():
    # the root asks for feature 0 <= 0.5 and sends missing values right; its left child asks for feature 1 <= 2
    tree = BoostedTrees(
        width=1,
        features=2,
        feature=np.array([0, 1, -1, -1, -1]),
        threshold=np.array([0.5, 2.0, 0, 0, 0]),
        left=np.array([1, 2, 2, 3, 4]),
        right=np.array([4, 3, 2, 3, 4]),
        missing_left=np.array([False, True, False, False, False]),
        value=np.array([0, 0, 1.0, 2.0, 3.0]),
        root=np.array([0]),
        output=np.array([0]),
        round=np.array([0]),
        baseline=np.array([10.0]),
    )
    rows = np.array([[0.5, 2.0], [0.0, 2.1], [0.6, 0.0], [np.nan, 0.0], [0.0, np.nan]])
    assert tree.outputs(rows)[:, 0].tolist() == [11, 12, 13, 13, 11]


def test_size_and_number_of_trees_are_those_of_the_lowest_out_of_fold_loss():
    x, y = table()
    solution = Boosting(QUICK).fit(x, Targets(y, "real", 1), np.arange(300) % 5, np.random.default_rng(0))
    best = min(solution.report["path"], key=lambda point: point["loss"])
    assert (solution.report["leaves"], solution.report["rounds"]) == (best["leaves"], best["rounds"])
    assert best["loss"] == pytest.approx(np.square(solution.out_of_fold[:, 0] - y).mean())
    assert solution.report["trees"] == best["rounds"]


def test_a_curve_that_no_line_follows_is_learned():
    x, y = table()
    solution = Boosting(QUICK).fit(x, Targets(y, "real", 1), np.arange(300) % 5, np.random.default_rng(0))
    assert np.square(solution.out_of_fold[:, 0] - y).mean() < 0.6 * y.var()


def test_many_classes_get_fewer_rounds_of_larger_steps():
    method = Boosting(BoostingConfig(rounds=300, most_trees=60, leaves=(4,)))
    x, y = table(100)
    classes = np.arange(100) % 6
    solution = method.fit(x, Targets(classes, "class", 6), np.arange(100) // 50, np.random.default_rng(0))
    assert solution.report["rounds"] <= 10 and solution.report["learning_rate"] == 0.3


def test_two_of_three_classes_in_training_leave_the_third_unlikely():
    x, y = table(100)
    classes = np.where(y > 1, 2, 0)
    outputs = train_boosting(x, Targets(classes, "class", 3), np.ones(100), SETTING).outputs(x)
    probabilities = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    assert probabilities[:, 1].max() < 0.05
    other = of_scikit_learn(HistGradientBoostingClassifier).fit(x, classes)
    assert outputs[:, 2] - outputs[:, 0] == pytest.approx(other.decision_function(x))


def test_without_folds_the_rounds_are_the_fallback():
    x, y = table(60)
    config = BoostingConfig(fallback_rounds=7)
    solution = Boosting(config).fit(x, Targets(y, "real", 1), np.full(60, NEVER_HELD_OUT), np.random.default_rng(0))
    assert solution.report["rounds"] == 7 and solution.report["path"] == []


def test_a_column_without_any_value_is_no_obstacle():
    x, y = table(60)
    x[:, 1] = np.nan
    solution = Boosting(QUICK).fit(x, Targets(y, "real", 1), np.arange(60) % 3, np.random.default_rng(0))
    assert np.isfinite(solution.out_of_fold).all()


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    x, y = table(30)
    with pytest.raises(MissingExtraError, match=r"headstart\[tables\]"):
        Boosting(QUICK).fit(x, Targets(y, "real", 1), np.arange(30) % 3, np.random.default_rng(0))
