import numpy as np
import pytest

from headstart.adaptation.density import CEILING, density_odds, density_ratio


def normal(rng, rows, mean):
    return (rng.normal(size=(rows, 2)) + [mean, 0]).astype(np.float32)


def test_rows_of_one_distribution_weigh_about_the_same():
    rng = np.random.default_rng(0)
    source, target = normal(rng, 300, 0), normal(rng, 300, 0)
    ratio = density_ratio(source, target, source)
    assert ratio.mean() == pytest.approx(1) and ratio.std() < 0.2


def test_of_two_normal_distributions_the_logarithm_is_a_line_that_rises_towards_the_target():
    # log N(x; 1, 1) / N(x; 0, 1) = x - 1/2; the strong penalty flattens it
    rng = np.random.default_rng(1)
    source, target = normal(rng, 2000, 0), normal(rng, 2000, 1)
    at = np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    odds = np.log(density_odds(source, target, at))
    assert odds[2] - odds[1] == pytest.approx(odds[1] - odds[0], rel=1e-3)
    assert 0.8 < odds[1] - odds[0] < 1.05
    assert odds[1] == pytest.approx(-0.5, abs=0.15)


def test_the_number_of_rows_of_a_domain_does_not_count():
    rng = np.random.default_rng(2)
    source, target = normal(rng, 1500, 0), normal(rng, 1500, 1)
    at = source[:50]
    few = density_odds(source, target[:300], at)
    assert np.corrcoef(np.log(few), np.log(density_odds(source, target, at)))[0, 1] > 0.99
    assert np.log(few).mean() == pytest.approx(np.log(density_odds(source, target, at)).mean(), abs=0.2)


def test_no_row_weighs_more_than_the_ceiling_and_all_are_finite():
    rng = np.random.default_rng(3)
    source, target = normal(rng, 100, 0), normal(rng, 100, 60)
    at = np.concatenate([source, [[60.0, 0.0]]])
    odds = density_odds(source, target, at)
    assert np.isfinite(odds).all() and (odds > 0).all()
    ratio = density_ratio(source, target, at)
    assert ratio.mean() == pytest.approx(1)
    assert ratio.max() <= CEILING * len(at)
