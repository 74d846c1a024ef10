"""Windows along an order: how many, where they are cut, and what gives too few."""

import numpy as np
import pytest

from headstart.adaptation.windows import MOST, gaps, least_rows, windows_of
from headstart.core.errors import DataError


def test_windows_hold_every_row_once_and_are_in_order():
    values = np.random.default_rng(0).normal(size=517)
    found = windows_of(values, 3)
    assert len(found) == 517 // 50 and sorted(np.concatenate(found).tolist()) == list(range(517))
    assert all(values[one].max() < values[two].min() for one, two in zip(found, found[1:], strict=False))
    assert max(map(len, found)) - min(map(len, found)) <= 1 and min(map(len, found)) >= least_rows(3)


def test_there_are_at_most_so_many_and_more_classes_need_more_rows():
    assert len(windows_of(np.arange(5000.0), 2)) == MOST
    assert len(windows_of(np.arange(600.0), 20)) == 3  # 10 rows for each of 20 classes


def test_equal_values_stay_together():
    values = np.repeat([1.0, 2.0, 3.0, 4.0], [60, 90, 70, 55])
    found = windows_of(values, 2)
    assert all(len(set(values[a]) & set(values[b])) == 0 for a in map(list, found) for b in map(list, found) if a != b)
    assert sorted(map(len, found)) == [55, 60, 70, 90]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.zeros(500), "500 examples with 1 different values give 1"),
        (np.arange(149.0), "149 examples with 149 different values give 2"),
        (np.repeat([0.0, 1.0], 200), "400 examples with 2 different values give 2"),
        (np.zeros(0), "0 examples with 0 different values give 0"),
    ],
)
def test_fewer_than_three_windows_are_refused_with_what_there_is(values, told):
    with pytest.raises(DataError, match=f"at least 3 windows of 50 examples .*{told}"):
        windows_of(values, 2)


def test_a_gap_is_three_times_as_long_as_a_usual_step():
    spans = np.array([[0, 9], [10, 19], [20, 29], [58, 67], [68, 77], [108, 117]], float)
    assert gaps(spans) == [5]  # steps 10, 10, 38, 10, 40: usually 10; from 29 to 58 are 29, from 77 to 108 are 31
