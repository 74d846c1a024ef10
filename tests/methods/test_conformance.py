"""Every solver of the room, found by its file: what the rest of the project relies on."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_array

from headstart.core import plugins
from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import NEVER_HELD_OUT, Fitted, Targets
from methods.helpers_methods import features_like, log_loss

SOLVERS = [name for name in plugins.names("methods") if plugins.load("methods", name).kind == "solve"]
KINDS = [(name, kind) for name in SOLVERS for kind in sorted(plugins.load("methods", name).targets)]
CLASSES = [name for name in SOLVERS if "class" in plugins.load("methods", name).targets]
needs_of = {name: plugins.load("methods", name).needs for name in SOLVERS}
every_kind = pytest.mark.parametrize(("name", "kind"), KINDS, ids=[f"{name}-{kind}" for name, kind in KINDS])


SMALL = {
    "blend": {"trees": {"rounds": 12, "fallback_rounds": 12, "least_rows": 3}},
    "boosting": {"rounds": 12, "fallback_rounds": 12, "least_rows": 3},
    "boosted_directions": {"rounds": 12, "fallback_rounds": 12, "least_rows": 3},
    "rbf_features": {"waves": 32, "factors": (1.0,)},
    "sparse_linear": {"tolerance": 1e-6, "fold_tolerance": 1e-6, "passes": 20_000, "fold_passes": 20_000},
}
COUNTS_ROWS = {"blend", "boosted_directions", "boosting", "knn"}  # in a leaf, or as neighbours, whatever their weight


def build(name):
    """With its defaults, save that tests need neither hundreds of trees nor loose solutions."""
    plugin = plugins.load("methods", name)
    return plugin.build(plugin.config(**SMALL.get(name, {})))


def fit(name, x, classes, folds, width=None, weights=None, kind="class"):
    targets = of_kind(kind, np.asarray(classes), width)
    return build(name).fit(x, targets, folds, np.random.default_rng(0), weights)


def of_kind(kind, classes, width=None):
    """Targets of a kind made from classes: one label a class, or the class as a number."""
    width = int(width or classes.max() + 1)
    if kind == "multilabel":
        return Targets((classes[:, None] == np.arange(width)).astype(np.float64), kind, width)
    return Targets(classes.astype(np.float64), kind, 1) if kind == "real" else Targets(classes, kind, width)


def stored_and_read_again(fitted, folder):
    save_file({key: np.ascontiguousarray(array) for key, array in fitted.arrays.items()}, folder / "arrays.safetensors")
    (folder / "spec.json").write_text(json.dumps(fitted.spec, allow_nan=False))
    return Fitted(load_file(folder / "arrays.safetensors"), json.loads((folder / "spec.json").read_text()))


def test_the_room_has_solvers():
    assert {"boosting", "knn", "linear_probe", "majority_class", "mean_target", "rbf_features", "sparse_linear"} <= set(
        SOLVERS
    )


@every_kind
def test_shapes_and_report_are_as_promised(name, kind):
    x, classes, folds = features_like(40, 8, 3)
    folds[:4] = NEVER_HELD_OUT
    solution = fit(name, x, classes, folds, width=4, kind=kind)
    width = 1 if kind == "real" else 4
    assert solution.out_of_fold.shape == (40, width) and solution.out_of_fold.dtype == np.float64
    assert np.isnan(solution.out_of_fold[:4]).all() and np.isfinite(solution.out_of_fold[4:]).all()
    assert solution.fitted.spec["method"] == name and "form" in solution.fitted.spec
    assert build(name).predict(solution.fitted, x).shape == (40, width)
    json.dumps([solution.report, solution.fitted.spec], allow_nan=False)


@every_kind
def test_the_same_input_gives_the_same_bits(name, kind):
    x, classes, folds = features_like(60, 12, 3)
    first, second = fit(name, x, classes, folds, kind=kind), fit(name, x.copy(), classes, folds, kind=kind)
    assert np.array_equal(first.out_of_fold, second.out_of_fold)
    for key, array in first.fitted.arrays.items():
        assert np.array_equal(array, second.fitted.arrays[key])


@every_kind
def test_bits_do_not_depend_on_torch_threads_and_their_number_is_put_back(name, kind):
    import torch

    x, classes, folds = features_like(60, 12, 3)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two = fit(name, x, classes, folds, kind=kind)
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)
        assert np.array_equal(two.out_of_fold, fit(name, x, classes, folds, kind=kind).out_of_fold)
    finally:
        torch.set_num_threads(before)


@every_kind
def test_saved_and_read_again_it_predicts_the_same(name, kind, tmp_path):
    x, classes, folds = features_like(40, 8, 3)
    fitted = fit(name, x, classes, folds, kind=kind).fitted
    again = stored_and_read_again(fitted, tmp_path)
    assert np.array_equal(build(name).predict(fitted, x), build(name).predict(again, x))


@pytest.mark.parametrize("name", SOLVERS)
def test_it_predicts_where_neither_torch_nor_scikit_learn_can_be_imported(name, tmp_path):
    x, classes, folds = features_like(40, 8, 3)
    fitted = fit(name, x, classes, folds, kind=sorted(plugins.load("methods", name).targets)[0]).fitted
    stored_and_read_again(fitted, tmp_path)
    np.save(tmp_path / "x.npy", x)
    program = """
import json, sys
sys.modules["torch"] = sys.modules["sklearn"] = None
import numpy as np
from safetensors.numpy import load_file
from headstart.core import plugins
from headstart.core.learning import Fitted
folder, name = sys.argv[1:]
plugin = plugins.load("methods", name)
fitted = Fitted(load_file(folder + "/arrays.safetensors"), json.load(open(folder + "/spec.json")))
np.save(folder + "/outputs.npy", plugin.build(plugin.config()).predict(fitted, np.load(folder + "/x.npy")))
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path), name], check=True, timeout=60)
    assert np.array_equal(np.load(tmp_path / "outputs.npy"), build(name).predict(fitted, x))


@every_kind
def test_an_input_is_predicted_alike_whatever_is_beside_it(name, kind):
    if "examples" in needs_of[name]:
        pytest.skip("it never ships, so nothing is predicted one by one")
    x, classes, folds = features_like(70, 8, 3)
    fitted = fit(name, x, classes, folds, kind=kind).fitted
    whole = build(name).predict(fitted, x)
    assert np.array_equal(build(name).predict(fitted, x[33:34]), whole[33:34])
    assert np.array_equal(build(name).predict(fitted, x[::-1]), whole[::-1])


@every_kind
def test_one_feature_and_more_features_than_rows_work(name, kind):
    for d in (1, 60):
        x, classes, folds = features_like(30, d, 2)
        solution = fit(name, x, classes, folds, kind=kind)
        assert np.isfinite(solution.out_of_fold).all()
        assert np.isfinite(build(name).predict(solution.fitted, x)).all()


@every_kind
def test_a_class_of_one_row_works(name, kind):
    x, classes, folds = features_like(41, 6, 2)
    classes[40] = 2
    solution = fit(name, x, classes, folds, kind=kind)
    assert np.isfinite(solution.out_of_fold).all() and np.isfinite(build(name).predict(solution.fitted, x)).all()


@every_kind
def test_rows_of_weight_0_teach_nothing(name, kind):
    x, classes, folds = features_like(60, 6, 2)
    weights = (np.arange(60) >= 10).astype(float)
    other = classes.copy()
    other[:10] = 1 - other[:10]
    mine, others = (fit(name, x, these, folds, weights=weights, kind=kind) for these in (classes, other))
    assert build(name).predict(mine.fitted, x) == pytest.approx(build(name).predict(others.fitted, x), abs=1e-4)


@pytest.mark.parametrize("name", [name for name in SOLVERS if "sparse" in needs_of[name]])
def test_sparse_features_give_what_dense_ones_give(name):
    for kind in sorted(plugins.load("methods", name).targets):
        x, classes, folds = features_like(40, 8, 3)
        x[np.abs(x) < 2.5] = 0
        dense, sparse = fit(name, x, classes, folds, kind=kind), fit(name, csr_array(x), classes, folds, kind=kind)
        expected = build(name).predict(dense.fitted, x)
        assert build(name).predict(dense.fitted, csr_array(x)) == pytest.approx(expected, abs=1e-9)
        assert build(name).predict(sparse.fitted, x) == pytest.approx(expected, abs=1e-2)


@pytest.mark.parametrize("name", [name for name in SOLVERS if "sparse" not in needs_of[name]])
def test_sparse_features_are_refused_by_a_method_that_takes_none(name):
    x, classes, folds = features_like(20, 4, 2)
    with pytest.raises(DataError, match="dense features"):
        fit(name, csr_array(x), classes, folds)


@pytest.mark.parametrize("name", SOLVERS)
def test_a_kind_that_is_not_on_the_plugin_is_refused(name):
    x, classes, folds = features_like(20, 4, 2)
    for kind in {"class", "ordinal", "multilabel", "real"} - plugins.load("methods", name).targets:
        with pytest.raises(DataError, match="kind of targets"):
            fit(name, x, classes, folds, kind=kind)


@pytest.mark.parametrize("name", CLASSES)
def test_input_is_not_changed_and_may_be_read_only_or_not_contiguous(name):
    x, classes, folds = features_like(40, 8, 3)
    expected = fit(name, x, classes, folds).out_of_fold
    wide = np.zeros((40, 16), np.float32)
    wide[:, ::2] = x
    wide.flags.writeable = False
    assert np.array_equal(fit(name, wide[:, ::2], classes, folds).out_of_fold, expected)
    x.flags.writeable = False
    assert np.array_equal(fit(name, x, classes, folds).out_of_fold, expected)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(
    ("classes", "folds"),
    [
        ([0, 1], [-1, -1]),
        ([0, 1], [0, 1]),
        ([0, 1, 2], [-1, -1, -1]),
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0]),
        ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]),
        ([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 2, 2]),
    ],
    ids=["two rows", "each row a fold", "never held out", "one fold", "folds by class", "class absent from a fold"],
)
def test_little_data_still_gives_finite_logits(name, classes, folds):
    x = np.random.default_rng(1).standard_normal((len(classes), 5)).astype(np.float32)
    solution = fit(name, x, classes, np.array(folds), width=3)
    assert np.isfinite(build(name).predict(solution.fitted, x)).all()
    seen = ~np.isnan(solution.out_of_fold).any(axis=1)
    expected = [fold >= 0 and any(other != fold for other in folds) for fold in folds]
    assert seen.tolist() == expected
    if seen.any():
        assert log_loss(solution.out_of_fold[seen], np.array(classes)[seen]) < 20


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("value", [0.0, 7.25], ids=["zeros", "one value"])
def test_identical_features_give_the_shares_of_the_classes(name, value):
    classes = np.array([0] * 30 + [1] * 10)
    solution = fit(name, np.full((40, 6), value, np.float32), classes, np.arange(40) % 5)
    logits = build(name).predict(solution.fitted, np.full((1, 6), value, np.float32))[0]
    assert logits[0] > logits[1]
    if name != "knn":  # neighbours at equal distance are a matter of order
        assert np.exp(logits[0] - logits[1]) == pytest.approx(3, rel=2e-2)


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in COUNTS_ROWS])
def test_a_weight_of_two_counts_like_the_row_twice(name):
    x, classes, folds = features_like(50, 6, 2, noise=2.0)
    weights = np.where(np.arange(50) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(50), weights.astype(int))
    weighted = fit(name, x, classes, folds, weights=weights)
    repeated = fit(name, x[twice], classes[twice], folds[twice])
    a, b = (build(name).predict(solution.fitted, x) for solution in (weighted, repeated))
    assert a == pytest.approx(b, abs=2e-2)


@pytest.mark.parametrize("name", CLASSES)
def test_a_thousand_classes_work(name):
    rng = np.random.default_rng(0)
    classes = np.arange(1200) % 1000
    centres = rng.standard_normal((1000, 16))
    x = (centres[classes] + 0.1 * rng.standard_normal((1200, 16))).astype(np.float32)
    solution = fit(name, x, classes, np.arange(1200) // 1000)
    assert solution.out_of_fold.shape == (1200, 1000) and np.isfinite(solution.out_of_fold).all()


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(name, bad):
    x, classes, folds = features_like(20, 4, 2)
    x[3, 1] = bad
    if np.isnan(bad) and "missing" in needs_of[name]:
        assert np.isfinite(fit(name, x, classes, folds).out_of_fold).all()
        return
    with pytest.raises(DataError, match="1 of 20 rows"):
        fit(name, x, classes, folds)


@pytest.mark.parametrize("name", CLASSES)
def test_predicting_with_another_width_is_refused(name):
    x, classes, folds = features_like(20, 4, 2)
    solution = fit(name, x, classes, folds)
    with pytest.raises(ShapeError, match=r"\(N, 4\)"):
        build(name).predict(solution.fitted, x[:, :3])
