"""Classes that the target lacks: found where that is sure, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.adaptation.label_sets.absent import absent_classes


def outputs(classes, width, sure=9.0):
    return sure * np.eye(width)[np.asarray(classes)]


def test_a_class_that_nothing_is_taken_for_is_absent():
    found = absent_classes([outputs([0, 1] * 60, 3)], np.full(3, 1 / 3))
    assert found.present.tolist() == [True, True, False]
    assert found.shares[2] < 0.01 and found.highest[2] < 1 / 6


def test_few_rows_prove_nothing():
    found = absent_classes([outputs([0, 1] * 5, 3)], np.full(3, 1 / 3))
    assert found.present.all() and found.highest[2] > 1 / 6 and 10 < found.needed <= 25


def test_one_head_that_sees_the_class_is_enough_to_keep_it():
    heads = [outputs([0, 1] * 60, 3), outputs([0, 1, 2] * 40, 3)]
    assert absent_classes(heads, np.full(3, 1 / 3)).present.all()


@pytest.mark.parametrize("seed", range(8))
def test_two_classes_are_always_left(seed):
    rng = np.random.default_rng(seed)
    width = int(rng.integers(2, 7))
    said = rng.integers(0, int(rng.integers(1, width + 1)), 200)  # of one class alone, too
    learned = rng.dirichlet(np.ones(width)) * 0.9 + 0.1 / width
    assert absent_classes([outputs(said, width)], learned).present.sum() >= 2
