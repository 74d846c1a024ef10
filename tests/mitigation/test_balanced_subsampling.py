from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from headstart.mitigation.balanced_subsampling import PLUGIN, draw, kept_sizes
from headstart.mitigation.cells import cells_of
from mitigation.helpers_mitigation import PROBE, given

SIZES = arrays(np.int64, st.integers(1, 6), elements=st.integers(1, 500))


@cases(SIZES, st.floats(0, 1), st.integers(1, 20))
def test_sizes_shrink_towards_the_smallest_and_none_is_lost(sizes, strength, least):
    kept = kept_sizes(sizes, strength, least)
    assert (kept >= 1).all() and (kept <= sizes).all()
    assert (kept_sizes(sizes, 0.0, least) == sizes).all()
    full = kept_sizes(sizes, 1.0, least)
    large = sizes[sizes >= least]
    assert len(set(full[sizes >= least])) <= 1
    assert (full[sizes >= least] == (large.min() if len(large) else 0)).all()


def test_a_draw_takes_as_many_of_each_cell():
    rows = given(400)
    cells = cells_of(rows)
    kept = draw(cells, np.ones(400), 1.0, 1, np.random.default_rng(0))
    counts = np.bincount(cells.code[kept])
    assert (counts == np.bincount(cells.code).min()).all() and len(counts) == 4


def test_rows_without_weight_or_group_are_not_drawn():
    rows = given(400)
    groups, weights = rows.groups.copy(), np.ones(400)
    groups[:100], weights[100:200] = -1, 0
    kept = draw(cells_of(replace(rows, groups=groups)), weights, 0.5, 1, np.random.default_rng(0))
    assert kept[200:].any() and not kept[:200].any()


def test_balanced_groups_leave_the_plain_solution():
    rows = replace(given(200), groups=(np.arange(200) // 2) % 2)
    expected = PROBE.fit(rows.features, rows.targets, rows.folds, np.random.default_rng(0))
    found = PLUGIN.build(PLUGIN.config(draws=2)).fit(rows, PROBE, np.random.default_rng(0))
    assert np.array_equal(found.fitted.arrays["weight"], expected.fitted.arrays["weight"])
    assert np.array_equal(found.out_of_fold, expected.out_of_fold)


def test_rows_that_no_draw_took_have_outputs_too():
    rows = given(400)
    found = PLUGIN.build(PLUGIN.config(draws=1)).fit(rows, PROBE, np.random.default_rng(0))
    assert found.report["mitigation"]["rows"] < 100 and np.isfinite(found.out_of_fold).all()
    assert PROBE.predict(found.fitted, rows.features) == pytest.approx(found.out_of_fold, abs=5)
