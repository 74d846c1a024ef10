"""A linear model on counted words that learns from labels and a teacher, judged on what neither of them saw."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from headstart.compression.counted import soft_rows, solved
from headstart.core.learning import Targets
from headstart.methods.sparse_linear import SparseLinear, SparseLinearConfig

N, WORDS = 60, 12
RNG = np.random.default_rng(0)
TRUTH = np.arange(N) % 3
COUNTS = (RNG.random((N, WORDS)) < 0.3).astype(np.float32)
COUNTS[np.arange(N), TRUTH] = 1
FEATURES, FOLDS = csr_array(COUNTS), np.arange(N) // 3 % 4
TARGETS = Targets(TRUTH.astype(np.int64), "class", 3)


def sure(classes):
    return np.eye(3)[classes]


def says(classes):
    """A teacher of all rows and four of folds, all of one opinion."""
    return np.stack([sure(classes)] * 5)


def test_a_text_stands_once_for_each_class_that_it_may_be_of_by_hand():
    said = np.array([[0.5, 0.49, 0.01], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    rows, classes, shares = soft_rows(Targets(np.array([0, 0]), "class", 3), np.array([1.0, 0.0]), said)
    assert rows.tolist() == [0, 0, 2] and classes.tolist() == [0, 1, 2]  # 0.005 is too little, the second is held out
    assert shares == pytest.approx([0.75, 0.245, 0.5])


def test_a_teacher_that_says_the_labels_adds_nothing():
    seed = int(np.random.default_rng(7).integers(2**31))
    plain = SparseLinear(SparseLinearConfig()).fit(FEATURES, TARGETS, FOLDS, np.random.default_rng(7))
    found = solved(FEATURES, TARGETS, FOLDS, says(TRUTH), seed)
    np.testing.assert_allclose(found.out_of_fold, plain.out_of_fold, rtol=1e-9)
    np.testing.assert_allclose(found.fitted.arrays["weight"], plain.fitted.arrays["weight"], rtol=1e-5, atol=1e-7)
    assert found.fitted.spec == plain.fitted.spec


def test_what_is_said_of_held_out_rows_does_not_follow_from_their_labels():
    held = FOLDS == 2
    others = Targets(np.where(held, (TRUTH + 1) % 3, TRUTH).astype(np.int64), "class", 3)
    one, two = (solved(FEATURES, targets, FOLDS, says(TRUTH), 0) for targets in (TARGETS, others))
    margins = [each.out_of_fold[held] / each.report["scale"] for each in (one, two)]  # the scale knows all labels
    np.testing.assert_allclose(*margins, rtol=1e-9)
    assert not np.allclose(one.out_of_fold[~held] / one.report["scale"], two.out_of_fold[~held] / two.report["scale"])


def test_texts_without_labels_teach_words_that_the_others_lack():
    more = np.zeros((9, WORDS + 1), np.float32)
    more[:, WORDS] = 1  # a word of which the run's texts know nothing
    features = csr_array(np.concatenate([np.pad(COUNTS, ((0, 0), (0, 1))), more]))
    said = np.concatenate([says(TRUTH), says([1] * 9)], axis=1)
    head = solved(features, TARGETS, FOLDS, said, 0).fitted.arrays["weight"]
    assert head[1, WORDS] > 0 > max(head[0, WORDS], head[2, WORDS])
