import numpy as np
import pytest

from headstart.adaptation.geometry import doubles, leading, require_classes, require_rows, spreads
from headstart.core.errors import DataError


@pytest.mark.parametrize("shape", [(40, 7), (7, 40)])
@pytest.mark.parametrize("count", [1, 3, 7])  # one by one, and all of them
def test_leading_directions_are_those_of_a_singular_value_decomposition(shape, count):
    rows = np.random.default_rng(0).normal(size=shape)
    found = leading(rows, count)
    right = np.linalg.svd(rows, full_matrices=False)[2][:count].T
    assert found.shape == (shape[1], count)
    np.testing.assert_allclose(found @ found.T, right @ right.T, atol=1e-8)
    np.testing.assert_allclose(found.T @ found, np.eye(count), atol=1e-8)


def test_no_more_directions_than_the_rank():
    rows = np.outer(np.arange(1.0, 9.0), [1.0, 2.0, 2.0])
    np.testing.assert_allclose(np.abs(leading(rows, 3)), np.array([[1.0], [2.0], [2.0]]) / 3, atol=1e-9)


def test_rows_of_zeros_have_no_direction():
    with pytest.raises(DataError, match="features that vary"):
        leading(np.zeros((4, 3)), 2)


def test_a_constant_column_has_a_tenth_of_the_median_spread():
    rows = np.array([[0.0, 0.0, 1.0], [2.0, 4.0, 1.0]])
    np.testing.assert_allclose(spreads(rows), [1.0, 2.0, 0.15])
    np.testing.assert_allclose(spreads(np.ones((3, 2))), [1.0, 1.0])


def test_doubles_are_a_copy():
    given = np.zeros((2, 2))
    doubles(given)[0, 0] = 1
    assert given[0, 0] == 0


def test_what_is_lacking_is_said():
    with pytest.raises(DataError, match="at least 10 examples of the target domain, and there are 5"):
        require_rows(5, "target")
    with pytest.raises(DataError, match="at least two classes"):
        require_classes(np.array([1, 1]))
    require_rows(10, "target")
    require_classes(np.array([0, 1]))
