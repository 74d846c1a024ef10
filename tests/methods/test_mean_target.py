from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.methods.mean_target import MeanTarget, MeanTargetConfig


def test_the_weighted_mean_is_predicted_for_every_row():
    method = MeanTarget(MeanTargetConfig())
    targets = Targets(np.array([1.0, 2.0, 6.0]), "real", 1)
    x = np.zeros((3, 2), np.float32)
    weights = np.array([1.0, 1.0, 2.0])
    solution = method.fit(x, targets, np.array([0, 1, 1]), np.random.default_rng(0), weights)
    assert method.predict(solution.fitted, x[:2]).tolist() == [[3.75], [3.75]]  # (1 + 2 + 12) / 4
    assert solution.out_of_fold[:, 0] == pytest.approx([14 / 3, 1, 1])
