import numpy as np
import pytest

from headstart.adaptation.adapters.optimal_transport import class_plan, costs, sinkhorn, transport


def slow_sinkhorn(cost, blur, steps=3000):
    n, m = cost.shape
    plan = np.exp(-cost / blur)
    for _ in range(steps):
        plan = plan / plan.sum(axis=1, keepdims=True) / n
        plan = plan / plan.sum(axis=0) / m
    return plan


def test_squared_distances_of_three_four_five():
    np.testing.assert_allclose(costs(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 0.0]])), [[25.0, 0.0]])


def test_masses_are_equal_and_the_plan_is_that_of_many_slow_steps():
    cost = np.random.default_rng(0).random((7, 5))
    plan = sinkhorn(cost, 0.1)
    np.testing.assert_allclose(plan.sum(axis=1), 1 / 7)
    np.testing.assert_allclose(plan.sum(axis=0), 1 / 5, rtol=1e-3)
    np.testing.assert_allclose(plan, slow_sinkhorn(cost, 0.1), atol=1e-4)


def test_two_far_pairs_go_to_their_own():
    plan = sinkhorn(np.array([[0.0, 9.0], [9.0, 0.0]]), 0.1)
    np.testing.assert_allclose(plan, [[0.5, 0.0], [0.0, 0.5]], atol=1e-12)


def test_a_huge_cost_and_a_tiny_blur_give_finite_masses():
    cost = np.array([[0.0, 20.0, 20.0], [20.0, 20.0, 0.0]])
    plan = sinkhorn(cost, 0.05)
    assert np.isfinite(plan).all() and plan.sum() == pytest.approx(1)


def test_the_term_for_classes_lets_columns_take_from_one_class():
    rng = np.random.default_rng(1)
    classes = np.repeat([0, 1], 10)
    cost = rng.random((20, 20))

    def purity(plan):
        masses = np.stack([plan[classes == label].sum(axis=0) for label in (0, 1)])
        return (masses.max(axis=0) / masses.sum(axis=0)).mean()

    assert purity(class_plan(cost, classes, 0.2, 3.0)) > purity(class_plan(cost, classes, 0.2, 0.0)) + 0.1


def test_one_round_adds_the_slope_of_the_square_root_of_a_class_share():
    # one class only: it has every column whole, the slope is 1/2 everywhere, and a constant changes no plan
    cost = np.random.default_rng(2).random((4, 6))
    same = np.zeros(4, np.int64)
    np.testing.assert_allclose(class_plan(cost, same, 0.2, 5.0), sinkhorn(cost, 0.2), rtol=1e-3)


def test_rows_arrive_at_weighted_means_of_target_rows_and_others_move_as_their_nearest():
    rng = np.random.default_rng(3)
    source, target = rng.normal(size=(12, 3)), rng.normal(size=(9, 3)) + 4
    found = transport(source, np.arange(12) % 2, target, 0.1, 1.0)
    assert (found.arrived.min(axis=0) >= target.min(axis=0) - 1e-5).all()
    assert (found.arrived.max(axis=0) <= target.max(axis=0) + 1e-5).all()
    np.testing.assert_allclose(found(source), found.arrived, atol=1e-5)
    near = source[4] + 1e-4
    np.testing.assert_allclose(found(near[None])[0] - near, found.arrived[4] - source[4], atol=1e-4)


def test_a_shift_of_all_rows_is_undone():
    rng = np.random.default_rng(4)
    source = rng.normal(size=(60, 2))
    found = transport(source, np.zeros(60, np.int64), source + [5.0, -3.0], 0.02, 0.0)
    np.testing.assert_allclose(found.arrived.mean(axis=0), (source + [5.0, -3.0]).mean(axis=0), atol=1e-3)
    assert np.abs(found.arrived - source - [5.0, -3.0]).mean() < 0.5


def test_the_plan_is_that_of_pot():
    ot = pytest.importorskip("ot")
    cost = np.random.default_rng(5).random((8, 6))
    other = ot.sinkhorn(np.full(8, 1 / 8), np.full(6, 1 / 6), cost, 0.1, stopThr=1e-12)
    np.testing.assert_allclose(sinkhorn(cost, 0.1), other, atol=1e-4)
