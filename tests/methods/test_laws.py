"""Laws of every solver: what must not matter does not, whatever the method is.

Each is about a fit, not about a formula: numbers of rows and names of classes are ours, and no solution may hang on
them. Outputs of classes are compared as probabilities, since logits are defined up to a constant per row.
"""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core import plugins
from methods.helpers_methods import features_like, probabilities
from methods.test_conformance import CLASSES, KINDS, build, fit

ROWS = 60


def predicted(name, kind, solution, x):
    outputs = build(name).predict(solution.fitted, x)
    return probabilities(outputs) if kind in ("class", "ordinal") else outputs


def every(pairs):
    return pytest.mark.parametrize(("name", "kind"), pairs, ids=[f"{name}-{kind}" for name, kind in pairs])


@every(KINDS)
def test_the_order_of_the_rows_does_not_matter(name, kind):
    x, classes, folds = features_like(ROWS, 6, 3, noise=2.0)
    turned = np.random.default_rng(5).permutation(ROWS)
    first = fit(name, x, classes, folds, kind=kind)
    second = fit(name, x[turned], classes[turned], folds[turned], kind=kind)
    assert predicted(name, kind, second, x) == pytest.approx(predicted(name, kind, first, x), abs=5e-3)


@pytest.mark.parametrize("name", CLASSES)
def test_which_class_has_which_number_does_not_matter(name):
    x, classes, folds = features_like(ROWS, 6, 3, noise=2.0)
    renamed = np.array([2, 0, 1])  # the new number of each class
    first = predicted(name, "class", fit(name, x, classes, folds), x)
    second = predicted(name, "class", fit(name, x, renamed[classes], folds), x)
    assert second[:, renamed] == pytest.approx(first, abs=5e-3)


@every(KINDS)
def test_weights_of_one_are_no_weights(name, kind):
    x, classes, folds = features_like(ROWS, 6, 3, noise=2.0)
    without = fit(name, x, classes, folds, kind=kind)
    with_ones = fit(name, x, classes, folds, weights=np.ones(ROWS), kind=kind)
    assert predicted(name, kind, with_ones, x) == pytest.approx(predicted(name, kind, without, x), abs=1e-6)


@every([pair for pair in KINDS if pair[1] == "real"])
def test_a_target_in_another_unit_is_predicted_in_that_unit(name, kind):
    x, classes, folds = features_like(ROWS, 6, 3, noise=2.0)
    first = predicted(name, kind, fit(name, x, classes, folds, kind=kind), x)
    other = predicted(name, kind, fit(name, x, 100 * classes + 40, folds, kind=kind), x)
    assert other == pytest.approx(100 * first + 40, abs=0.5)


@every(KINDS)
def test_a_fit_neither_draws_from_the_global_generator_nor_changes_what_it_is_given(name, kind):
    x, classes, folds = features_like(ROWS, 6, 3)
    weights = np.linspace(0.5, 1.5, ROWS)
    given = [each.copy() for each in (x, classes, folds, weights)]
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # the global one is what must be left alone
    fit(name, x, classes, folds, weights=weights, kind=kind)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert all(np.array_equal(one, other) for one, other in zip((x, classes, folds, weights), given, strict=True))


@every([pair for pair in KINDS if "examples" not in plugins.load("methods", pair[0]).needs])
def test_a_fitted_model_is_not_changed_by_predicting(name, kind):
    x, classes, folds = features_like(ROWS, 6, 3)
    fitted = fit(name, x, classes, folds, kind=kind).fitted
    arrays, spec = {key: array.copy() for key, array in fitted.arrays.items()}, dict(fitted.spec)
    build(name).predict(fitted, x)
    assert fitted.spec == spec
    assert all(np.array_equal(array, arrays[key]) for key, array in fitted.arrays.items())
