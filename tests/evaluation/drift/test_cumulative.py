import numpy as np
import pytest
from scipy.stats import ks_2samp

from headstart.core.errors import ShapeError
from headstart.evaluation.drift.cumulative import cumulative_distances, cumulative_p, smallest_seen


def test_half_of_the_rows_moved_to_the_first_bin_is_a_distance_of_one_half():
    assert cumulative_distances(np.array([[2, 2]]), np.array([[4, 0]])).tolist() == [0.5]


def test_distance_and_p_value_are_scipys_where_every_value_has_a_bin():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 8, 300), rng.integers(1, 9, 200)  # far apart: no second tail
    counts = [np.bincount(values, minlength=9)[None] for values in (first, second)]
    theirs = ks_2samp(first, second, method="asymp")
    distances = cumulative_distances(*counts)
    assert distances[0] == pytest.approx(theirs.statistic)
    assert cumulative_p(distances, [300], [200])[0] == pytest.approx(theirs.pvalue, rel=1e-3)


def test_a_difference_that_is_allowed_is_never_rare_however_many_rows_show_it():
    assert cumulative_p(np.array([0.05]), [10**6], [10**6], allowed=0.05).tolist() == [1.0]
    assert cumulative_p(np.array([0.06]), [10**6], [10**6], allowed=0.05)[0] < 1e-6


def test_an_empty_side_and_a_single_row_tell_nothing():
    distances = cumulative_distances(np.array([[5, 5]]), np.array([[0, 0]]))
    assert distances.tolist() == [0.0]
    assert cumulative_p(np.array([1.0]), [5], [0]).tolist() == [1.0]


def test_one_row_beyond_all_others_is_as_rare_as_coming_first_or_last():
    assert cumulative_p(np.array([1.0]), [499], [1])[0] == pytest.approx(2 / 500)


def test_of_equal_distributions_one_in_twenty_is_rare_at_most():
    rng = np.random.default_rng(1)
    rare = 0
    for _ in range(500):
        sides = [np.bincount(rng.integers(0, 10, n), minlength=10)[None] for n in (120, 80)]
        rare += cumulative_p(cumulative_distances(*sides), [120], [80])[0] <= 0.05
    assert rare <= 25 + 2 * (500 * 0.05 * 0.95) ** 0.5


def test_the_smallest_distance_that_is_seen_has_the_p_value_asked_for():
    distance = smallest_seen(0.001, 400, 300, allowed=0.05)
    assert cumulative_p(np.array([distance]), [400], [300], allowed=0.05)[0] == pytest.approx(0.001, rel=1e-3)
    assert smallest_seen(0.001, 400, 0) == 1.0


def test_counts_of_other_shapes_are_refused():
    with pytest.raises(ShapeError, match=r"\(1, 2\) and \(1, 3\)"):
        cumulative_distances(np.ones((1, 2)), np.ones((1, 3)))
