"""Every calibrator of the room, found by its file: what may be relied on whichever is chosen."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.calibrators.helpers_calibrators import ROOM, built, made, of_kind
from headstart.core import plugins
from headstart.core.errors import ConfigError, ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.contract import log_losses
from headstart.evaluation.softmax import softmax

NAMES = plugins.names(ROOM)
KINDS = [(name, kind) for name in NAMES for kind in sorted(plugins.load(ROOM, name).targets)]
every = pytest.mark.parametrize("name", NAMES)
every_kind = pytest.mark.parametrize(("name", "kind"), KINDS, ids=[f"{name}-{kind}" for name, kind in KINDS])


def test_the_room_has_its_maps_and_helpers_are_none():
    assert set(NAMES) == {"temperature", "vector", "isotonic"}


@every
def test_a_map_says_what_it_is_and_where_it_comes_from(name):
    assert plugins.load(ROOM, name).paper and len(plugins.summary(ROOM, name)) > 20


@every_kind
def test_rows_a_map_did_not_see_lose_less_where_the_model_was_twice_too_sure(name, kind):
    targets, outputs = of_kind(kind, n=600, too_sharp=2.0)
    new, new_outputs = of_kind(kind, n=2000, too_sharp=2.0, seed=1)
    calibrator = built(name)
    arrays = calibrator.fit(targets, outputs)
    after = calibrator.apply(arrays, new_outputs, kind)
    assert after.shape == new_outputs.shape and after.dtype == np.float64
    assert log_losses(new, after).mean() < log_losses(new, new_outputs).mean() - 0.02


@every_kind
def test_the_same_rows_give_the_same_bits_and_nothing_given_is_changed(name, kind):
    targets, outputs = of_kind(kind)
    kept = outputs.copy(), targets.values.copy()
    first, second = (built(name).fit(targets, outputs) for _ in range(2))
    assert first.keys() == second.keys() and all(np.array_equal(first[key], second[key]) for key in first)
    built(name).apply(first, outputs, kind)
    assert np.array_equal(outputs, kept[0]) and np.array_equal(targets.values, kept[1])


@every_kind
def test_a_row_twice_counts_as_a_weight_of_two(name, kind):
    targets, outputs = of_kind(kind, n=60)
    twice = np.arange(60) < 20
    rows = np.append(np.arange(60), np.flatnonzero(twice))
    by_weight = built(name).fit(targets, outputs, 1.0 + twice)
    by_row = built(name).fit(targets.take(rows), outputs[rows])
    after = [built(name).apply(arrays, outputs, kind) for arrays in (by_weight, by_row)]
    # the priors count a row of weight 2 as one row, and 80 rows are not 60
    assert np.allclose(*after, atol=0.15 * np.abs(after[1]).max())


@every_kind
def test_a_row_of_no_weight_is_not_there(name, kind):
    targets, outputs = of_kind(kind, n=60)
    there = np.arange(60) % 3 > 0
    with_zeros, without = (
        built(name).fit(targets, outputs, there.astype(float)),
        built(name).fit(targets.take(there), outputs[there]),
    )
    assert all(np.allclose(with_zeros[key], without[key], atol=1e-6) for key in without)


@every
def test_a_constant_added_to_a_row_of_class_logits_changes_nothing(name):
    targets, outputs = made(90)
    moved = outputs + np.random.default_rng(3).normal(size=(90, 1)) * 5
    maps = [built(name).fit(targets, each) for each in (outputs, moved)]
    after = [softmax(built(name).apply(maps[i], each, "class")) for i, each in enumerate((outputs, moved))]
    assert np.allclose(*after, atol=1e-5)


HARD = {
    "all right and sure": lambda y, z: (y, np.where(np.eye(3)[y] > 0, 30.0, -30.0)),
    "all wrong and sure": lambda y, z: (y, np.where(np.eye(3)[y] > 0, -300.0, 300.0)),
    "all the same": lambda y, z: (y, np.zeros_like(z)),
    "one class alone": lambda y, z: (np.zeros_like(y), z),
    "one row": lambda y, z: (y[:1], z[:1]),
    "huge": lambda y, z: (y, z * 1e6),
    "tiny": lambda y, z: (y, z * 1e-12),
    "float32": lambda y, z: (y, z.astype(np.float32)),
    "duplicates": lambda y, z: (np.repeat(y[:3], 20), np.repeat(z[:3], 20, axis=0)),
}


@every
@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("kind", ["class", "multilabel"])
def test_hard_rows_give_finite_logits_also_for_rows_unlike_them(name, case, kind):
    y, z = HARD[case](made(60)[0].values, made(60)[1])
    targets = Targets(y, "class", 3) if kind == "class" else Targets(np.eye(3)[y], "multilabel", 3)
    arrays = built(name).fit(targets, z)
    for rows in (z, made(20, seed=9)[1], np.full((2, 3), 1e3), np.array([[1e4, -1e4, 0.0]])):
        assert np.isfinite(built(name).apply(arrays, rows, kind)).all()
    assert all(np.isfinite(array).all() for array in arrays.values())


@every
def test_what_cannot_be_fitted_is_said(name):
    targets, outputs = made(30)
    calibrator = built(name)
    with pytest.raises(ShapeError, match=r"outputs must be \(N, 3\)"):
        calibrator.fit(targets, outputs[:29])
    with pytest.raises(ShapeError, match="1 of 30 rows"):
        calibrator.fit(targets, np.where(np.arange(30)[:, None] == 3, np.nan, outputs))
    with pytest.raises(ShapeError, match="weights must be"):
        calibrator.fit(targets, outputs, np.zeros(30))
    with pytest.raises(ShapeError, match="weights must be"):
        calibrator.fit(targets, outputs, -np.ones(30))
    with pytest.raises(ConfigError, match="got 'real'"):
        calibrator.fit(Targets(np.zeros(30), "real", 1), outputs[:, :1])
