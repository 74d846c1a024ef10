from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from headstart.mitigation.cells import cells_of
from headstart.mitigation.reweighting import PLUGIN, equal_weights, independent_weights
from mitigation.helpers_mitigation import PROBE, given


def columns(n=120):
    return st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed).integers(0, 3, size=(2, n)))


def of(classes, groups):
    rows = given(len(classes))
    targets = replace(rows.targets, values=classes, width=3)
    return cells_of(replace(rows, targets=targets, groups=groups))


@cases(columns())
def test_equal_weights_give_every_cell_the_same_share(pair):
    cells = of(*pair)
    shares = cells.sizes(equal_weights(cells, np.ones(120)))
    assert shares == pytest.approx(np.full(len(cells), 120 / len(cells)))


@cases(columns())
def test_independent_weights_keep_the_shares_of_groups_and_classes_and_part_them(pair):
    classes, groups = pair
    weights = independent_weights(of(classes, groups), np.ones(120))
    table = np.zeros((3, 3))
    np.add.at(table, (groups, classes), weights)
    present = np.zeros((3, 3), bool)
    present[groups, classes] = True
    expected = np.outer(np.bincount(groups, minlength=3), np.bincount(classes, minlength=3)) / 120
    assert table[present] == pytest.approx(expected[present])


def test_kamiran_and_calders_own_example():
    # table 1 of the paper: 10 people; of 5 women 2 got the class, of 5 men 4. Weights 0.5 * 0.6 / 0.2 = 1.5, ...
    groups, classes = np.repeat([0, 1], 5), np.array([1, 1, 0, 0, 0, 1, 1, 1, 1, 0])
    weights = independent_weights(of(classes, groups), np.ones(10))
    assert weights.tolist() == pytest.approx([1.5] * 2 + [2 / 3] * 3 + [0.75] * 4 + [2.0])


def test_balanced_groups_leave_the_plain_solution():
    rows = given(200)
    rows = replace(rows, groups=(np.arange(200) // 2) % 2)
    expected = PROBE.fit(rows.features, rows.targets, rows.folds, np.random.default_rng(0))
    for towards in ("equal", "independent"):
        found = PLUGIN.build(PLUGIN.config(towards=towards)).fit(rows, PROBE, np.random.default_rng(0))
        assert np.array_equal(found.fitted.arrays["weight"], expected.fitted.arrays["weight"])


def test_the_weights_are_those_that_the_method_is_given():
    rows, seen = given(100), []

    class Spy:
        def fit(self, features, targets, folds, rng, weights=None):
            seen.append(weights)
            return PROBE.fit(features, targets, folds, rng, weights)

    PLUGIN.build(PLUGIN.config(strength=0.5)).fit(rows, Spy(), np.random.default_rng(0))
    factors = equal_weights(cells_of(rows), np.ones(100)) ** 0.5
    assert seen[0] == pytest.approx(factors * 100 / factors.sum())


def test_numbers_are_weighed_by_group():
    rows = given(100)
    targets = replace(rows.targets, values=rows.features[:, 0].astype(np.float64), kind="real", width=1)
    found = PLUGIN.build(PLUGIN.config()).fit(replace(rows, targets=targets), PROBE, np.random.default_rng(0))
    assert found.out_of_fold.shape == (100, 1) and found.report["mitigation"]["cells_n"] == 2
