from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.methods.blend import EQUAL, STEPS, Blend, BlendConfig, chosen_mix, mixed, parted
from headstart.methods.row_losses import row_losses
from methods.helpers_methods import as_targets, log_loss

QUICK = {"trees": {"rounds": 12, "fallback_rounds": 6, "least_rows": 3}}
KINDS = {"class": 3, "ordinal": 3, "multilabel": 2, "real": 1}


def targets_of(kind, rng, n):
    if kind == "real":
        return Targets(rng.standard_normal(n), kind, 1)
    if kind == "multilabel":
        return Targets((rng.random((n, 2)) < 0.5).astype(np.float64), kind, 2)
    return Targets(rng.integers(0, 3, n), kind, 3)


def table(n=120, seed=0):
    """Two features for a line and two for trees, which have gaps; the class needs both kinds."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4)).astype(np.float32)
    classes = (x[:, 0] + 2 * (np.abs(x[:, 2]) < 0.7) - 1 + 0.3 * rng.standard_normal(n) > 0).astype(np.int64)
    x[rng.random(n) < 0.1, 3] = np.nan
    return x, classes, np.arange(n) % 5


def test_a_quarter_of_the_way_by_hand():
    # 3/4 * 0 + 1/4 * 4 = 1; 3/4 * 2 + 1/4 * -2 = 1
    assert mixed(0.25, np.array([[0.0, 2.0]]), np.array([[4.0, -2.0]])).tolist() == [[1.0, 1.0]]


def test_numbers_halfway_between_two_models_by_hand():
    # the truth 3 lies halfway between 2 and 4 in every row, so the weight is 1/2 and nothing is lost
    linear, trees = np.full((4, 1), 2.0), np.full((4, 1), 4.0)
    targets, folds = Targets(np.full(4, 3.0), "real", 1), np.array([0, 0, 1, 1])
    weight, outputs, report = chosen_mix(linear, trees, targets, folds, np.ones(4))
    assert weight == 0.5 and outputs.tolist() == [[3.0]] * 4
    assert [point["loss"] for point in report["path"]][:: STEPS // 2] == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_mix_is_that_of_a_search_by_loops(kind):
    rng = np.random.default_rng(3)
    n, width = 30, KINDS[kind]
    targets, folds, weights = targets_of(kind, rng, n), np.arange(n) % 3, rng.random(n)
    linear, trees = rng.standard_normal((n, width)), rng.standard_normal((n, width))

    def best(rows):
        losses = []
        for step in range(STEPS + 1):
            outputs = (1 - step / STEPS) * linear + step / STEPS * trees
            losses.append(sum(weights[row] * row_losses(targets, outputs)[row] for row in rows))
        return int(np.argmin(losses)) / STEPS

    weight, outputs, report = chosen_mix(linear, trees, targets, folds, weights)
    assert weight == best(range(n))
    for fold in range(3):
        own = best([row for row in range(n) if folds[row] != fold])
        assert report["by_fold"][fold] == own
        rows = folds == fold
        assert outputs[rows] == pytest.approx((1 - own) * linear[rows] + own * trees[rows], abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16), kind=st.sampled_from(sorted(KINDS)))
def test_targets_of_a_fold_do_not_move_its_own_outputs(seed, kind):
    rng = np.random.default_rng(seed)
    n, width, folds = 24, KINDS[kind], np.arange(24) % 4
    linear, trees = rng.standard_normal((n, width)), rng.standard_normal((n, width))
    targets, others = targets_of(kind, rng, n), targets_of(kind, rng, n)
    changed = targets.values.copy()
    changed[folds == 2] = others.values[folds == 2]
    before = chosen_mix(linear, trees, targets, folds, np.ones(n))[1]
    after = chosen_mix(linear, trees, Targets(changed, kind, targets.width), folds, np.ones(n))[1]
    assert np.array_equal(before[folds == 2], after[folds == 2])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16), kind=st.sampled_from(sorted(KINDS)))
def test_on_all_held_out_rows_the_weight_loses_no_more_than_either_part(seed, kind):
    rng = np.random.default_rng(seed)
    n, width = 24, KINDS[kind]
    targets, weights = targets_of(kind, rng, n), rng.random(n)
    linear, trees = rng.standard_normal((n, width)), rng.standard_normal((n, width))
    weight, _, _ = chosen_mix(linear, trees, targets, np.arange(n) % 4, weights)
    mix, *parts = (row_losses(targets, each) @ weights for each in (mixed(weight, linear, trees), linear, trees))
    assert mix <= min(parts) + 1e-12


@pytest.mark.parametrize(("knows", "weight"), [("linear", 0.0), ("trees", 1.0)])
def test_a_part_that_knows_beside_one_that_misleads_gets_all_the_weight(knows, weight):
    classes = np.arange(20) % 2
    right = np.stack([1.0 - classes, 1.0 * classes], axis=1)
    parts = {"linear": -right, "trees": -right, knows: right}
    found, outputs, _ = chosen_mix(
        parts["linear"], parts["trees"], as_targets(classes), np.arange(20) // 4, np.ones(20)
    )
    assert found == weight and np.array_equal(outputs, right)


def test_rows_that_were_never_held_out_count_for_nothing_and_stay_unknown():
    classes, folds = np.array([0, 1, 0, 1, 0, 1]), np.array([NEVER_HELD_OUT, NEVER_HELD_OUT, 0, 0, 1, 1])
    right = np.stack([1.0 - classes, 1.0 * classes], axis=1)
    right[:2] = np.nan
    weight, outputs, _ = chosen_mix(-right, right, as_targets(classes), folds, np.ones(6))
    assert weight == 1.0
    assert np.isnan(outputs[:2]).all() and np.array_equal(outputs[2:], right[2:])


def test_one_fold_alone_has_no_other_to_choose_by_so_its_parts_count_alike():
    classes, folds = np.array([0, 1, 0, 1]), np.array([NEVER_HELD_OUT, NEVER_HELD_OUT, 0, 0])
    right = np.stack([1.0 - classes, 1.0 * classes], axis=1)
    right[:2] = np.nan
    weight, outputs, report = chosen_mix(-right, right, as_targets(classes), folds, np.ones(4))
    assert (weight, report["by_fold"]) == (1.0, [EQUAL])
    assert outputs[2:].tolist() == [[0.0, 0.0]] * 2


def test_where_no_row_is_held_out_both_parts_count_alike():
    x, classes, _ = table(40)
    never = np.full(40, NEVER_HELD_OUT)
    method = Blend(BlendConfig(trees_see=2, **QUICK))
    solution = method.fit(x, as_targets(classes), never, np.random.default_rng(0))
    assert solution.fitted.spec["weight"] == EQUAL and np.isnan(solution.out_of_fold).all()


def test_it_is_the_mean_of_its_parts_and_better_where_a_class_needs_both():
    x, classes, folds = table(400)
    targets, method = as_targets(classes), Blend(BlendConfig(trees_see=2, trees={"rounds": 60, "least_rows": 5}))
    solution = method.fit(x, targets, folds, np.random.default_rng(0))
    parts = method.parts()
    linear = parts["linear"].fit(x[:, :2], targets, folds, np.random.default_rng(0))
    trees = parts["trees"].fit(x[:, 2:], targets, folds, np.random.default_rng(0))
    weight = solution.fitted.spec["weight"]
    assert 0 < weight < 1
    expected = (1 - weight) * parts["linear"].predict(linear.fitted, x[:, :2])
    expected = expected + weight * parts["trees"].predict(trees.fitted, x[:, 2:])
    assert np.array_equal(method.predict(solution.fitted, x), expected)
    mix, *alone = (log_loss(each.out_of_fold, classes) for each in (solution, linear, trees))
    assert mix < min(alone) - 0.02


def test_a_blend_of_what_is_solved_already_is_the_blend_that_solves_it():
    x, classes, folds = table()
    weights = np.random.default_rng(5).random(len(x)) + 0.5
    targets, method = as_targets(classes), Blend(BlendConfig(trees_see=2, **QUICK))
    whole = method.fit(x, targets, folds, np.random.default_rng(0), weights)
    parts = [
        part.fit(features, targets, folds, np.random.default_rng(0), weights)
        for part, features in zip(method.parts().values(), parted(x, 2), strict=True)
    ]
    joined = method.join(*parts, targets, folds, weights)
    assert joined.fitted.spec == whole.fitted.spec
    assert np.array_equal(joined.out_of_fold, whole.out_of_fold)
    assert np.array_equal(method.predict(joined.fitted, x), method.predict(whole.fitted, x))


def test_a_gap_is_the_trees_to_take_and_refused_among_the_features_of_the_linear_model():
    x, classes, folds = table()
    method = Blend(BlendConfig(trees_see=2, **QUICK))
    assert np.isfinite(method.fit(x, as_targets(classes), folds, np.random.default_rng(0)).out_of_fold).all()
    x[7, 1] = np.nan
    with pytest.raises(DataError, match="1 of 120 rows hold NaN"):
        method.fit(x, as_targets(classes), folds, np.random.default_rng(0))


def test_all_features_for_the_trees_leave_the_linear_model_none():
    x, classes, folds = table()
    with pytest.raises(ShapeError, match="it is 4 of 4"):
        Blend(BlendConfig(trees_see=4)).fit(x, as_targets(classes), folds, np.random.default_rng(0))


def test_another_width_than_in_training_is_refused_before_the_features_are_parted():
    x, classes, folds = table()
    method = Blend(BlendConfig(trees_see=2, **QUICK))
    solution = method.fit(x, as_targets(classes), folds, np.random.default_rng(0))
    with pytest.raises(ShapeError, match=r"\(N, 4\)"):
        method.predict(solution.fitted, x[:, 1:])
