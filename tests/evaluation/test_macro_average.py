import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headstart.evaluation.macro_average import at_effective_size, mean_of_proportions, shrunk_rates
from headstart.evaluation.proportions import clopper_pearson

COUNTS = st.integers(1, 40).flatmap(
    lambda k: st.tuples(arrays(int, k, elements=st.integers(0, 60)), arrays(int, k, elements=st.integers(0, 60)))
)


def test_one_proportion_has_its_exact_interval_or_wider():
    low, high = mean_of_proportions(np.array([27]), np.array([30]))
    exact = clopper_pearson(27, 30)
    assert low <= exact[0] + 1e-12 and high >= exact[1] - 1e-12
    assert high - low < 1.1 * (exact[1] - exact[0])


def test_distances_to_exact_limits_add_up_as_squares():
    # 30 of 30 has no room above, 0 of 3 has 1 - 0.025^(1/3); of 10 of 10 twice each has 1 - 0.025^(1/10) below
    _, high = mean_of_proportions(np.array([30, 0]), np.array([30, 3]))
    assert high == pytest.approx(0.5 + (1 - 0.025 ** (1 / 3)) / 2)
    low, _ = mean_of_proportions(np.array([10, 10]), np.array([10, 10]))
    assert low == pytest.approx(1 - np.sqrt(2) * (1 - 0.025 ** (1 / 10)) / 2)


def test_where_a_class_of_one_example_carries_the_variance_the_effective_size_is_small():
    # 1 of 1 and 8 of 10: rates shrunk as below, with variances r (1 - r) over 1 and 10
    pooled = 9.5 / 12
    one, other = (1 + 2 * pooled) / 3, (8 + 2 * pooled) / 12
    variance = (one * (1 - one) + other * (1 - other) / 10) / 4
    size = (one + other) / 2 * (1 - (one + other) / 2) / variance
    assert size == pytest.approx(4.17, abs=0.01)
    low, _ = mean_of_proportions(np.array([1, 8]), np.array([1, 10]))
    assert low == pytest.approx(float(clopper_pearson(0.9 * size, size)[0]))


def test_rates_are_pulled_towards_the_pooled_one():
    # pooled (9 + 1/2) / (11 + 1) = 0.7917; (1 + 2 pooled) / (1 + 2) and (8 + 2 pooled) / (10 + 2)
    pooled = 9.5 / 12
    assert shrunk_rates(np.array([1, 8]), np.array([1, 10])) == pytest.approx(
        [(1 + 2 * pooled) / 3, (8 + 2 * pooled) / 12]
    )


def test_the_binomial_variance_gives_back_the_sample_size():
    assert at_effective_size(0.8, 0.8, 0.8 * 0.2 / 50, 1000) == pytest.approx(
        [float(x) for x in clopper_pearson(40, 50)]
    )


def test_the_effective_size_is_never_above_the_number_of_examples():
    assert at_effective_size(1.0, 0.99, 1e-12, 30)[0] == pytest.approx(0.025 ** (1 / 30))


def test_the_effective_size_is_one_at_least():
    one = [float(bound) for bound in clopper_pearson(0.5, 1)]
    assert at_effective_size(0.5, 0.5, 1.0, 30) == pytest.approx(one)
    assert at_effective_size(0.5, 0.5, 1e-12, 1) == pytest.approx(one)


def test_a_proportion_without_trials_may_be_anything():
    low, high = mean_of_proportions(np.array([50, 0]), np.array([50, 0]))
    assert low < 0.5 and high == pytest.approx(1.0)


@given(COUNTS)
def test_the_interval_holds_the_mean_and_stays_between_0_and_1(counts):
    successes, trials = np.minimum(*counts), counts[1]
    low, high = mean_of_proportions(successes, trials)
    mean = (successes / np.maximum(trials, 1)).mean()
    assert 0 <= low <= mean + 1e-9 and mean - 1e-9 <= high <= 1


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_classes_is_irrelevant(counts, random):
    successes, trials = np.minimum(*counts), counts[1]
    order = list(range(len(trials)))
    random.shuffle(order)
    assert mean_of_proportions(successes[order], trials[order]) == pytest.approx(mean_of_proportions(successes, trials))
