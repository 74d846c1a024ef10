"""Every detector of the room, found by its file: what may be relied on whichever is chosen."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.out_of_domain.helpers_out_of_domain import ROOM, built, elsewhere, made
from headstart.core import plugins
from headstart.core.errors import ConfigError, ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.out_of_domain.report import detection_report

NAMES = plugins.names(ROOM)
every = pytest.mark.parametrize("name", NAMES)
without_rows = pytest.mark.parametrize("name", [n for n in NAMES if "examples" not in plugins.load(ROOM, n).needs])


def test_the_room_has_its_detectors_and_helpers_are_none():
    assert set(NAMES) == {"mahalanobis", "relative_mahalanobis", "nearest"}
    assert {name for name in NAMES if "examples" in plugins.load(ROOM, name).needs} == {"nearest"}


@every
def test_a_detector_says_what_it_is_and_where_it_comes_from(name):
    assert plugins.load(ROOM, name).paper.startswith("arXiv:") and len(plugins.summary(ROOM, name)) > 20


@every
def test_rows_from_elsewhere_are_farther_out_than_new_rows_of_the_domain(name):
    x, targets = made()
    detector = built(name)
    arrays = detector.fit(x, targets)
    new, out = detector.score(arrays, made(seed=2)[0]), detector.score(arrays, elsewhere())
    assert new.shape == (200,) and new.dtype == np.float64
    assert detection_report(new, out)["auroc"]["value"] > 0.95


@every
def test_the_same_rows_give_the_same_bits_and_are_not_changed(name):
    x, targets = made(60)
    before = x.copy()
    first, second = (built(name).fit(x, targets) for _ in range(2))
    assert all(np.array_equal(first[key], second[key]) for key in first)
    scores = [built(name).score(first, x) for _ in range(2)]
    assert np.array_equal(*scores) and np.array_equal(x, before)


@every
def test_a_row_scores_the_same_alone_and_among_others(name):
    x, targets = made(60)
    arrays = built(name).fit(x, targets)
    together = built(name).score(arrays, x)
    assert np.allclose([built(name).score(arrays, x[[i]])[0] for i in range(10)], together[:10], atol=1e-6)
    assert built(name).score(arrays, x[:0]).shape == (0,)


@without_rows
def test_arrays_that_may_ship_are_small_and_hold_no_row(name):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 1000))
    arrays = built(name).fit(x, Targets(np.arange(300) % 5, "class", 5))
    assert sum(array.nbytes for array in arrays.values()) < 2 * 4 * 1000 * (64 + 5 + 5) + 4000
    assert all(not (array.ndim and array.shape[0] == 300) for array in arrays.values())
    # nor can one be put together from the directions: most of a row lies outside them
    off = (x - arrays["middle"]) * arrays["per_spread"]
    inside = off @ arrays["directions"]
    assert ((inside**2).sum(axis=1) < 0.7 * (off**2).sum(axis=1)).all()


HARD = {
    "constant dimensions": lambda x: np.hstack([x, np.full((len(x), 3), 0.1)]),
    "all the same": lambda x: np.full_like(x, 0.1),
    "all zero": np.zeros_like,
    "more dimensions than rows": lambda x: np.hstack([x] * 20),
    "one dimension": lambda x: x[:, :1],
    "duplicates": lambda x: np.repeat(x[:3], len(x) // 3, axis=0),
    "two rows": lambda x: x[:2],
    "one row": lambda x: x[:1],
    "float16": lambda x: x.astype(np.float16),
    "huge": lambda x: x * 1e37,
    "tiny": lambda x: x * 1e-30,
    "far from zero": lambda x: x * 1e-3 + 1e5,
    "one large row": lambda x: np.where(np.arange(len(x))[:, None] == 0, 1e8, x),
}


@every
@pytest.mark.parametrize("case", HARD)
def test_hard_rows_give_finite_scores_also_to_rows_unlike_them(name, case):
    x, targets = made(60)
    x = HARD[case](x)
    targets = targets.take(np.arange(len(x)))
    arrays = built(name).fit(x, targets)
    for rows in (x, np.zeros_like(x), np.full(x.shape, 1e4), -x):
        assert np.isfinite(built(name).score(arrays, rows)).all()
    assert all(np.isfinite(array).all() for array in arrays.values())


@every
@pytest.mark.parametrize("case", ["one of a class", "every class of one", "a class without rows"])
def test_classes_of_few_rows_do_no_harm(name, case):
    x, targets = made(60)
    y = {
        "one of a class": np.where(np.arange(60) == 7, 2, targets.values % 2),
        "every class of one": np.arange(60),
        "a class without rows": np.array([0, 2, 5])[targets.values],
    }[case]
    arrays = built(name).fit(x, Targets(y, "class", 70))
    assert np.isfinite(built(name).score(arrays, elsewhere())).all()


@every
def test_what_cannot_be_fitted_or_scored_is_said(name):
    x, targets = made(30)
    detector = built(name)
    arrays = detector.fit(x, targets)
    with pytest.raises(ShapeError, match=r"features must be \(N, D\)"):
        detector.fit(x[:, 0], targets)
    with pytest.raises(ShapeError, match="30 rows of features need as many targets; got 29"):
        detector.fit(x, targets.take(np.arange(29)))
    with pytest.raises(ShapeError, match="1 of 30 rows"):
        detector.fit(np.where(np.arange(30)[:, None] == 3, np.nan, x), targets)
    with pytest.raises(ShapeError, match="12 columns"):
        detector.score(arrays, x[:, :5])


def test_the_relative_distance_needs_classes():
    x, _ = made(30)
    with pytest.raises(ConfigError, match="got no targets"):
        built("relative_mahalanobis").fit(x)
    with pytest.raises(ConfigError, match="got real"):
        built("relative_mahalanobis").fit(x, Targets(x[:, 0], "real", 1))
