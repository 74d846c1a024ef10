import numpy as np
import pytest

from headstart.core.errors import ShapeError
from headstart.evaluation.over_seeds import own_tests, same_test


def test_own_tests_by_hand():
    found = own_tests(np.array([0.8, 0.9]), 0.25)  # s^2 = 0.005, times 0.5 + 0.25; t of 1 degree at 97.5 % is 12.706
    reach = 12.7062 * (0.75 * 0.005) ** 0.5
    assert found.mean == pytest.approx(0.85) and found.spread == pytest.approx(0.005**0.5)
    assert (found.low, found.high) == pytest.approx((0.85 - reach, 0.85 + reach), rel=1e-4)


def test_seeds_that_agree_leave_the_chance_of_the_examples():
    scores = np.tile((np.arange(100) < 80).astype(float), (5, 1))
    found = same_test(scores)
    error = (scores[0].var(ddof=1) / 100) ** 0.5
    assert found.spread == 0 and found.high - found.mean == pytest.approx(1.9842 * error, rel=1e-4)  # t of 99 degrees


def test_nothing_varies_nothing_is_bounded():
    assert same_test(np.ones((3, 10))).low is None and own_tests(np.ones(3), 0.2).high is None


@pytest.mark.parametrize("scores", [np.ones((1, 5)), np.ones((5, 1)), np.ones(5)])
def test_one_seed_or_one_example_is_too_few(scores):
    with pytest.raises(ShapeError):
        same_test(scores)
    with pytest.raises(ShapeError):
        own_tests(scores[:1, 0] if scores.ndim == 2 else scores[:1], 0.2)


@pytest.mark.parametrize(
    ("seeds", "examples", "seed_sd", "example_sd"), [(3, 200, 0.0, 0.4), (5, 50, 0.05, 0.3), (5, 400, 0.1, 0.1)]
)
def test_the_interval_covers_the_mean_over_both(seeds, examples, seed_sd, example_sd):
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        scores = rng.normal(scale=seed_sd, size=(seeds, 1)) + rng.normal(scale=example_sd, size=(1, examples))
        found = same_test(scores + rng.normal(scale=0.2, size=(seeds, examples)))
        held += found.low <= 0 <= found.high
    assert held >= 370  # of 400: 95 % and more, less three standard errors
