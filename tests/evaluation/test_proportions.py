import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from headstart.evaluation.proportions import clopper_pearson, paired_difference

Z = 1.959963984540054


def test_all_ten_right_leaves_the_root_of_a_fortieth():
    # P(10 of 10 | p) = p^10 = 0.025
    low, high = clopper_pearson(10, 10)
    assert low == pytest.approx(0.025 ** (1 / 10)) and high == 1


def test_none_of_ten_mirrors_all_of_ten():
    low, high = clopper_pearson(0, 10)
    assert low == 0 and high == pytest.approx(1 - 0.025 ** (1 / 10))


def test_no_trials_say_nothing():
    assert [float(x) for x in clopper_pearson(0, 0)] == [0, 1]


@pytest.mark.parametrize("successes, trials", [(0, 1), (1, 1), (3, 30), (29, 30), (500, 1000), (9999, 10000)])
def test_clopper_pearson_equals_the_exact_interval_of_scipy(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(0.95, method="exact")
    low, high = clopper_pearson(successes, trials)
    assert low == pytest.approx(expected.low) and high == pytest.approx(expected.high)


@pytest.mark.parametrize(("successes", "trials"), [(0.5, 1.2), (2.3, 2.9), (0.01, 40.0)])
def test_counts_may_be_real_numbers(successes, trials):
    low, high = clopper_pearson(successes, trials)
    failures = trials - successes
    assert low == pytest.approx(beta.ppf(0.025, successes, failures + 1))
    assert high == pytest.approx(beta.ppf(0.975, successes + 1, failures))


def test_arrays_give_what_single_numbers_give():
    k, n = np.array([0, 3, 7]), np.array([5, 9, 7])
    low, high = clopper_pearson(k, n)
    for i in range(3):
        assert [low[i], high[i]] == [float(x) for x in clopper_pearson(k[i], n[i])]


@pytest.mark.parametrize(
    "only_first, only_second, n, published",
    [
        (1, 7, 21, (-0.517, -0.026)),  # airway reactivity: Fagerland, Lydersen & Laake, Statistics in Medicine 2014
        (16, 8, 86, (-0.020, 0.207)),  # Agresti & Min, Statistics in Medicine 2005
    ],
)
def test_tangos_interval_equals_published_ones(only_first, only_second, n, published):
    assert paired_difference(only_first, only_second, n) == pytest.approx(published, abs=5e-4)


def test_small_types_do_not_wrap_around():
    small = (np.array([number], np.uint8) for number in (1, 7, 21))
    assert np.allclose(paired_difference(*small), np.array(paired_difference(1, 7, 21))[:, None])


def test_no_discordant_pair_still_has_a_width():
    # With b = c = 0 the statistic is -n theta / sqrt(n |theta| (1 - |theta|)); its square equals z^2 at z^2/(n + z^2).
    low, high = paired_difference(0, 0, 30)
    assert high == pytest.approx(Z**2 / (30 + Z**2)) and low == pytest.approx(-high)


def test_every_pair_discordant_one_way_ends_at_one():
    low, high = paired_difference(30, 0, 30)
    assert high == 1 and 0.7 < low < 1
    assert paired_difference(0, 30, 30) == pytest.approx((-1, -low), rel=1e-12)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_a_paired_interval_is_ordered_holds_its_estimate_and_turns_with_the_sign(counts):
    b, c, n = counts
    c = min(c, n - b)
    low, high = paired_difference(b, c, n)
    assert -1 <= low <= (b - c) / n + 1e-9 and (b - c) / n - 1e-9 <= high <= 1
    mirrored = paired_difference(c, b, n)
    assert np.allclose([low, high], [-mirrored[1], -mirrored[0]], atol=1e-9)


def score_by_search(theta, b, c, n):
    """Tango's statistic with the nuisance probability found by trying: the slow second version."""
    p01 = np.linspace(max(0, -theta), (1 - theta) / 2, 200_001)[1:-1]
    likelihood = b * np.log(p01 + theta) + c * np.log(p01) + (n - b - c) * np.log(1 - 2 * p01 - theta)
    best = p01[np.argmax(likelihood)]
    return (b - c - n * theta) / np.sqrt(n * (2 * best + theta * (1 - theta)))


@pytest.mark.parametrize("b, c, n", [(5, 2, 30), (12, 9, 100), (1, 7, 40)])
def test_the_limits_are_where_the_score_reaches_z(b, c, n):
    low, high = paired_difference(b, c, n)
    assert score_by_search(float(low), b, c, n) == pytest.approx(Z, abs=2e-3)
    assert score_by_search(float(high), b, c, n) == pytest.approx(-Z, abs=2e-3)


def test_a_smaller_tail_gives_wider_limits_by_hand():
    # nothing of 10: the upper limit is where (1 - p)^10 is the tail
    assert clopper_pearson(0, 10, 0.005)[1] == pytest.approx(1 - 0.005 ** (1 / 10))
    assert clopper_pearson(0, 10)[1] == pytest.approx(1 - 0.025 ** (1 / 10))
