import numpy as np
import pytest

from headstart.evaluation.fairness.aspects import Aspect, rate
from headstart.evaluation.fairness.estimates import Estimates
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import clopper_pearson


def test_rates_count_only_what_the_aspect_is_about():
    flags, counts = np.array([1, 0, 1, 1, 0, 1]), np.array([1, 1, 0, 1, 1, 1], bool)
    found = Estimates.of(rate("found", flags, counts), np.array([0, 0, 0, 1, 1, -1]), 3)
    assert found.n.tolist() == [2, 2, 0] and found.sums.tolist() == [1, 1, 0]
    assert found.value[:2].tolist() == [0.5, 0.5] and np.isnan(found.value[2])
    low, high = found.limits(0.01)
    assert [low[0], high[0]] == [float(x) for x in clopper_pearson(1, 2, 0.01)]
    assert (low[2], high[2]) == (0, 1)


def test_a_root_of_a_mean_and_its_limits():
    values = np.array([1.0, 4.0, 16.0, 9.0, 25.0])
    found = Estimates(Aspect("rmse", "root_mean", values, np.ones(5, bool)), (values, values[:1], np.full(3, 2.0)))
    assert found.value == pytest.approx([11**0.5, 1, 2**0.5])
    low, high = found.limits(0.025)
    assert (low[0], high[0]) == pytest.approx(tuple(np.sqrt(mean_interval(values))))
    assert np.isnan([low[1], high[1], low[2], high[2]]).all()


def test_a_signed_mean_may_go_below_0():
    values = np.array([-3.0, 1.0, 2.0, -4.0, 0.5])
    found = Estimates(Aspect("mean_error", "mean", values, np.ones(5, bool)), (values,))
    assert found.limits(0.025)[0][0] < 0 < found.limits(0.025)[1][0]


def test_smaller_tails_give_wider_limits():
    values = np.random.default_rng(0).normal(size=(2, 40)) ** 2
    for form, members in (("rate", (np.arange(40) < 30,)), ("mean", (values[0],)), ("root_mean", (values[1],))):
        found = Estimates(
            Aspect("x", form, np.zeros(1), np.ones(1, bool)), tuple(np.asarray(m, float) for m in members)
        )
        wide, narrow = found.limits(0.001), found.limits(0.025)
        assert wide[0][0] < narrow[0][0] < narrow[1][0] < wide[1][0]


def test_taking_some_groups_keeps_their_values():
    found = Estimates(rate("x", np.zeros(1)), (np.ones(3), np.zeros(2), np.array([0.0, 1.0])))
    assert found.take(np.array([2, 0])).value.tolist() == [0.5, 1.0]
