from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.transferability import spectrum
from headstart.evaluation.transferability.spectrum import principal_coordinates


def test_two_directions_by_hand():
    # columns (3, 3, 3, 3) / 2 and (1, -1, 1, -1) / 2 are orthogonal already: squares 9 and 1, the longer one first
    rows = np.array([[1.0, 3.0], [-1.0, 3.0], [1.0, 3.0], [-1.0, 3.0]]) / 2
    coordinates, squares = principal_coordinates(rows)
    assert squares == pytest.approx([9, 1])
    assert np.abs(coordinates) == pytest.approx(np.tile([1.5, 0.5], (4, 1)))


@pytest.mark.parametrize("shape", [(20, 6), (6, 20)])
@pytest.mark.parametrize("unit", [1e-100, 1e-6, 1.0, 1e100])
def test_directions_that_are_rounding_are_dropped_in_any_unit(shape, unit):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(shape[0], 3)) @ rng.normal(size=(3, shape[1]))
    coordinates, squares = principal_coordinates(unit * rows)
    assert coordinates.shape == (shape[0], 3) and (np.diff(squares) < 0).all()
    assert coordinates @ coordinates.T == pytest.approx(unit**2 * rows @ rows.T, rel=1e-9, abs=1e-9 * unit**2)


def test_inside_the_same_rows_are_decomposed_once_and_others_are_not_mixed_up(monkeypatch):
    rows = np.random.default_rng(0).standard_normal((6, 4))
    alone, other = principal_coordinates(rows), principal_coordinates(rows[:, :3])
    counted, inner = [], np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda values: counted.append(values) or inner(values))
    with spectrum.decomposed_once():
        found = [principal_coordinates(each) for each in (rows, rows[:, :3], rows.copy())]
        assert len(counted) == 2
    for one, expected in zip(found, (alone, other, alone), strict=True):
        assert all(np.array_equal(part, whole) for part, whole in zip(one, expected, strict=True))
    principal_coordinates(rows)
    assert len(counted) == 3  # nothing is kept afterwards
