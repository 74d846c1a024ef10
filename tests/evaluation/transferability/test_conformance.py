"""Every score of the room, found by its file: what may be relied on whichever is chosen."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.transferability.helpers_transferability import ROOM, as_targets, made, score
from headstart.core import plugins
from headstart.core.errors import ConfigError, ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.transferability.contract import LARGEST

SCORES = plugins.names(ROOM)
KINDS = [(name, kind) for name in SCORES for kind in sorted(plugins.load(ROOM, name).targets)]
every_score = pytest.mark.parametrize("name", SCORES)
every_kind = pytest.mark.parametrize(("name", "kind"), KINDS, ids=[f"{name}-{kind}" for name, kind in KINDS])


def of_kind(kind, classes):
    width = int(classes.max()) + 1
    if kind == "multilabel":
        return Targets((classes[:, None] == np.arange(width)).astype(np.float64), kind, width)
    return Targets(classes.astype(np.float64), kind, 1) if kind == "real" else Targets(classes, kind, width)


def test_the_room_has_its_scores_and_helpers_are_none():
    assert set(SCORES) >= {"h_score", "log_me", "nleep", "parc", "sfda"}
    assert not {"contract", "spectrum", "gaussian_mixture"} & set(SCORES)


@every_score
def test_a_score_says_what_it_is_and_where_it_comes_from(name):
    plugin = plugins.load(ROOM, name)
    assert plugin.paper.startswith("arXiv:") and len(plugins.summary(ROOM, name)) > 20
    assert "class" in plugin.targets


@every_kind
def test_the_same_seed_gives_the_same_finite_bits(name, kind):
    x, y = made(90, 8)
    values = {score(name, x, of_kind(kind, y), seed=3) for _ in range(2)}
    assert len(values) == 1 and all(isinstance(value, float) and np.isfinite(value) for value in values)


@every_kind
def test_informative_features_beat_shuffled_targets(name, kind):
    x, y = made(240, 10, 3, apart=1.0)
    for seed in range(3):
        shuffled = np.random.default_rng(seed).permutation(y)
        assert score(name, x, of_kind(kind, y), seed) > score(name, x, of_kind(kind, shuffled), seed)


@every_score
def test_the_farther_the_classes_the_higher(name):
    far = [made(240, 10, apart=apart) for apart in (0.0, 0.7, 3.0)]
    low, middle, high = (score(name, x, as_targets(y)) for x, y in far)
    assert low < middle < high


@every_score
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_small_types_score_as_their_values_do_and_features_are_left_alone(name, dtype):
    x, y = made(60, 6)
    x = x.astype(dtype)
    before = x.copy()
    assert score(name, x, as_targets(y)) == score(name, x.astype(np.float64), as_targets(y))
    assert np.array_equal(x, before)


HARD = {
    "constant dimensions": lambda x, y: (np.hstack([x, np.full((len(x), 3), 5.0), np.zeros((len(x), 3))]), y),
    "all the same": lambda x, y: (np.full_like(x, 0.1), y),
    "all zero": lambda x, y: (np.zeros_like(x), y),
    "more dimensions than rows": lambda x, y: (np.hstack([x] * 20), y),
    "one dimension": lambda x, y: (x[:, :1], y),
    "a class of one": lambda x, y: (x, np.where(np.arange(len(y)) == 7, 3, np.minimum(y, 1) * 2)),
    "every class of one": lambda x, y: (x, np.arange(len(y))),
    "duplicates": lambda x, y: (np.repeat(x[:6], len(x) // 6, axis=0), np.repeat(y[:6], len(x) // 6)),
    "duplicates of every class": lambda x, y: (np.tile(x[:4], (len(x) // 4, 1)), y),
    "classes are points": lambda x, y: (np.eye(3)[y], y),
    "two rows": lambda x, y: (x[:2], y[:2]),
    "large": lambda x, y: (np.clip(x * 2e4, -65504, 65504).astype(np.float16), y),
    "huge": lambda x, y: (x * 1e37, y),
    "tiny": lambda x, y: (x * 1e-30, y),
    "vanishing": lambda x, y: (x * 1e-200, y),
    "far from zero": lambda x, y: (x * 1e-3 + 1e5, y),
    "one large row": lambda x, y: (np.where(np.arange(len(x))[:, None] == 0, 1e8, x), y),
}


@every_kind
@pytest.mark.parametrize("case", HARD)
def test_hard_features_give_finite_numbers(name, kind, case):
    x, y = HARD[case](*made(60, 6))
    assert np.isfinite(score(name, x, of_kind(kind, y)))


@every_score
def test_a_class_without_examples_does_not_count(name):
    x, y = made(60, 6)
    absent = np.array([0, 2, 5])[y]
    assert score(name, x, as_targets(absent, width=9)) == pytest.approx(score(name, x, as_targets(y)), rel=1e-9)


@every_score
def test_what_cannot_be_scored_is_said(name):
    x, y = made(30, 4)
    with pytest.raises(ShapeError, match=r"features must be \(N, D\)"):
        score(name, x[:, 0], as_targets(y))
    with pytest.raises(ShapeError, match="each of 29 rows"):
        score(name, x[:29], as_targets(y))
    for bad in (np.nan, np.inf, LARGEST):
        with pytest.raises(ShapeError, match="2 of 30 rows"):
            score(name, np.where(np.arange(30)[:, None] % 20 == 3, bad, x), as_targets(y))
    with pytest.raises(ShapeError, match="two classes; got 1"):
        score(name, x, as_targets(np.zeros(30, int), width=3))


@every_score
def test_a_kind_that_a_score_does_not_take_is_refused(name):
    x, y = made(30, 4)
    for kind in {"class", "ordinal", "multilabel", "real"} - plugins.load(ROOM, name).targets:
        with pytest.raises(ConfigError, match=f"^the kind of targets of this score must be .* got '{kind}'"):
            score(name, x, of_kind(kind, y))


def test_numbers_that_are_all_the_same_are_refused():
    with pytest.raises(ShapeError, match="all 5 rows"):
        score("log_me", np.eye(5), Targets(np.ones(5), "real", 1))
