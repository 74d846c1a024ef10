import numpy as np
from scipy.sparse import csr_array

from headstart.adaptation.pseudo_labels import as_weighted_rows, joined, surest


def test_half_of_each_predicted_class_is_taken_and_at_least_one():
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.45, 0.55]])
    taken, labels = surest(said, 0.5)
    # class 0 has four rows: 0.9 and 0.8 are taken; class 1 has one, at 0.55
    assert taken.tolist() == [True, True, False, False, True]
    assert labels[taken].tolist() == [0, 0, 1]


def test_a_class_that_the_model_is_never_sure_of_may_take_a_row_as_its_second():
    said = np.array([[0.95, 0.05, 0.0], [0.0, 0.45, 0.55], [0.3, 0.4, 0.3], [0.0, 0.5, 0.5]])
    taken, labels = surest(said, 1.0)
    # class 1 is predicted at 0.4 and needs no more; the last row, 0.5 / 0.4, is more like it than 0.5 / 0.55 is like 2
    assert taken.all() and labels.tolist() == [0, 1, 1, 1]


def test_all_rows_are_taken_where_all_are_asked_for():
    said = np.random.default_rng(0).dirichlet(np.ones(4), size=30)
    assert surest(said, 1.0)[0].all()


def test_weights_of_a_row_sum_to_1_and_small_shares_are_left_out():
    shares = np.random.default_rng(1).dirichlet(np.full(20, 0.1), size=50)
    rows, labels, weights = as_weighted_rows(shares)
    np.testing.assert_allclose(np.bincount(rows, weights=weights), np.ones(50))
    assert (shares[rows, labels] >= 0.1).all()


def test_equal_small_shares_are_all_kept():
    rows, _, weights = as_weighted_rows(np.full((1, 25), 0.04))
    assert len(rows) == 25 and np.allclose(weights, 0.04)


def test_sparse_and_dense_rows_are_joined():
    dense = np.eye(2)
    np.testing.assert_array_equal(joined(dense, dense), np.tile(dense, (2, 1)))
    assert joined(csr_array(dense), csr_array(dense)).toarray().shape == (4, 2)
