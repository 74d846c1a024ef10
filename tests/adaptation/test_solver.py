import numpy as np
import pytest

from adaptation.helpers_adaptation import SOLVER, drawn, shifted
from headstart.adaptation.solver import LEAST_STRENGTH, MethodSolver, PenaltySolver, solver_of
from headstart.core.learning import NEVER_HELD_OUT, Targets


@pytest.fixture(scope="module")
def rows():
    source, classes = drawn(np.random.default_rng(0), 90)
    return source, Targets(classes, "class", 3)


def loss(head, features, targets, penalty):
    """What is minimised, on features standardised as the probe does it."""
    spread = features.std(axis=0)
    weight = head.arrays["weight"].astype(float)
    outputs = features @ weight.T + head.arrays["bias"]
    outputs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    return -outputs[np.arange(len(targets)), targets.values].sum() + penalty / 2 * ((weight * spread) ** 2).sum()


def test_no_head_nearby_is_better(rows):
    features, targets = rows
    head = SOLVER.fit(features, targets)
    best = loss(head, features.astype(float), targets, 1.0)
    rng = np.random.default_rng(1)
    for _ in range(20):
        other = {name: array + 0.1 * rng.normal(size=array.shape) for name, array in head.arrays.items()}
        assert loss(type(head)(other, head.spec), features.astype(float), targets, 1.0) > best


def test_a_row_of_weight_2_counts_as_two(rows):
    features, targets = rows
    weights = np.where(np.arange(90) < 30, 2.0, 1.0)
    twice = np.concatenate([np.arange(90), np.arange(30)])
    one, other = SOLVER.fit(features, targets, weights), SOLVER.fit(features[twice], targets.take(twice))
    np.testing.assert_allclose(one.arrays["weight"], other.arrays["weight"], atol=0.02)


def test_several_weightings_are_each_solved_as_alone_on_the_rows_that_weigh_something(rows):
    features, targets = rows
    weightings = np.where(np.arange(90) % 3 == [[0], [1]], [[0.0], [0.0]], [[1.0], [2.0]])
    for weights, head in zip(weightings, SOLVER.fit_each(features, targets, weightings), strict=True):
        used = weights > 0
        alone = SOLVER.fit(features[used], targets.take(used), weights[used])
        assert head.spec == alone.spec
        for name, array in alone.arrays.items():
            np.testing.assert_allclose(head.arrays[name], array, atol=0.02)


def test_outputs_are_the_matrix_and_the_intercept(rows):
    features, targets = rows
    head = SOLVER.fit(features, targets)
    expected = features.astype(float) @ head.arrays["weight"].T + head.arrays["bias"]
    np.testing.assert_allclose(SOLVER.outputs(head, features), expected, rtol=1e-6)


def test_a_probes_penalty_is_chosen_on_source_rows_and_at_least_a_hundredth_a_feature():
    source = shifted("none", rows=90)[0].source
    apart = np.float32(40) * np.eye(3, 8, dtype=np.float32)[source.targets.values]
    separable = type(source)(source.features + apart, source.targets, source.groups, source.fresh)
    folds = np.arange(90) % 5
    found = solver_of("linear_probe", trained=False, source=separable, folds=folds, width=8, seed=0)
    assert found == PenaltySolver(pytest.approx(LEAST_STRENGTH * 8))
    overlapping = type(source)(source.features[:, 3:], source.targets, source.groups, source.fresh)
    strong = solver_of("linear_probe", trained=False, source=overlapping, folds=folds, width=5, seed=0)
    assert strong.penalty > 1


def test_without_source_rows_a_middling_penalty_is_taken_and_other_methods_are_themselves():
    assert solver_of("linear_probe", trained=False, source=None, folds=None, width=100, seed=0).penalty == 1.0
    trained = solver_of("lp_ft", trained=True, source=None, folds=None, width=100, seed=0)
    assert isinstance(trained, PenaltySolver)
    assert isinstance(solver_of("knn", trained=False, source=None, folds=None, width=4, seed=0), MethodSolver)


def test_another_method_is_fitted_on_all_rows_the_same_each_time(rows):
    features, targets = rows
    seen = []

    class Method:
        def fit(self, features, targets, folds, rng, weights):
            seen.append((folds.tolist(), rng.random(), weights))
            return type("Solution", (), {"fitted": "a head"})

        def predict(self, fitted, features):
            return fitted, len(features)

    solver = MethodSolver(Method(), 3)
    assert solver.fit(features, targets) == solver.fit(features, targets) == "a head"
    assert seen[0] == seen[1] and set(seen[0][0]) == {NEVER_HELD_OUT}
    assert solver.outputs("a head", features) == ("a head", 90)
