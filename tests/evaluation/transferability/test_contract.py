from __future__ import annotations

import numpy as np

from headstart.evaluation.transferability.contract import class_means, one_hot, varying


def test_dimensions_vary_or_are_left_out_whatever_their_height():
    rows = np.array([[1.0, 9.0, -9.0, 0.0, 2.0], [1.0, 8.0, -9.0, 0.0, 2.0]])
    assert varying(rows).tolist() == [[9.0], [8.0]]


def test_means_of_classes_by_hand():
    rows = np.array([[1.0, 0.0], [3.0, 2.0], [5.0, 5.0]])
    assert class_means(rows, np.array([0, 0, 1])).tolist() == [[2.0, 1.0], [5.0, 5.0]]
    assert one_hot(np.array([0, 2])).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
