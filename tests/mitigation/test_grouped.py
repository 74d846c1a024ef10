from dataclasses import replace

import numpy as np
import pytest

from headstart.core.errors import DataError, ShapeError
from headstart.mitigation.cells import cells_of
from mitigation.helpers_mitigation import given


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"groups": np.zeros(3, np.int64)}, ShapeError, r"groups must be \(40,\) integers"),
        ({"groups": np.zeros(40)}, ShapeError, "of float64"),
        ({"groups": np.full(40, -2)}, DataError, "got -2"),
        ({"groups": np.zeros(40, np.int64)}, DataError, "needs two groups"),
        ({"groups": np.where(np.arange(40) < 9, 1, -1)}, DataError, "needs two groups"),
        ({"fresh": np.zeros(40, bool)}, ShapeError, "some of them true"),
        ({"fresh": np.ones(3, bool)}, ShapeError, r"fresh must be \(40,\)"),
    ],
)
def test_what_does_not_fit_is_named(change, error, words):
    with pytest.raises(error, match=words):
        replace(given(40), **change)


def test_cells_are_groups_by_class_and_absent_ones_have_no_number():
    rows = replace(given(40), groups=np.where(np.arange(40) % 2 == 0, 4, np.arange(40) % 4))
    cells = cells_of(rows)  # class 0 is in group 4 alone; class 1 in groups 1 and 3
    assert cells.group.tolist() == [1, 3, 4] and cells.target.tolist() == [1, 1, 0]
    assert cells.sizes(np.ones(40)).tolist() == [10, 10, 20]
    assert cells.code[:4].tolist() == [2, 0, 2, 1]


def test_cells_may_be_groups_alone_and_unknown_groups_have_none():
    rows = given(40)
    groups = rows.groups.copy()
    groups[:5] = -1
    cells = cells_of(replace(rows, groups=groups), "group")
    assert cells.group.tolist() == [0, 1] and (cells.code[:5] == -1).all()
    assert cells.sizes(np.ones(40)).sum() == 35


def test_means_weigh_rows():
    cells = cells_of(given(40), "group")
    values, weights = np.arange(40.0), np.arange(40.0) % 3
    expected = [np.average(values[cells.code == c], weights=weights[cells.code == c]) for c in (0, 1)]
    assert cells.means(values, weights) == pytest.approx(expected)
    assert np.isnan(cells.means(values, weights * (cells.code == 0))[1])
