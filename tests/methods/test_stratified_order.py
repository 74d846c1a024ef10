from __future__ import annotations

import numpy as np
import pytest

from headstart.core.learning import Targets
from headstart.methods.stratified_order import rarest_label, strata_of, stratified_order


def test_every_class_comes_first_and_then_in_equal_shares():
    classes = np.array([0] * 60 + [1] * 30 + [2] * 10)
    order = stratified_order(classes, np.random.default_rng(0).permutation(100))
    assert sorted(order) == list(range(100))
    assert set(classes[order[:3]]) == {0, 1, 2}
    for n in (20, 50, 80):
        assert np.bincount(classes[order[:n]]) == pytest.approx(np.array([0.6, 0.3, 0.1]) * n, abs=1.5)


def test_the_stratum_of_a_row_with_labels_is_its_rarest_one():
    labels = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0], [1, 0, 1]], float)
    # labels have 4, 1 and 2 rows
    assert rarest_label(labels).tolist() == [1, 0, 2, 3, 2]


def test_numbers_fall_in_bands_that_are_about_equally_full():
    strata = strata_of(Targets(np.arange(100.0)[::-1] ** 3, "real", 1))
    assert np.bincount(strata).tolist() == [10] * 10 and strata[0] == 9
    assert strata_of(Targets(np.array([2.0, 1.0]), "real", 1)).tolist() == [1, 0]
