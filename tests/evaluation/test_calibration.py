import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.evaluation.calibration import Reliability, _crossing, _kept, ece_interval, reliability


def ece_by_loop(confidence, is_right):
    total = 0.0
    for i in range(15):
        inside = [j for j, c in enumerate(confidence) if i / 15 < c <= (i + 1) / 15 or (i == 0 and c == 0)]
        if inside:
            gap = np.mean([is_right[j] for j in inside]) - np.mean([confidence[j] for j in inside])
            total += len(inside) / len(confidence) * abs(gap)
    return total


def test_error_by_hand():
    # bin of 0.9: two examples, one right, gap 0.4; bin of 0.6: two, both right, gap 0.4
    bins = reliability(np.array([0.9, 0.9, 0.6, 0.6]), np.array([True, False, True, True]))
    assert bins.ece == pytest.approx(0.4)
    assert bins.count.tolist() == [2, 2] and bins.accuracy.tolist() == [1, 0.5]


def test_error_equals_a_loop_over_the_bins():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.1, 1, 200)
    is_right = rng.random(200) < confidence
    assert reliability(confidence, is_right).ece == pytest.approx(ece_by_loop(confidence, is_right))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1 / 15])
def test_edges_belong_to_a_bin(confidence):
    assert reliability(np.array([confidence]), np.array([True])).count.tolist() == [1]


def test_bins_are_of_one_width_and_an_edge_belongs_to_the_bin_below():
    # fifteenths: 0 and 0.01 in the first, 0.07 in the second, 1 and what rounding puts above it in the last
    bins = reliability(np.array([0.0, 0.01, 0.07, 1.0, np.nextafter(1, 2)]), np.ones(5, bool))
    assert bins.count.tolist() == [2, 1, 2]


def test_a_calibrated_model_may_have_no_error_at_all():
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.5, 1, 300)
    bins = reliability(confidence, rng.random(300) < confidence)
    low, high = ece_interval(bins, rng)
    assert low == 0 and bins.ece <= high < 0.15


def test_a_model_that_is_always_sure_and_half_right_is_off_by_half():
    bins = reliability(np.ones(400), np.arange(400) % 2 == 0)
    low, high = ece_interval(bins, np.random.default_rng(0))
    # one bin: the error is the share of errors, 0.5 +- 2 * 0.5 / sqrt(400)
    assert low == pytest.approx(0.45, abs=0.01) and high == pytest.approx(0.55, abs=0.01)


def test_all_right_and_nearly_sure_still_allows_for_errors_unseen():
    bins = reliability(np.full(30, 0.99), np.ones(30, bool))
    low, high = ece_interval(bins, np.random.default_rng(0))
    assert low == 0 and 0.08 < high < 0.2  # true accuracy may be 0.025 ** (1/30) = 0.88


def test_an_error_too_small_even_for_a_perfect_model_reaches_down_to_none():
    """60 predictions in 12 bins, each bin as right as counts allow: chance alone shows more in 39 of 40 test sets."""
    confidence = np.repeat((np.arange(3, 15) + 0.5) / 15, 5)
    is_right = np.concatenate([np.arange(5) < round(5 * value) for value in confidence[::5]])
    bins = reliability(confidence, is_right)
    assert 0 < bins.ece < 0.06
    assert ece_interval(bins, np.random.default_rng(0)) == (0.0, pytest.approx(bins.ece))


@pytest.mark.parametrize("n", [1, 2, 30])
def test_the_interval_holds_the_observed_error_and_repeats_with_its_seed(n):
    rng = np.random.default_rng(n)
    bins = reliability(rng.uniform(0, 1, n), rng.random(n) < 0.5)
    bounds = ece_interval(bins, np.random.default_rng(3))
    assert 0 <= bounds[0] <= bins.ece <= bounds[1] <= 1
    assert bounds == ece_interval(bins, np.random.default_rng(3))


def test_where_gaps_point_both_ways_their_own_direction_decides():
    # Confidence 0.1 and 0.9, half right in both: gaps of 0.4 up and down. Their mean has the standard error
    # sqrt(2 * 0.25 / 200) / 2; too much confidence everywhere, or too little, would leave little more than half of it.
    half = np.array([0.5, 0.5])
    bins = Reliability(np.array([200, 200]), np.array([0.1, 0.9]), half)
    reach = 1.96 * np.sqrt(2 * 0.25 / 200) / 2
    assert ece_interval(bins, np.random.default_rng(0)) == pytest.approx((0.4 - reach, 0.4 + reach), abs=0.01)


@pytest.mark.parametrize("before", [[], [0.9]])
@pytest.mark.parametrize("after", [[], [0.1]])
def test_limits_are_found_between_the_errors_that_were_tried(monkeypatch, before, after):
    monkeypatch.setattr("headstart.evaluation.calibration.DRAWS", 20_000)
    # Of 400 sure predictions half are right. Errors of 0.47 and 0.54 allow that, 0.4 and 0.62 do not (each +-0.049);
    # the lines cross at 0.451 and 0.549, near the exact 0.450 and 0.550. What lies farther off changes nothing.
    bins = Reliability(np.array([400]), np.array([1.0]), np.array([0.5]))
    accuracy = np.array([*before, 0.6, 0.53, 0.46, 0.38, *after])[:, None]
    ends = _kept(bins, accuracy, np.random.default_rng(0))
    assert (min(ends), max(ends)) == pytest.approx((0.451, 0.549), abs=0.002)


def test_without_tried_errors_beyond_the_outermost_are_the_limits():
    bins = Reliability(np.array([400]), np.array([1.0]), np.array([0.5]))
    ends = _kept(bins, np.array([[0.53], [0.46]]), np.random.default_rng(0))
    assert (min(ends), max(ends)) == pytest.approx((0.47, 0.54))


def test_a_line_is_crossed_between_its_two_points_and_never_beyond_them():
    x = np.array([0.0, 1.0, 3.0, 10.0])
    assert _crossing(x, np.array([9.0, 3.0, -1.0, -8.0]), 1) == 2.5  # from 3 to -1, three quarters of the way
    assert _crossing(x, np.array([0.0, 1.0, 3.0, 0.0]), 1) == 1  # would be met before
    assert _crossing(x, np.array([0.0, 3.0, 1.0, 0.0]), 1) == 3  # would be met behind
    assert _crossing(x, np.array([0.0, 2.0, 2.0, 0.0]), 1) == 3  # never met


@pytest.mark.parametrize("shapes", [(3, 2), ((2, 2), (2, 2)), (0, 0)], ids=str)
def test_other_shapes_are_refused(shapes):
    with pytest.raises(ShapeError, match="must both be"):
        reliability(np.ones(shapes[0]), np.ones(shapes[1], bool))


def test_each_bin_has_the_exact_bounds_of_its_accuracy():
    # two bins: 1 of 2 right, and 3 of 3; the exact bounds of 3 of 3 begin at the cube root of 0.025
    bins = reliability(np.array([0.9, 0.9, 0.5, 0.5, 0.5]), np.array([True, False, True, True, True]))
    low, high = bins.accuracy_bounds
    assert low[0] == pytest.approx(0.025 ** (1 / 3)) and high[0] == 1
    assert low[1] == pytest.approx(1 - np.sqrt(1 - 0.025)) and high[1] == pytest.approx(np.sqrt(1 - 0.025))
