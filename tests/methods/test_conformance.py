"""Every solver of the room, found by its file: what the rest of the project relies on."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from headstart.core import plugins
from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import NEVER_HELD_OUT, Fitted
from methods.helpers_methods import as_targets, features_like, log_loss

SOLVERS = [name for name in plugins.names("methods") if plugins.load("methods", name).kind == "solve"]


def build(name):
    plugin = plugins.load("methods", name)
    return plugin.build(plugin.config())


def fit(name, x, classes, folds, width=None, weights=None):
    return build(name).fit(x, as_targets(classes, width), folds, np.random.default_rng(0), weights)


def stored_and_read_again(fitted, folder):
    np.savez(folder / "arrays.npz", **fitted.arrays)
    (folder / "spec.json").write_text(json.dumps(fitted.spec, allow_nan=False))
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        return Fitted(dict(arrays), json.loads((folder / "spec.json").read_text()))


def test_the_room_has_solvers():
    assert {"knn", "linear_probe", "majority_class"} <= set(SOLVERS)


@pytest.mark.parametrize("name", SOLVERS)
def test_shapes_and_report_are_as_promised(name):
    x, classes, folds = features_like(40, 8, 3)
    folds[:4] = NEVER_HELD_OUT
    solution = fit(name, x, classes, folds, width=4)
    assert solution.out_of_fold.shape == (40, 4) and solution.out_of_fold.dtype == np.float64
    assert np.isnan(solution.out_of_fold[:4]).all() and np.isfinite(solution.out_of_fold[4:]).all()
    assert solution.fitted.spec["method"] == name and "form" in solution.fitted.spec
    assert build(name).predict(solution.fitted, x).shape == (40, 4)
    json.dumps([solution.report, solution.fitted.spec], allow_nan=False)


@pytest.mark.parametrize("name", SOLVERS)
def test_the_same_input_gives_the_same_bits(name):
    x, classes, folds = features_like(60, 12, 3)
    first, second = fit(name, x, classes, folds), fit(name, x.copy(), classes, folds)
    assert np.array_equal(first.out_of_fold, second.out_of_fold)
    for key, array in first.fitted.arrays.items():
        assert np.array_equal(array, second.fitted.arrays[key])


@pytest.mark.parametrize("name", SOLVERS)
def test_bits_do_not_depend_on_torch_threads_and_their_number_is_put_back(name):
    import torch

    x, classes, folds = features_like(60, 12, 3)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two = fit(name, x, classes, folds)
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)
        assert np.array_equal(two.out_of_fold, fit(name, x, classes, folds).out_of_fold)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("name", SOLVERS)
def test_saved_and_read_again_it_predicts_the_same(name, tmp_path):
    x, classes, folds = features_like(40, 8, 3)
    fitted = fit(name, x, classes, folds).fitted
    again = stored_and_read_again(fitted, tmp_path)
    assert np.array_equal(build(name).predict(fitted, x), build(name).predict(again, x))


@pytest.mark.parametrize("name", SOLVERS)
def test_it_predicts_where_torch_cannot_be_imported(name, tmp_path):
    x, classes, folds = features_like(40, 8, 3)
    fitted = fit(name, x, classes, folds).fitted
    stored_and_read_again(fitted, tmp_path)
    np.save(tmp_path / "x.npy", x)
    program = """
import json, sys
sys.modules["torch"] = None
import numpy as np
from headstart.core import plugins
from headstart.core.learning import Fitted
folder, name = sys.argv[1:]
plugin = plugins.load("methods", name)
fitted = Fitted(dict(np.load(folder + "/arrays.npz")), json.load(open(folder + "/spec.json")))
np.save(folder + "/logits.npy", plugin.build(plugin.config()).predict(fitted, np.load(folder + "/x.npy")))
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path), name], check=True, timeout=60)
    assert np.array_equal(np.load(tmp_path / "logits.npy"), build(name).predict(fitted, x))


@pytest.mark.parametrize("name", SOLVERS)
def test_input_is_not_changed_and_may_be_read_only_or_not_contiguous(name):
    x, classes, folds = features_like(40, 8, 3)
    expected = fit(name, x, classes, folds).out_of_fold
    wide = np.zeros((40, 16), np.float32)
    wide[:, ::2] = x
    wide.flags.writeable = False
    assert np.array_equal(fit(name, wide[:, ::2], classes, folds).out_of_fold, expected)
    x.flags.writeable = False
    assert np.array_equal(fit(name, x, classes, folds).out_of_fold, expected)


@pytest.mark.parametrize("name", SOLVERS)
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


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("value", [0.0, 7.25], ids=["zeros", "one value"])
def test_identical_features_give_the_shares_of_the_classes(name, value):
    classes = np.array([0] * 30 + [1] * 10)
    solution = fit(name, np.full((40, 6), value, np.float32), classes, np.arange(40) % 5)
    logits = build(name).predict(solution.fitted, np.full((1, 6), value, np.float32))[0]
    assert logits[0] > logits[1]
    if name != "knn":  # neighbours at equal distance are a matter of order
        assert np.exp(logits[0] - logits[1]) == pytest.approx(3, rel=1e-3)


@pytest.mark.parametrize("name", [name for name in SOLVERS if name != "knn"])  # k counts rows, whatever their weight
def test_a_weight_of_two_counts_like_the_row_twice(name):
    x, classes, folds = features_like(50, 6, 2, noise=2.0)
    weights = np.where(np.arange(50) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(50), weights.astype(int))
    weighted = fit(name, x, classes, folds, weights=weights)
    repeated = fit(name, x[twice], classes[twice], folds[twice])
    a, b = (build(name).predict(solution.fitted, x) for solution in (weighted, repeated))
    assert a == pytest.approx(b, abs=2e-2)


@pytest.mark.parametrize("name", SOLVERS)
def test_a_thousand_classes_work(name):
    rng = np.random.default_rng(0)
    classes = np.arange(1200) % 1000
    centres = rng.standard_normal((1000, 16))
    x = (centres[classes] + 0.1 * rng.standard_normal((1200, 16))).astype(np.float32)
    solution = fit(name, x, classes, np.arange(1200) // 1000)
    assert solution.out_of_fold.shape == (1200, 1000) and np.isfinite(solution.out_of_fold).all()


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(name, bad):
    x, classes, folds = features_like(20, 4, 2)
    x[3, 1] = bad
    with pytest.raises(DataError, match="1 of 20 rows"):
        fit(name, x, classes, folds)


@pytest.mark.parametrize("name", SOLVERS)
def test_predicting_with_another_width_is_refused(name):
    x, classes, folds = features_like(20, 4, 2)
    solution = fit(name, x, classes, folds)
    with pytest.raises(ShapeError, match=r"\(N, 4\)"):
        build(name).predict(solution.fitted, x[:, :3])
