from dataclasses import replace

import numpy as np
import pytest

from headstart.core.errors import DataError
from headstart.core.learning import Targets
from headstart.mitigation.dfr import PLUGIN
from headstart.mitigation.grouped import Grouped
from mitigation.helpers_mitigation import PROBE, given


def fit(rows, **settings):
    return PLUGIN.build(PLUGIN.config(draws=2, **settings)).fit(rows, PROBE, np.random.default_rng(0))


def test_only_rows_that_the_features_never_saw_are_learned_from():
    rows = given(300)
    fresh = np.arange(300) >= 100
    other = rows.features.copy()
    other[:100] = 99
    first, second = (fit(replace(rows, fresh=fresh, features=x)) for x in (rows.features, other))
    assert np.array_equal(first.fitted.arrays["weight"], second.fitted.arrays["weight"])


def test_without_such_a_row_of_a_known_group_it_says_so():
    rows = given(40)
    groups = np.where(np.arange(40) < 20, rows.groups, -1)
    with pytest.raises(DataError, match="features were not trained on"):
        fit(replace(rows, groups=groups, fresh=np.arange(40) >= 20))


def test_half_strength_is_half_way_in_weights_and_in_outputs():
    rows = given(200)
    plain = PROBE.fit(rows.features, rows.targets, rows.folds, np.random.default_rng(0))
    full, half = fit(rows), fit(rows, strength=0.5)
    for key in ("weight", "bias"):
        middle = (full.fitted.arrays[key] + plain.fitted.arrays[key]) / 2
        assert half.fitted.arrays[key] == pytest.approx(middle, abs=1e-5)
    assert half.out_of_fold == pytest.approx((full.out_of_fold + plain.out_of_fold) / 2)


def test_the_strength_is_that_of_the_lowest_worst_loss_and_weak_ones_are_left_out_once_it_has_risen():
    told = fit(given(300)).report["mitigation"]
    losses = [point["worst_log_loss"] for point in told["path"]]
    assert told["chosen"] == told["path"][int(np.argmin(losses))]["strength"]
    assert all(loss <= 1.1 * min(losses[: at + 1]) for at, loss in enumerate(losses[:-1]))


def test_where_nothing_helps_the_worst_cell_it_still_says_something():
    rng, n = np.random.default_rng(0), 320
    groups, classes = np.arange(n) // 80, np.arange(n) % 2
    features = rng.normal(size=(n, 6))
    features[:, 0] += 2 * (2 * classes - 1) * np.where(groups == 3, -1, 1)  # in one group of four the sign turns
    rows = Grouped(features, Targets(classes, "class", 2), groups, np.arange(n) // 2 % 4)
    found = fit(rows)
    told = found.report["mitigation"]
    assert told["path"][0]["worst_log_loss"] == pytest.approx(np.log(2))  # of a model that knows nothing
    assert told["chosen"] < told["path"][0]["strength"]
    right = PROBE.predict(found.fitted, features).argmax(1) == classes
    assert right[groups < 3].mean() > 0.9


def test_many_useless_features_are_left_out_by_l1_and_kept_by_l2():
    rows = given(200, d=60)
    sparse, dense = fit(rows), fit(rows, penalty="l2")
    assert (sparse.fitted.arrays["weight"] == 0).mean() > 0.3
    assert (dense.fitted.arrays["weight"] == 0).mean() == 0


def test_outputs_of_all_rows_are_those_of_the_folds_on_the_average():
    rows = given(300)
    found = fit(rows)
    outputs = PROBE.predict(found.fitted, rows.features)
    agree = (outputs.argmax(1) == found.out_of_fold.argmax(1)).mean()
    assert agree > 0.9
