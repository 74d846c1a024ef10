import numpy as np
import pytest

from headstart.adaptation.adapters.class_means import as_unsure_as, discriminants, entropy, head_of_means
from headstart.core.errors import DataError
from headstart.evaluation.softmax import softmax
from headstart.methods.linear import linear_outputs


def test_two_means_one_unit_from_the_middle_are_told_apart_at_the_middle():
    rows = np.array([[-2.0], [0.0], [0.0], [2.0]])  # means -1 and 1; within each the variance is 1
    members = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    weight, bias = discriminants(rows, members, 0.5)
    # shrinkage towards a sphere changes nothing in one dimension: C = 1, so w = mean, b = -mean^2 / 2
    np.testing.assert_allclose(weight, [[-1.0], [1.0]])
    np.testing.assert_allclose(bias, [-0.5, -0.5])


def test_discriminants_are_squared_mahalanobis_distances_but_for_what_all_classes_share():
    rng = np.random.default_rng(0)
    rows, members = rng.normal(size=(30, 4)), softmax(rng.normal(size=(30, 3)))
    rows = rows - rows.mean(axis=0)
    weight, bias = discriminants(rows, members, 0.3)
    means = [sum(m * x for m, x in zip(members[:, k], rows, strict=True)) / members[:, k].sum() for k in range(3)]
    within = (
        sum(members[i, k] * np.outer(rows[i] - means[k], rows[i] - means[k]) for i in range(30) for k in range(3)) / 30
    )
    within = 0.7 * within + 0.3 * np.trace(within) / 4 * np.eye(4)
    slow = np.array([[-(x - mean) @ np.linalg.inv(within) @ (x - mean) / 2 for mean in means] for x in rows])
    found = rows @ weight.T + bias
    np.testing.assert_allclose(found - found[:, :1], slow - slow[:, :1], atol=1e-9)


def test_a_class_that_hardly_a_row_is_taken_for_wins_nothing():
    rng = np.random.default_rng(1)
    members = np.column_stack([np.ones(20), np.full(20, 1e-9)])
    weight, bias = discriminants(rng.normal(size=(20, 3)), members, 0.1)
    assert bias[1] < bias[0] - 15


def test_the_factor_leaves_the_entropy_that_was_there():
    outputs = np.random.default_rng(2).normal(size=(50, 4))
    wanted = entropy(softmax(0.37 * outputs))
    assert as_unsure_as(outputs, wanted) == pytest.approx(0.37, rel=1e-6)


def test_rows_that_are_sure_of_nothing_have_the_logarithm_of_the_classes_as_entropy():
    assert entropy(np.full((3, 4), 0.25)) == pytest.approx(np.log(4))


def test_the_head_is_for_raw_features_and_as_unsure_as_the_start():
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 3, 90)
    target = np.eye(3)[classes] @ rng.normal(size=(3, 5)) * 6 + rng.normal(size=(90, 5)) + 40
    start = 2.0 * np.eye(3)[classes] + rng.normal(size=(90, 3))
    outputs = linear_outputs(head_of_means(target, start, 1, 0.1, 0.1), target)
    assert (outputs.argmax(axis=1) == classes).mean() > 0.95 > (start.argmax(axis=1) == classes).mean()
    assert entropy(softmax(outputs)) == pytest.approx(entropy(softmax(start)), rel=0.01)


def test_too_few_rows_for_the_classes_are_refused():
    with pytest.raises(DataError, match="at least 16 examples"):
        head_of_means(np.random.default_rng(0).normal(size=(15, 3)), np.zeros((15, 8)), 1, 0.1, 0.1)
