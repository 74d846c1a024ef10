import numpy as np
import pytest
from sklearn import metrics

from headstart.core.errors import ShapeError
from headstart.evaluation.confusion import class_counts, confusion_matrix


def test_counts_by_hand():
    counts = class_counts(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), 4)
    assert counts.hits.tolist() == [1, 1, 0, 0]
    assert counts.true.tolist() == [2, 1, 1, 0]
    assert counts.predicted.tolist() == [1, 3, 0, 0]
    assert counts.recall.tolist() == [0.5, 1, 0, 0]
    assert counts.precision.tolist() == [1, 1 / 3, 0, 0]
    assert counts.f1.tolist() == [2 / 3, 0.5, 0, 0]  # 2*1/(2+1), 2*1/(1+3), 0, 0
    assert counts.is_present.tolist() == [True, True, True, False]


@pytest.mark.parametrize("k", [2, 5, 30])
def test_counts_and_matrix_equal_scikit_learn(k):
    rng = np.random.default_rng(k)
    y, p = rng.integers(k, size=(2, 60))
    labels = np.arange(k)
    counts = class_counts(y, p, k)
    precision, recall, f1, true = metrics.precision_recall_fscore_support(y, p, labels=labels, zero_division=0)
    for ours, theirs in (
        (counts.precision, precision),
        (counts.recall, recall),
        (counts.f1, f1),
        (counts.true, true),
    ):
        assert np.allclose(ours, theirs)
    assert np.array_equal(confusion_matrix(y, p, k), metrics.confusion_matrix(y, p, labels=labels))


@pytest.mark.parametrize(
    "targets, predictions, match",
    [
        ([0, 1], [0], "must both be"),
        ([], [], "N >= 1"),
        ([0, 3], [0, 1], r"^targets must be integers in 0\.\.2; got int64 from 0 to 3"),
        ([0, 1], [-1, 1], "^predictions must be integers"),
        ([0.0, 1.0], [0, 1], "got float64"),
    ],
)
def test_numbers_that_are_no_classes_are_refused(targets, predictions, match):
    with pytest.raises(ShapeError, match=match):
        class_counts(np.array(targets), np.array(predictions), 3)
