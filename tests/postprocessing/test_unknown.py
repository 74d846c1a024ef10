"""How much a head knows, and the answer that says it knows too little."""

from __future__ import annotations

import numpy as np

from headstart.postprocessing.unknown import is_unknown, knowledge


def test_of_equal_outputs_nothing_is_known_and_a_constant_changes_nothing():
    assert np.isclose(knowledge(np.zeros((1, 4)))[0], np.log(4))
    outputs = np.random.default_rng(0).normal(size=(5, 3))
    assert np.allclose(knowledge(outputs), knowledge(outputs + np.arange(5.0)[:, None]))
    # probabilities 3/4 and 1/4: minus the mean of their logarithms
    assert np.isclose(knowledge(np.log([[3.0, 1.0]]))[0], -(np.log(0.75) + np.log(0.25)) / 2)


def test_below_the_border_it_is_unknown():
    assert is_unknown(np.array([[0.0, 0.0], [9.0, 0.0]]), 1.0).tolist() == [True, False]
