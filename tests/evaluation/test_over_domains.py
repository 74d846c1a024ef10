"""Figures over domains: the interval covers, the worst is as surprising as it says, a choice needs a clear gain."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.over_domains import chance_below_the_worst, mean_over, preferred, preferred_elsewhere


def test_the_interval_of_three_domains_is_the_mean_and_4_3027_standard_errors():
    # 0.7, 0.8, 0.9: standard deviation 0.1, its error 0.1 / sqrt(3) = 0.05774; t of two degrees of freedom 4.3027
    found = mean_over(np.array([0.9, 0.7, 0.8]))
    assert found["value"] == pytest.approx(0.8)
    assert found["low"] == pytest.approx(0.8 - 0.24841, abs=1e-5)
    assert found["high"] == pytest.approx(0.8 + 0.24841, abs=1e-5)


def test_it_stays_within_what_a_figure_can_be():
    found = mean_over(np.array([0.9, 0.7, 0.8]), least=0.6, most=1.0)
    assert (found["low"], found["high"]) == (0.6, 1.0)


def test_one_domain_has_no_interval():
    assert mean_over(np.array([0.5])) == {"value": 0.5, "low": None, "high": None, "level": 0.95}


def test_the_interval_covers_the_mean_of_all_domains_that_there_could_be():
    draws = np.random.default_rng(0).normal(0.7, 0.1, (2000, 5))
    found = [mean_over(each) for each in draws]
    share = np.mean([each["low"] <= 0.7 <= each["high"] for each in found])
    assert share == pytest.approx(0.95, abs=0.015)  # three standard errors of 2,000 draws


def test_a_new_domain_is_below_the_worst_as_often_as_is_said_whatever_the_distribution():
    draws = np.random.default_rng(1).lognormal(0, 2, (20_000, 6))
    share = np.mean(draws[:, 5] < draws[:, :5].min(axis=1))
    assert share == pytest.approx(chance_below_the_worst(5), abs=0.008)


def test_a_gain_within_a_standard_error_is_no_reason_to_change():
    # gains 0.1, -0.1, 0.1: mean 0.0333, standard deviation 0.1155, error 0.0667
    found = preferred(np.array([[1.0, 1.0, 1.0], [0.9, 1.1, 0.9]]))
    assert found.index == 0
    assert found.gains[1] == pytest.approx(0.1 / 3) and found.errors[1] == pytest.approx(0.2 / 3)
    # 0.1, 0.0, 0.1: mean 0.0667, standard deviation 0.0577, error 0.0333
    assert preferred(np.array([[1.0, 1.0, 1.0], [0.9, 1.0, 0.9]])).index == 1


def test_of_two_that_are_clearly_better_the_better_one_is_taken():
    assert preferred(np.array([[1.0, 1.0, 1.0], [0.9, 0.9, 0.9], [0.8, 0.8, 0.8]])).index == 2


@pytest.mark.parametrize("count", [1, 2])
def test_of_fewer_than_three_domains_nothing_is_concluded(count):
    assert preferred(np.stack([np.ones(count), np.zeros(count)])).index == 0


def test_what_the_others_prefer_leaves_each_domain_out():
    # gains 0.2, 0.2, 0.2, -1: without the last the way is clearly better, without any other its mean gain is below 0
    losses = np.array([[1.0, 1.0, 1.0, 1.0], [0.8, 0.8, 0.8, 2.0]])
    assert preferred_elsewhere(losses).tolist() == [0, 0, 0, 1]


def test_of_one_domain_no_other_says_anything():
    assert preferred_elsewhere(np.array([[1.0], [0.5]])).tolist() == [0]
