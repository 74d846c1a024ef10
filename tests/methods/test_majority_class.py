from __future__ import annotations

import numpy as np
import pytest

from headstart.methods.majority_class import MajorityClass, MajorityClassConfig, log_odds, log_shares
from methods.helpers_methods import as_targets


def test_shares_by_hand():
    # weights 1, 1, 2 of classes 0, 1, 1; class 2 counts half a row
    shares = np.exp(log_shares(np.array([0, 1, 1]), np.array([1.0, 1.0, 2.0]), 3))
    assert shares == pytest.approx([1 / 4, 3 / 4, 0.5 / 4])


def test_the_largest_class_is_predicted_for_every_row():
    classes = np.array([0, 1, 1, 1, 0, 1])
    x = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    method = MajorityClass(MajorityClassConfig())
    solution = method.fit(x, as_targets(classes), np.arange(6) % 2, np.random.default_rng(0))
    assert method.predict(solution.fitted, x).argmax(1).tolist() == [1] * 6
    # fold 0 holds rows 0, 2, 4 and learns from classes 1, 1, 1
    assert solution.out_of_fold[0] == pytest.approx([np.log(0.5 / 3), 0.0])


def test_log_odds_of_labels_by_hand():
    # weights 1, 1, 2: label 0 has 3 of 4, label 1 none, label 2 all; half a row stands in for none
    labels = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1]], float)
    odds = np.exp(log_odds(labels, np.array([1.0, 1.0, 2.0])))
    assert odds == pytest.approx([3, 0.5 / 4, 4 / 0.5])
