import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, fisher_exact

from headstart.evaluation.independent import difference_limits, fisher_p, ratio_limits
from headstart.evaluation.proportions import clopper_pearson

Z = 1.959963984540054
COUNTS = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def wilson(k, n):
    center, reach = (k + Z**2 / 2) / (n + Z**2), Z / (n + Z**2) * np.sqrt(k * (n - k) / n + Z**2 / 4)
    return center - reach, center + reach


@pytest.mark.parametrize(
    ("first", "second", "published"),
    [  # Newcombe, Statistics in Medicine 1998, table II, method 10
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 10), (0.6075, 1.0000)),
    ],
)
def test_with_wilsons_limits_it_is_newcombes_method_10(first, second, published):
    a, b = first[0] / first[1], second[0] / second[1]
    assert difference_limits(a, wilson(*first), b, wilson(*second)) == pytest.approx(published, abs=5e-5)


def test_a_difference_by_hand():
    # 0.8 (0.5 to 0.9) minus 0.4 (0.1 to 0.8): 0.4 - hypot(0.3, 0.4) and 0.4 + hypot(0.1, 0.3)
    low, high = difference_limits(0.8, (0.5, 0.9), 0.4, (0.1, 0.8))
    assert low == pytest.approx(-0.1) and high == pytest.approx(0.4 + 0.1**0.5)


@given(COUNTS, COUNTS)
def test_a_difference_holds_its_estimate_and_turns_with_the_sign(first, second):
    (a, n), (b, m) = first, second
    mine, theirs = clopper_pearson(a, n), clopper_pearson(b, m)
    low, high = difference_limits(a / n, mine, b / m, theirs)
    assert low <= a / n - b / m <= high
    assert difference_limits(b / m, theirs, a / n, mine) == pytest.approx((-high, -low))


@given(COUNTS, COUNTS)
def test_a_ratio_ends_where_the_difference_with_that_multiple_reaches_0(first, second):
    (a, n), (b, m) = first, second
    b = max(b, 1)
    mine, theirs = clopper_pearson(a, n), clopper_pearson(b, m)
    low, high = (float(bound) for bound in ratio_limits(a / n, mine, b / m, theirs))
    assert low <= a / n / (b / m) * (1 + 1e-9) and a / n / (b / m) <= high * (1 + 1e-9)
    if a > 0:
        scaled = low * b / m, (low * theirs[0], low * theirs[1])
        assert difference_limits(a / n, mine, *scaled)[0] == pytest.approx(0, abs=1e-9)
    if np.isfinite(high):
        scaled = high * b / m, (high * theirs[0], high * theirs[1])
        assert difference_limits(a / n, mine, *scaled)[1] == pytest.approx(0, abs=1e-6)


def test_a_ratio_to_what_could_be_0_is_open_above():
    assert ratio_limits(0.5, (0.3, 0.7), 0.1, (0.0, 0.3))[1] == np.inf


def test_a_ratio_of_none_is_0_with_a_limit_above():
    # a = l1 = 0: the upper limit is u1 / sqrt(l2 (2 b - l2)) = 0.2 / sqrt(0.4 * 0.6)
    low, high = ratio_limits(0.0, (0.0, 0.2), 0.5, (0.4, 0.6))
    assert low == 0 and high == pytest.approx(0.2 / (0.4 * 0.6) ** 0.5)


def test_a_ratio_of_small_whole_numbers_does_not_overflow():
    first, second = np.array([200], np.uint8), np.array([150], np.uint8)
    limits = (180.0, 220.0), (140.0, 160.0)
    assert ratio_limits(first, limits[0], second, limits[1]) == ratio_limits(200.0, limits[0], 150.0, limits[1])


def test_fishers_tea():
    # 3 of 4 against 1 of 4: tables with 0, 1, 2, 3, 4 hits have 1, 16, 36, 16, 1 of 70 ways; no more probable: 34
    assert fisher_p(3, 4, 1, 4) == pytest.approx(34 / 70)


@given(COUNTS, COUNTS)
def test_fisher_equals_scipy(first, second):
    (a, n), (b, m) = first, second
    assert fisher_p(a, n, b, m) == pytest.approx(fisher_exact([[a, n - a], [b, m - b]]).pvalue, rel=1e-6)


@pytest.mark.parametrize("tail", [0.025, 0.025 / 12])
@pytest.mark.parametrize("rate", [0.02, 0.3, 0.9])
def test_few_against_many_of_the_same_rate_are_missed_no_oftener_than_allowed(tail, rate):
    n, m = 10, 100
    k, j = np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij")
    low, high = difference_limits(k / n, clopper_pearson(k, n, tail), j / m, clopper_pearson(j, m, tail))
    missed = (low > 0) | (high < 0)
    assert (binom.pmf(k, n, rate) * binom.pmf(j, m, rate))[missed].sum() <= 2 * tail
