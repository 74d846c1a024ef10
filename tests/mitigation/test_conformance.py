"""Every mitigation of the room keeps what all of them promise."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from headstart.core import plugins
from headstart.core.errors import ConfigError, DataError
from headstart.core.learning import NEVER_HELD_OUT, Targets
from headstart.mitigation.group_thresholds import predict as predict_by_group
from headstart.mitigation.grouped import UNKNOWN, Grouped
from mitigation.helpers_mitigation import PROBE, given, spurious, worst_accuracy

NAMES = plugins.names("mitigation")
SMALL = {
    "balanced_subsampling": {"draws": 3},
    "budgeted_dro": {"most_cost": 1.0},  # what it may cost is looked at in its own tests
    "dfr": {"draws": 3},
    "group_dro": {"penalties": (1.0, 10.0)},
    "nuisance_projection": {"shrinkages": (1.0, 100.0), "penalties": (1.0,)},
}
TRAINING = [name for name in NAMES if "group" not in plugins.load("mitigation", name).needs]
# those for new domains choose on domains that are held out, which are not the groups of a shortcut
FOR_THE_WORST = [name for name in TRAINING if "domains" not in plugins.load("mitigation", name).needs]
LINEAR = [name for name in TRAINING if name != "reweighting"]


def fit(name, rows, seed=0, method=PROBE, **settings):
    plugin = plugins.load("mitigation", name)
    built = plugin.build(plugin.config(**{**SMALL.get(name, {}), **settings}))
    return built.fit(rows, method, np.random.default_rng(seed))


def outputs(name, solution, x, groups):
    if name in TRAINING:
        return PROBE.predict(solution.fitted, x)
    return predict_by_group(solution.fitted, x, groups, PROBE)


def plain(rows):
    return PROBE.fit(rows.features, rows.targets, rows.folds, np.random.default_rng(0), rows.weights)


def test_the_room_has_seven():
    six = ["balanced_subsampling", "budgeted_dro", "dfr", "group_dro", "group_thresholds", "reweighting"]
    assert NAMES == sorted([*six, "nuisance_projection"])


@pytest.mark.parametrize("name", FOR_THE_WORST)
def test_it_lifts_the_worst_group_of_a_shortcut(name):
    rows = given(600)
    x, classes, groups = spurious(4000, agree=0.5, seed=1)
    before = worst_accuracy(PROBE.predict(plain(rows).fitted, x).argmax(1) == classes, classes, groups)
    found = PROBE.predict(fit(name, rows).fitted, x)
    after = worst_accuracy(found.argmax(1) == classes, classes, groups)
    assert before < 0.75 and after > 0.84  # the core feature alone is right in 93 of 100
    own = fit(name, rows).out_of_fold.argmax(1) == rows.targets.values
    held_out = plain(rows).out_of_fold.argmax(1) == rows.targets.values
    arguments = rows.targets.values, rows.groups
    assert worst_accuracy(own, *arguments) > worst_accuracy(held_out, *arguments)


@pytest.mark.parametrize("name", NAMES)
def test_strength_0_is_the_plain_solution(name):
    rows = given(200)
    expected = plain(rows)
    found = fit(name, rows, strength=0.0)
    assert outputs(name, found, rows.features, rows.groups) == pytest.approx(
        PROBE.predict(expected.fitted, rows.features), abs=1e-5
    )
    assert found.out_of_fold == pytest.approx(expected.out_of_fold, abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_groups_may_be_numbered_another_way(name):
    rows = given(200)
    other = replace(rows, groups=np.where(rows.groups == 0, 7, 3))
    first, second = fit(name, rows), fit(name, other)
    assert outputs(name, second, rows.features, other.groups) == pytest.approx(
        outputs(name, first, rows.features, rows.groups), abs=2e-2
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bits(name):
    first, second = fit(name, given(120)), fit(name, given(120))
    assert np.array_equal(first.out_of_fold, second.out_of_fold) and first.report == second.report
    assert all(np.array_equal(array, second.fitted.arrays[key]) for key, array in first.fitted.arrays.items())


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_were_never_held_out_have_no_outputs_and_the_report_is_json(name):
    rows = given(120)
    folds = rows.folds.copy()
    folds[:10] = NEVER_HELD_OUT
    solution = fit(name, replace(rows, folds=folds))
    assert solution.out_of_fold.shape == (120, 2) and solution.out_of_fold.dtype == np.float64
    assert np.isnan(solution.out_of_fold[:10]).all() and np.isfinite(solution.out_of_fold[10:]).all()
    json.dumps([solution.report, solution.fitted.spec], allow_nan=False)
    assert solution.report["mitigation"]["name"] == name


@pytest.mark.parametrize("name", NAMES)
def test_without_folds_it_is_solved_with_what_the_config_says(name):
    rows = given(80)
    solution = fit(name, replace(rows, folds=np.full(80, NEVER_HELD_OUT)))
    assert np.isnan(solution.out_of_fold).all()
    assert np.isfinite(outputs(name, solution, rows.features, rows.groups)).all()
    json.dumps(solution.report, allow_nan=False)


@pytest.mark.parametrize("name", TRAINING)
def test_the_bundle_serves_it_like_a_linear_probe(name):
    spec = fit(name, given(120)).fitted.spec
    assert spec["method"] == "linear_probe" and spec["form"] == "linear"


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_an_unknown_group_are_taken_as_they_are(name):
    rows = given(200)
    groups = rows.groups.copy()
    groups[:20] = UNKNOWN
    solution = fit(name, replace(rows, groups=groups))
    assert np.isfinite(solution.out_of_fold).all()
    assert np.isfinite(outputs(name, solution, rows.features, groups)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_of_one_row_works(name):
    rows = given(120)
    groups = rows.targets.values.copy()
    groups[7] = 1 - groups[7]
    assert np.isfinite(fit(name, replace(rows, groups=groups)).out_of_fold).all()


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_weight_0_teach_nothing(name):
    rows = given(160)
    weights = (np.arange(160) >= 20).astype(float)
    other = rows.targets.values.copy()
    other[:20] = 1 - other[:20]
    first = fit(name, replace(rows, weights=weights))
    second = fit(name, replace(rows, weights=weights, targets=Targets(other, "class", 2)))
    assert outputs(name, first, rows.features, rows.groups) == pytest.approx(
        outputs(name, second, rows.features, rows.groups), abs=5e-3
    )


@pytest.mark.parametrize("name", NAMES)
def test_input_is_not_changed(name):
    rows = given(120)
    for array in (rows.features, rows.targets.values, rows.groups, rows.folds):
        array.flags.writeable = False
    fit(name, rows)


@pytest.mark.parametrize("name", TRAINING)
def test_three_classes_and_three_groups_work(name):
    rng = np.random.default_rng(0)
    classes, groups = np.arange(180) % 3, rng.integers(3, size=180)
    x = rng.normal(size=(180, 6)).astype(np.float32)
    x[np.arange(180), classes] += 3
    rows = Grouped(x, Targets(classes, "class", 3), groups, np.arange(180) % 5)
    solution = fit(name, rows)
    assert (solution.out_of_fold.argmax(1) == classes).mean() > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_that_is_not_on_the_plugin_is_refused(name):
    rows = given(60)
    for kind in {"multilabel", "real"} - plugins.load("mitigation", name).targets:
        values = np.zeros((60, 2)) if kind == "multilabel" else np.zeros(60)
        with pytest.raises(DataError, match="kind of targets"):
            fit(name, replace(rows, targets=Targets(values, kind, 2 if kind == "multilabel" else 1)))


@pytest.mark.parametrize("name", LINEAR)
def test_what_changes_linear_models_refuses_others(name):
    neighbours = plugins.load("methods", "knn")
    with pytest.raises(ConfigError, match="Use the linear probe, or reweighting"):
        fit(name, given(60), method=neighbours.build(neighbours.config()))
